// Memory goes round: from size to size, from bins to pages, and back to the system when it is not
// needed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

using fake_port::Call;

std::size_t resident_bytes() {
  const pages::PageStatistics now = domain.pages.statistics();
  return std::size_t{now.in_use.value + now.free_dirty.value} * 4096;
}

std::vector<void*> fill(std::size_t total, std::size_t bytes) {
  std::vector<void*> blocks(total / bytes);
  for (void*& block : blocks) std::memset(block = allocate(bytes), 1, bytes);
  return blocks;
}

void free_all(const std::vector<void*>& blocks) {
  for (void* block : blocks) deallocate(block);
}

TEST(Reuse, WhatOneSizeFreedServesTheNext) {
  constexpr std::size_t kTotal = std::size_t{16} << 20;
  std::size_t peak = 0;
  for (const std::size_t bytes : {32u, 100u, 700u, 4000u, 20'000u, 100'000u, 1'000'000u}) {
    free_all(fill(kTotal, bytes));
    peak = std::max(peak, std::size_t{domain.pages.statistics().peak_in_use} * 4096);
  }
  EXPECT_LT(peak, kTotal * 3 / 2);
  EXPECT_EQ(nullptr, domain.pages.audit());
}

// The first times go back to the system, paid for by the growth before them.
void spend_credit(std::size_t total, std::size_t bytes) {
  for (int i = 0; i < 4; ++i) free_all(fill(total, bytes));
  ASSERT_FALSE(domain.pages.would_purge(std::size_t{1} << 20));
}

TEST(Reuse, WhatIsBuiltAgainAndAgainOpensNoSlabs) {
  constexpr std::size_t kTotal = std::size_t{16} << 20;
  for (const std::size_t bytes : {64u, 1000u, 10'000u, 30'000u}) {
    spend_credit(kTotal, bytes);
    const std::uint64_t opened = heap_statistics().slabs_opened;
    const std::size_t resident = resident_bytes();
    for (int i = 0; i < 5; ++i) free_all(fill(kTotal, bytes));
    EXPECT_EQ(opened, heap_statistics().slabs_opened) << bytes;
    EXPECT_EQ(resident, resident_bytes()) << bytes;
  }
  EXPECT_LT(resident_bytes(), kTotal * 5 / 4) << "one size serves the next";
}

// Nobody waits for a million cache misses: each slow path puts some blocks back, until all are.
TEST(Reuse, WhatIsCachedGoesBackPieceByPiece) {
  constexpr std::size_t kTotal = std::size_t{16} << 20;
  spend_credit(kTotal, 64);
  std::uint32_t before = domain.pages.statistics().in_use.value;
  ASSERT_GE(before, kTotal / 4096);
  std::uint32_t most = 0;
  std::vector<void*> others;
  for (int i = 0; i < 2000; ++i) {
    others.push_back(allocate(640));
    const std::uint32_t now = domain.pages.statistics().in_use.value;
    if (before > now) most = std::max(most, before - now);
    before = now;
  }
  EXPECT_LT(most, kTotal / 4096 / 4) << "pages of one call";
  EXPECT_LT(before, kTotal / 4096 / 4) << "the rest of what was cached";
  free_all(others);
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reuse, AHeapThatGrowsTakesWhatASleepingOneHasCached) {
  constexpr std::size_t kTotal = std::size_t{16} << 20;
  spend_credit(kTotal, 1000);
  ASSERT_GT(heap_statistics().free, kTotal / 2) << "cached";
  in_thread([&] {
    const std::vector<void*> blocks = fill(kTotal, 3000);
    EXPECT_LT(resident_bytes(), kTotal * 5 / 4);
    free_all(blocks);
  });
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reuse, AHeapAtWorkKeepsWhatItHasCached) {
  spend_credit(std::size_t{16} << 20, 1000);
  Heap& heap = *current_bins->heap;
  const std::uint64_t slabs = heap_statistics().slabs;
  in_thread([&] {
    heap.drain_for_growth();
    EXPECT_EQ(slabs, heap_statistics().slabs) << "it has been at work until now";
    for (int i = 0; i < 10; ++i) heap.drain_for_growth();
    EXPECT_LT(heap_statistics().slabs, slabs / 4) << "a sixteenth stays, in any slab";
  });
}

TEST(Reuse, FreedMemoryGoesBackAtOnce) {
  for (const std::size_t bytes : {64u, 1000u, 16'000u, 200'000u}) {
    fake_port::advance_milliseconds(10'000);
    free_all(fill(std::size_t{32} << 20, bytes));
    EXPECT_LT(resident_bytes(), std::size_t{3} << 20) << bytes;
  }
}

// A slab that is about to close gives no pages back before: one call of the system for each would
// be all that came of it.
TEST(Reuse, FreedInOrderItGoesBackInFewerCallsThanSlabs) {
  constexpr std::size_t kTotal = std::size_t{32} << 20;
  const std::vector<void*> blocks = fill(kTotal, 4000);
  const std::uint64_t calls = fake_port::calls(Call::kDecommit);
  free_all(blocks);
  EXPECT_LT(resident_bytes(), std::size_t{3} << 20);
  EXPECT_LT(fake_port::calls(Call::kDecommit) - calls, kTotal / kSlabBytes);
}

TEST(Reuse, MostlyFreeSlabsGiveTheirIdlePagesBack) {
  // One block in 64 stays: every slab is held by a few, but most pages by none.
  std::vector<void*> blocks = fill(std::size_t{32} << 20, 256);
  std::vector<void*> kept;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    i % 128 == 0 ? kept.push_back(blocks[i]) : deallocate(blocks[i]);
  }
  for (int i = 0; i < 50; ++i) {
    fake_port::advance_milliseconds(300);
    free_all(fill(std::size_t{1} << 20, 512));
  }
  std::size_t resident = 0;
  for (void* block : kept) resident += fake_port::resident_pages(block, 256);
  std::size_t all = 0;
  const auto low =
      address_of(*std::min_element(kept.begin(), kept.end())) & ~std::uintptr_t{0xffff};
  const auto high = address_of(*std::max_element(kept.begin(), kept.end())) | 0xffff;
  all = fake_port::resident_pages(reinterpret_cast<void*>(low), high - low);
  EXPECT_LE(resident, kept.size());
  EXPECT_LT(all * 4096, std::size_t{6} << 20) << "of 32 MiB that were touched";
  free_all(kept);
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reuse, AShiftOfSizesGivesIdlePagesBack) {
  constexpr std::size_t kLive = std::size_t{16} << 20;
  Random random(3);
  std::vector<void*> blocks = fill(kLive, 1000);
  const std::size_t kept = blocks.size() / 10;
  for (; blocks.size() > kept; blocks.pop_back()) {
    std::swap(blocks[random.below(static_cast<std::uint32_t>(blocks.size()))], blocks.back());
    deallocate(blocks.back());
  }
  for (void* block : fill(kLive - kept * 1000, 300)) blocks.push_back(block);
  const auto [low, high] = std::minmax_element(blocks.begin(), blocks.end());
  const std::size_t resident =
      fake_port::resident_pages(*low, address_of(*high) - address_of(*low)) * 4096;
  EXPECT_LT(resident, kLive * 3 / 2) << "two thirds of the old pages have no block left";
  free_all(blocks);
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reuse, IdleBinsAreDrainedAtTheTick) {
  free_all(fill(std::size_t{4} << 20, 2048));
  for (int i = 0; i < 100; ++i) {
    fake_port::advance_milliseconds(300);
    free_all(fill(4096, 16));
    deallocate(allocate(10'000'000));  // a slow path, which looks at the clock
  }
  EXPECT_LE(domain.pages.statistics().in_use.value, 4 * 16u)
      << "a slab of 16 bytes, and a few that are kept";
}

TEST(Reuse, FlushGivesEverythingBack) {
  LiveBlocks live;
  for (std::size_t bytes = 1; bytes < 1'000'000; bytes = bytes * 9 / 8 + 1)
    live.add(allocate(bytes), bytes);
  live.free_all();
  current_bins->heap->flush();
  EXPECT_EQ(0u, domain.pages.statistics().in_use.value);
  const HeapStatistics now = heap_statistics();
  EXPECT_EQ(0u, now.carved);
  EXPECT_EQ(0u, now.free);
  EXPECT_EQ(0u, now.slabs);
  EXPECT_EQ(0u, now.cached_runs);
}

TEST(Reuse, ATightLoopOfLargeBlocksAsksTheSystemNothing) {
  const auto round = [] {
    for (const std::size_t bytes : {40'000u, 100'000u, 300'000u}) deallocate(allocate(bytes));
  };
  round();
  const std::uint64_t reserves = fake_port::calls(Call::kReserve);
  const std::uint64_t decommits = fake_port::calls(Call::kDecommit);
  for (int i = 0; i < 1000; ++i) round();
  EXPECT_EQ(reserves, fake_port::calls(Call::kReserve));
  EXPECT_EQ(decommits, fake_port::calls(Call::kDecommit));
}

TEST(Reuse, CarvedIsTheSumOfItsParts) {
  Random random(11);
  LiveBlocks live;
  std::size_t in_hand = 0;
  std::map<void*, std::size_t> sizes;
  for (int i = 0; i < 5000; ++i) {
    const std::size_t bytes = random.below(3000);
    void* const block = allocate(bytes);
    live.add(block, bytes);
    in_hand += sizes[block] = usable_size(block);
    if (random.one_in(2)) {
      void* const gone = live.any(random);
      in_hand -= sizes[gone];
      sizes.erase(gone);
      live.free(gone);
    }
    if (i % 100 == 0) {
      const HeapStatistics now = heap_statistics();
      ASSERT_EQ(now.carved, now.free + in_hand);
      ASSERT_LE(now.carved, now.slabs * kSlabBytes);
    }
  }
}

}  // namespace
}  // namespace mete::heap

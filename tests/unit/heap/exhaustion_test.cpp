// No memory: null and nothing worse, wherever the system refuses; and all is well when there is
// memory again.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "heap/shared_heap.hpp"
#include "unit/fake_port/fresh_process.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

using fake_port::Call;

// Everything that may need memory, of every size, in this thread, in a young one and in one that is
// given a heap if there is memory for it. Returns: how often there was none.
int work() {
  int refused = 0;
  LiveBlocks live;
  Random random(7);
  const auto add = [&](void* block, std::size_t bytes) { refused += !live.add(block, bytes); };
  for (std::size_t bytes = 1; bytes < 6'000'000; bytes = bytes * 3 / 2 + 1) {
    add(allocate(bytes), bytes);
    add(allocate_zeroed(bytes), bytes);
    add(allocate_aligned(4096, bytes), bytes);
    if (!live.empty()) refused += !live.resize(live.any(random), bytes);
    for (int i = 0; i < 30 && bytes < 5000; ++i) add(allocate(bytes), bytes);
  }
  const auto elsewhere = [&](std::size_t floor) {
    for (const std::size_t bytes : {10u, 3000u, 100'000u}) add(allocate(bytes), bytes);
    while (live.size() > floor) live.free(live.any(random));
    fake_port::end_thread();
    for (const std::size_t bytes : {11u, 4000u, 200'000u}) add(allocate(bytes), bytes);
  };
  in_young_thread([&] { elsewhere(300); });
  in_young_thread([&] {
    attach_thread();
    elsewhere(200);
  });
  live.free_all();
  const char* const fault = domain.pages.audit();
  EXPECT_EQ(nullptr, fault) << fault;
  return refused;
}

void expect_all_well() {
  EXPECT_EQ(0, work());
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Exhaustion, AtEveryReserve) {
  fake_port::in_fresh_process("nothing fails", [] { expect_all_well(); });
  for (const std::uint64_t times : {std::uint64_t{1}, fake_port::kForever}) {
    for (std::uint64_t nth = 1; nth <= 24; nth += kSlowdown / 2 + 1) {
      fake_port::in_fresh_process("reserve " + std::to_string(nth), [&] {
        fake_port::fail(Call::kReserve, nth, times);
        const int refused = work();
        if (times == fake_port::kForever && fake_port::failed(Call::kReserve) != 0) {
          EXPECT_GT(refused, 0);
        }
        fake_port::stop_failing();
        expect_all_well();
      });
    }
  }
}

TEST(Exhaustion, AtTheTableThatIsOnlyRead) {
  fake_port::fail(Call::kReserveReadOnly, 1, 1);
  EXPECT_EQ(nullptr, allocate(1));
  EXPECT_NE(nullptr, allocate(1));
  expect_all_well();
}

TEST(Exhaustion, WithoutDecommit) {
  fake_port::fail(Call::kDecommit, 1, fake_port::kForever);
  expect_all_well();
  expect_all_well();
}

TEST(Exhaustion, WithoutMoves) {
  fake_port::fail(Call::kMove, 1, fake_port::kForever);
  expect_all_well();
}

TEST(Exhaustion, WithMovesThatVacate) {
  fake_port::vacate_on_move(true);
  expect_all_well();
  expect_all_well();
}

void limit_to(std::size_t bytes) {
  pages::PageAllocator::Settings settings;
  settings.limit_bytes = bytes;
  domain.pages.configure(settings);
}

// At the limit what one size has freed serves another.
TEST(Exhaustion, FreedBlocksServeOtherSizesAtTheLimit) {
  fake_port::in_fresh_process("limit", [] {
    ASSERT_NE(nullptr, allocate(1));
    limit_to(std::size_t{32} << 20);
    for (int round = 0; round < 3; ++round) {
      for (const std::size_t bytes : {16u, 200u, 3000u, 30'000u, 200'000u}) {
        std::size_t sum = 0;
        void* list = nullptr;
        while (void* block = allocate(bytes)) {
          *static_cast<void**>(block) = list;
          list = block;
          sum += bytes;
        }
        EXPECT_GT(sum, std::size_t{24} << 20) << bytes;
        while (list != nullptr) {
          void* const next = *static_cast<void**>(list);
          deallocate(list);
          list = next;
        }
      }
    }
  });
}

// Nor what other threads have freed and keep, and whether they are at work or not.
TEST(Exhaustion, WhatOtherHeapsHaveCachedServesAtTheLimit) {
  fake_port::in_fresh_process("limit", [] {
    ASSERT_NE(nullptr, allocate(1));
    limit_to(std::size_t{32} << 20);
    const auto fill_cache = [] {
      for (int i = 0; i < 4; ++i) free_all(allocate_many(24 << 10, 1000));
      ASSERT_GT(heap_statistics().free, std::size_t{20} << 20) << "cached";
    };
    const auto expect_room = [](std::size_t bytes) {
      const std::vector<void*> blocks = allocate_many((std::size_t{24} << 20) / bytes, bytes);
      for (void* block : blocks) {
        ASSERT_NE(nullptr, block) << bytes;
        deallocate(block);
      }
    };
    fill_cache();
    in_thread([&] { expect_room(3000); });
    fill_cache();
    in_thread([&] { expect_room(std::size_t{12} << 20); });
    fill_cache();
    in_young_thread([&] { expect_room(std::size_t{12} << 20); });
  });
}

// Nor does a thread go without while blocks are free in slabs of others, however few in each.
TEST(Exhaustion, FreeBlocksInSlabsOfOtherHeapsServeAtTheLimit) {
  const auto expect_found = [](const char* whose, const auto& in_a_thread) {
    fake_port::in_fresh_process(whose, [&] {
      ASSERT_NE(nullptr, allocate(1));
      in_young_thread([] { deallocate(allocate(1)); });  // its common heap
      in_thread([] {});                                  // and a heap, for the next
      limit_to(std::size_t{8} << 20);
      std::vector<void*> blocks;
      while (void* block = allocate(512)) blocks.push_back(block);
      std::size_t gaps = 0;
      for (std::size_t i = 0; i < blocks.size(); i += 150, ++gaps) deallocate(blocks[i]);
      current_bins->heap->flush();
      in_a_thread([&] {
        const std::vector<void*> found = allocate_many(gaps, 512);
        EXPECT_EQ(0, std::count(found.begin(), found.end(), nullptr));
        free_all(found);
      });
    });
  };
  expect_found("a thread", [](const auto& work) { in_thread(work); });
  expect_found("a young one", [](const auto& work) { in_young_thread(work); });
}

// Also what another thread has not carved yet, of the slab that it is at.
TEST(Exhaustion, WhatOthersHaveNotCarvedServesAtTheLimit) {
  ASSERT_NE(nullptr, allocate(1));
  in_thread([] {});
  limit_to(std::size_t{8} << 20);
  ASSERT_NE(nullptr, allocate(20'000));
  while (allocate(512) != nullptr) continue;
  in_thread([&] { EXPECT_NE(nullptr, allocate(20'000)); });
}

// Free memory where no slab has been so far is of use at the limit, although the slab map needs a
// leaf for it that takes addresses.
TEST(Exhaustion, FreePagesMakeRoomForTables) {
  fake_port::in_fresh_process("limit", [] {
    ASSERT_NE(nullptr, allocate(1));
    fake_port::limit_reserved(fake_port::reserved_bytes() + (std::size_t{48} << 20));
    fake_port::deny_hints(true);
    fake_port::skip_addresses(std::size_t{1} << base::kAddressSpace.slab_map_leaf_bits);
    LiveBlocks large;
    ASSERT_TRUE(large.add(allocate(std::size_t{8} << 20), std::size_t{8} << 20));
    fake_port::deny_hints(false);
    while (large.add(allocate(std::size_t{1} << 20), std::size_t{1} << 20)) continue;
    ASSERT_GE(large.size(), 24u);
    large.free_all();
    for (const std::size_t bytes : {72u, 3000u}) {
      const std::vector<void*> blocks = allocate_many((std::size_t{24} << 20) / bytes, bytes);
      EXPECT_NE(nullptr, blocks.back()) << bytes;
      free_all(blocks);
    }
    EXPECT_EQ(nullptr, domain.pages.audit());
  });
}

// And for heaps of threads that begin at the limit, and shared ones: each takes addresses for
// itself.
TEST(Exhaustion, FreePagesMakeRoomForHeaps) {
  const auto expect_heaps = [](const char* what, const auto& work) {
    fake_port::in_fresh_process(what, [&] {
      ASSERT_NE(nullptr, allocate(1));
      fake_port::limit_reserved(fake_port::reserved_bytes() + (std::size_t{48} << 20));
      LiveBlocks large;
      while (large.add(allocate(std::size_t{1} << 20), std::size_t{1} << 20)) continue;
      ASSERT_GE(large.size(), 24u);
      fake_port::limit_reserved(fake_port::reserved_bytes());
      large.free_all();
      work();
      EXPECT_EQ(nullptr, domain.pages.audit());
    });
  };
  constexpr int kHeaps = 64;
  expect_heaps("of threads", [] {
    std::atomic<int> waiting{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kHeaps; ++i) {
      threads.emplace_back([&] {
        EXPECT_NE(nullptr, attach_thread());
        EXPECT_NE(nullptr, allocate(100));
        ++waiting;
        while (waiting != kHeaps) std::this_thread::yield();
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  expect_heaps("shared", [] {
    for (int i = 0; i < kHeaps; ++i) {
      SharedHeap* const heap = begin_shared_heap({});
      ASSERT_NE(nullptr, heap) << i;
      EXPECT_NE(nullptr, heap->allocate(100, 16, false)) << i;
    }
  });
}

// What a heap keeps of freed large blocks is not in the way of other requests.
TEST(Exhaustion, CachedRunsAreGivenUpForOthers) {
  fake_port::in_fresh_process("limit", [] {
    ASSERT_NE(nullptr, allocate(1));
    limit_to(std::size_t{4} << 20);
    deallocate(allocate(std::size_t{1} << 20));  // stays in the cache of this heap
    EXPECT_NE(nullptr, allocate(std::size_t{3300} << 10)) << "4 MiB but for a slab or two are free";
  });
}

}  // namespace
}  // namespace mete::heap

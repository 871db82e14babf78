// Larger blocks in the free stretches of slabs: they come before growth, and are as good as others.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

std::size_t in_use() { return domain.pages.statistics().in_use.value * std::size_t{4096}; }
std::uint64_t guests() { return heap_statistics().guests; }
bool is_guest(const void* block, std::size_t bytes) {
  return usable_size(block) != bytes_of(class_of(bytes));
}

// 16 MiB of blocks, of which one in ten stays.
void fill_and_leave_gaps(LiveBlocks& kept, std::size_t bytes) {
  Random random(5);
  std::vector<void*> blocks = allocate_many((std::size_t{16} << 20) / bytes, bytes);
  for (void* block : blocks) {
    if (random.one_in(10)) {
      ASSERT_TRUE(kept.add(block, bytes));
    } else {
      deallocate(block);
    }
  }
}

TEST(Guests, ComeBeforeGrowth) {
  LiveBlocks kept;
  fill_and_leave_gaps(kept, 208);
  const std::size_t before = in_use();
  LiveBlocks larger;
  while (larger.size() * 1024 < std::size_t{8} << 20) ASSERT_TRUE(larger.add(allocate(1024), 1024));
  EXPECT_GT(guests(), 4000u);
  EXPECT_LT(in_use(), before + (std::size_t{3} << 20));
  kept.free_all();
  larger.free_all();
  EXPECT_EQ(0u, bytes_out()) << "nothing is lost";
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Guests, StayWhileTheyFitAndMoveWhole) {
  LiveBlocks live;
  fill_and_leave_gaps(live, 100);
  std::vector<void*> larger;
  for (int i = 0; i < 4000; ++i) {
    void* const block = allocate(700);
    ASSERT_TRUE(live.add(block, 700));
    if (is_guest(block, 700)) larger.push_back(block);
  }
  ASSERT_GT(larger.size(), 1000u);
  for (void* const block : larger) {
    const std::size_t usable = usable_size(block);
    EXPECT_EQ(usable, resize_in_place(block, usable));
    EXPECT_EQ(block, reallocate(block, usable));
    EXPECT_EQ(block, reallocate(block, usable / 2));
    ASSERT_TRUE(live.resize(block, usable + 1));
  }
}

TEST(Guests, ShrinkToAFewBytes) {
  LiveBlocks live;
  fill_and_leave_gaps(live, 100);
  for (int i = 0; i < 4000; ++i) {
    void* const block = allocate(700);
    ASSERT_TRUE(live.add(block, 700));
    ASSERT_TRUE(live.resize(block, 1 + static_cast<std::size_t>(i) % 300));
  }
  EXPECT_GT(guests(), 100u);
}

TEST(Guests, AreAlignedAndZeroedAsAsked) {
  LiveBlocks live;
  fill_and_leave_gaps(live, 112);
  std::size_t found = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t alignment = std::size_t{16} << (i % 6);
    const std::size_t bytes = 600 + static_cast<std::size_t>(i) % 900;
    void* const aligned = allocate_aligned(alignment, bytes);
    ASSERT_EQ(0u, address_of(aligned) % alignment);
    void* const zeroed = allocate_zeroed(bytes);
    const auto* const data = static_cast<const char*>(zeroed);
    ASSERT_EQ(0, data[0]);
    ASSERT_EQ(0, std::memcmp(data, data + 1, bytes - 1));
    found += is_guest(zeroed, bytes);
    ASSERT_TRUE(live.add(aligned, bytes));
    ASSERT_TRUE(live.add(zeroed, bytes));
  }
  EXPECT_GT(found, 100u);
}

// What was taken for a bin and not handed out goes back into slabs of another class than the bin's.
TEST(Guests, ThatNobodyTookGoBack) {
  LiveBlocks kept;
  fill_and_leave_gaps(kept, 208);
  const std::uint64_t before = bytes_out();
  void* const block = allocate(1024);
  ASSERT_TRUE(is_guest(block, 1024));
  EXPECT_GT(guests(), 1u);
  EXPECT_GT(bytes_out(), before);
  EXPECT_LT(bytes_out(), before + 1400);
  deallocate(block);
  EXPECT_EQ(before, bytes_out());
}

TEST(Guests, GoHomeFromOtherThreads) {
  LiveBlocks kept;
  fill_and_leave_gaps(kept, 208);
  std::vector<void*> larger = allocate_many(8000, 1024);
  EXPECT_GT(guests(), 4000u);
  in_thread([&] {
    while (larger.size() > 4000) {
      deallocate(larger.back());
      larger.pop_back();
    }
  });
  in_young_thread([&] {
    for (int i = 0; i < 200; ++i) {
      deallocate(larger.back());
      larger.pop_back();
    }
  });
  free_all(larger);
  kept.free_all();
  EXPECT_EQ(0u, bytes_out());
  EXPECT_EQ(nullptr, domain.pages.audit());
}

// A slab with guests may change hands.
TEST(Guests, GoWithTheirSlab) {
  std::vector<void*> larger;
  {
    LiveBlocks kept;
    fill_and_leave_gaps(kept, 208);
    larger = allocate_many(8000, 1024);
    current_bins->heap->flush();
    in_thread([&] {
      LiveBlocks more;
      for (int i = 0; i < 30'000; ++i) ASSERT_TRUE(more.add(allocate(208), 208));
      EXPECT_GT(heap_statistics().slabs_adopted, 0u);
      for (int i = 0; i < 3000; ++i) {
        deallocate(larger.back());
        larger.pop_back();
      }
    });
  }
  free_all(larger);
  EXPECT_EQ(0u, bytes_out());
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Guests, AtTheLimitAnySlabWillDo) {
  ASSERT_NE(nullptr, allocate(1));
  pages::PageAllocator::Settings settings;
  settings.limit_bytes = std::size_t{8} << 20;
  domain.pages.configure(settings);
  std::vector<void*> blocks;
  while (void* const block = allocate(208)) blocks.push_back(block);
  EXPECT_EQ(nullptr, allocate(1000));
  std::sort(blocks.begin(), blocks.end());
  for (std::size_t i = 1000; i < 1012; ++i) {
    deallocate(blocks[i]);
    blocks[i] = nullptr;
  }
  EXPECT_NE(nullptr, allocate(1000));
  free_all(blocks);
}

// What is used again and again does not pile up in caches, where it is the block of another class.
TEST(Guests, AreUsedAgain) {
  LiveBlocks kept;
  fill_and_leave_gaps(kept, 104);
  std::vector<void*> larger = allocate_many(4000, 1000);
  const std::size_t before = in_use();
  Random random(9);
  for (int i = 0; i < 200'000 / kSlowdown; ++i) {
    void*& block = larger[random.below(4000)];
    deallocate(block);
    block = allocate(1000);
  }
  EXPECT_LT(in_use(), before + (std::size_t{1} << 20));
  free_all(larger);
}

// A class that has guests goes on caching: what goes back and forth does not see the slabs.
TEST(Guests, ThatStayAreNotInTheWayOfCaches) {
  LiveBlocks kept;
  fill_and_leave_gaps(kept, 104);
  const std::vector<void*> larger = allocate_many(2000, 1000);
  EXPECT_GT(guests(), 1000u);
  std::vector<void*> blocks = allocate_many(1000, 104);
  std::vector<void*> before = blocks;
  std::sort(before.begin(), before.end());
  for (int round = 0; round < 3; ++round) {
    free_all(blocks);
    blocks = allocate_many(1000, 104);
    std::vector<void*> now = blocks;
    std::sort(now.begin(), now.end());
    EXPECT_EQ(before, now);
  }
  free_all(blocks);
  free_all(larger);
}

TEST(Guests, OfASharedHeapThereAreNone) {
  const std::uint64_t before = guests();
  LiveBlocks kept;
  in_young_thread([&] {
    std::vector<void*> blocks = allocate_many(200, 100);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % 20 != 0) deallocate(blocks[i]);
    }
    for (int i = 0; i < 20; ++i) allocate(1000);
  });
  EXPECT_EQ(before, guests());
}

// Sizes that shift, in threads that free each other's blocks and ask how large they are.
TEST(Guests, InManyThreads) {
  ASSERT_NE(nullptr, attach_thread());
  constexpr int kThreads = 4;
  constexpr std::size_t kPlaces = 6000;
  std::vector<std::atomic<std::size_t*>> places(kPlaces * kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_NE(nullptr, attach_thread());
      Random random(static_cast<std::uint64_t>(t) + 1);
      const auto size = [](const std::size_t* block) { return block[0]; };
      const auto check_and_free = [&](std::size_t* block) {
        ASSERT_GE(usable_size(block), size(block));
        ASSERT_EQ(size(block), block[size(block) / sizeof(std::size_t) - 1]);
        deallocate(block);
      };
      for (int phase = 0; phase < 6; ++phase) {
        const std::size_t base = std::size_t{64} << phase;
        for (int i = 0; i < 24'000; ++i) {
          const std::size_t bytes = (base + 8 * random.below(32)) & ~std::size_t{7};
          auto* block = static_cast<std::size_t*>(allocate(bytes));
          ASSERT_NE(nullptr, block);
          block[0] = block[bytes / sizeof(std::size_t) - 1] = bytes;
          if (random.one_in(8)) {
            const std::size_t more = bytes + 256;
            block = static_cast<std::size_t*>(reallocate(block, more));
            ASSERT_EQ(bytes, block[bytes / sizeof(std::size_t) - 1]);
            block[0] = block[more / sizeof(std::size_t) - 1] = more;
          }
          auto& place = places[random.below(static_cast<std::uint32_t>(places.size()))];
          if (std::size_t* const old = place.exchange(block)) check_and_free(old);
        }
        for (auto& place : places) {
          if (random.one_in(3)) continue;
          if (std::size_t* const old = place.exchange(nullptr)) check_and_free(old);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(guests(), 0u);
  for (auto& place : places) deallocate(place.load());
  EXPECT_EQ(0u, bytes_out()) << "nothing is lost";
  EXPECT_EQ(nullptr, domain.pages.audit());
}

}  // namespace
}  // namespace mete::heap

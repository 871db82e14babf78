// Threads that have made a few calls only, and the heap that they have in common.

#include <atomic>
#include <set>
#include <vector>

#include "heap/registry.hpp"
#include "heap/shared_heap.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

constexpr std::size_t kLine = 64;

// The process has a first thread, which has its heap.
class YoungThread : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(nullptr, attach_thread()); }
};

std::uint32_t owner(const void* block) { return owner_of(slab_map.word_of(block)); }

TEST(FirstThread, HasAHeapAtOnce) {
  deallocate(allocate(10));
  EXPECT_NE(nullptr, current_bins->heap);
}

TEST_F(YoungThread, MakesItsFirstCallsWithoutAHeap) {
  in_young_thread([] {
    std::uint32_t pairs = 0;
    for (; current_bins == &no_bins && pairs < kYoungCalls; ++pairs) deallocate(allocate(100));
    EXPECT_NE(nullptr, current_bins->heap);
    EXPECT_LE(pairs, kYoungCalls / 2 + 1);
    EXPECT_GE(pairs, kYoungCalls / 2 - 8) << "where the common heap is slow two calls are noted";
  });
}

TEST_F(YoungThread, LeavesWhatItFreedToTheNext) {
  std::set<void*> blocks;
  for (int i = 0; i < 100; ++i) {
    in_young_thread([&] {
      void* const block = allocate(100);
      blocks.insert(block);
      deallocate(block);
    });
  }
  EXPECT_EQ(1u, blocks.size());
}

TEST_F(YoungThread, SharesNoCacheLine) {
  LiveBlocks live;
  std::set<std::uintptr_t> lines;
  for (int i = 0; i < 20; ++i) {
    in_young_thread([&] {
      for (const std::size_t bytes : {1u, 16u, 24u, 65u, 100u, 200u, 300u, 1100u, 5000u}) {
        for (void* const block : {allocate(bytes), allocate_aligned(32, bytes)}) {
          ASSERT_TRUE(live.add(block, bytes));
          ASSERT_EQ(0u, address_of(block) % kLine);
          for (std::size_t at = 0; at < bytes; at += kLine)
            ASSERT_TRUE(lines.insert((address_of(block) + at) / kLine).second);
        }
      }
    });
  }
}

TEST_F(YoungThread, IsZeroedAndAlignedLikeAnyOther) {
  in_young_thread([] {
    for (const std::size_t bytes : {1u, 100u, 4000u, 40'000u, 400'000u}) {
      for (int i = 0; i < 3; ++i) {
        auto* const block = static_cast<unsigned char*>(allocate_zeroed(bytes));
        ASSERT_NE(nullptr, block);
        for (std::size_t at = 0; at < bytes; ++at) ASSERT_EQ(0, block[at]);
        memset(block, 0xa5, bytes);
        deallocate(block);
      }
      for (std::size_t alignment = 16; alignment <= 65'536; alignment *= 2) {
        void* const block = allocate_aligned(alignment, bytes);
        ASSERT_EQ(0u, address_of(block) % alignment);
        deallocate(block);
      }
    }
    EXPECT_EQ(nullptr, current_bins->heap);
  });
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST_F(YoungThread, GivesBlocksOfOthersToTheirHeap) {
  const std::uint32_t mine = current_bins->heap->id();
  void* const block = allocate(100);
  void* const large = allocate(100'000);
  ASSERT_EQ(mine, owner(block));
  in_young_thread([&] {
    deallocate(block);
    deallocate(large);
    EXPECT_EQ(nullptr, current_bins->heap);
  });
  current_bins->heap->flush();
  EXPECT_EQ(0u, domain.pages.statistics().in_use.value) << "both went back";
}

TEST_F(YoungThread, MayLeaveBlocksThatOthersFree) {
  std::vector<void*> blocks;
  in_young_thread([&] {
    for (int i = 0; i < 100; ++i) blocks.push_back(allocate(1000));
  });
  SharedHeap* const common = registry.common[0].load();
  ASSERT_NE(nullptr, common);
  EXPECT_EQ(100u, common->statistics().blocks);
  for (void* const block : blocks) deallocate(block);
  EXPECT_EQ(0u, common->statistics().blocks);
}

TEST_F(YoungThread, GrowsUpToGrowALargeBlock) {
  constexpr std::size_t kBytes = std::size_t{16} << 20;
  const std::uint64_t before = heap_statistics().large_allocated;
  in_young_thread([before] {
    void* block = allocate(kBytes);
    ASSERT_NE(nullptr, block);
    memset(block, 0x5a, kBytes);
    EXPECT_EQ(nullptr, current_bins->heap);
    EXPECT_EQ(before + 1, heap_statistics().large_allocated);
    block = reallocate(block, 4 * kBytes);
    ASSERT_NE(nullptr, block);
    EXPECT_NE(nullptr, current_bins->heap) << "which moves page tables and copies nothing";
    for (std::size_t at = 0; at < kBytes; at += 4096)
      ASSERT_EQ(0x5a, static_cast<unsigned char*>(block)[at]);
    deallocate(block);
  });
}

TEST_F(YoungThread, IsCountedOnceAndNoLongerWhenItHasEnded) {
  const ThreadCounts before = thread_counts();
  for (int i = 0; i < 5; ++i) {
    in_young_thread([] {
      deallocate(allocate(10));
      deallocate(allocate(10));
    });
    in_thread([] { deallocate(allocate(10)); });
  }
  EXPECT_EQ(before.started + 10, thread_counts().started);
  EXPECT_EQ(2u, thread_counts().most);
}

// Threads that find the others' heap in use turn to another, or get their own: all at once they
// must not lose a block, nor give one to two.
TEST_F(YoungThread, MayBeginTogetherWithOthers) {
  constexpr int kThreads = 16;
  std::atomic<int> waiting{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      LiveBlocks live;
      Random random(static_cast<std::uint64_t>(waiting.fetch_add(1)));
      while (waiting.load() != kThreads) std::this_thread::yield();
      for (std::uint32_t n = 0; n < 3 * kYoungCalls; ++n) {
        const std::size_t bytes = random.below(random.one_in(20) ? 60'000 : 1000);
        if (live.size() > 50) {
          live.free(live.any(random));
        } else {
          ASSERT_TRUE(live.add(allocate(bytes), bytes));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<SharedHeap*>& common : registry.common) {
    if (SharedHeap* const heap = common.load()) {
      EXPECT_EQ(0u, heap->statistics().blocks);
    }
  }
  EXPECT_EQ(nullptr, domain.pages.audit());
}

}  // namespace
}  // namespace mete::heap

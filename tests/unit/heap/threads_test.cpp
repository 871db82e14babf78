// Heaps of several threads: threads that end, heaps that are taken over, forks.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <vector>

#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

TEST(ThreadEnd, HeapsAreAdopted) {
  std::set<std::uint32_t> ids;
  for (int i = 0; i < 200; ++i) {
    in_thread([&] {
      free_all(allocate_many(100, 1000));
      ids.insert(own_id());
    });
  }
  EXPECT_EQ(1u, ids.size()) << "one after the other, so one heap is enough";
  EXPECT_EQ(200u, thread_counts().started);
  EXPECT_EQ(1u, thread_counts().most);
}

TEST(ThreadEnd, MemoryGoesBack) {
  in_thread([] { free_all(allocate_many(1000, 1000)); });
  const std::size_t in_use = domain.pages.statistics().in_use.value;
  for (int i = 0; i < 50; ++i) {
    in_thread([] {
      free_all(allocate_many(1000, 1000));
      free_all(allocate_many(3, 300'000));
    });
  }
  EXPECT_LE(domain.pages.statistics().in_use.value, in_use);
  EXPECT_EQ(0u, domain.pages.statistics().in_use.value) << "nothing is live";
}

TEST(ThreadEnd, BlocksOutliveTheirThread) {
  LiveBlocks live;
  in_thread([&] {
    for (std::size_t bytes = 1; bytes < 100'000; bytes = bytes * 5 / 4 + 1)
      live.add(allocate(bytes), bytes);
  });
  in_thread([&] {  // in the heap that was taken over
    for (std::size_t bytes = 1; bytes < 100'000; bytes = bytes * 5 / 4 + 1)
      live.add(allocate(bytes), bytes);
  });
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(ThreadEnd, BlocksFreedAfterwardsReachTheHeapWithoutAThread) {
  std::vector<void*> blocks;
  in_thread([&] { blocks = allocate_many(10'000, 500); });
  free_all(blocks);
  if (Heap* heap = own_heap()) {
    heap->flush();
  }
  collect_idle_heaps(~std::uint64_t{0} >> 1, 0);
  EXPECT_LE(domain.pages.statistics().in_use.value, 3 * 16u);
}

TEST(DeadThread, CanDoEverythingStill) {
  LiveBlocks live;
  in_thread([&] {
    free_all(allocate_many(10, 100));
    live.add(allocate(100), 100);
    void* const mine = live.first();
    fake_port::end_thread();
    live.free(mine);
    Random random(5);
    for (int i = 0; i < 2000; ++i) {
      const std::size_t bytes = random.one_in(10) ? random.below(200'000) : random.below(3000);
      switch (random.below(5)) {
        case 0:
          ASSERT_TRUE(live.add(allocate(bytes), bytes));
          break;
        case 1:
          ASSERT_TRUE(live.add(allocate_zeroed(bytes), bytes));
          break;
        case 2:
          ASSERT_TRUE(live.add(allocate_aligned(256, bytes), bytes));
          break;
        case 3:
          if (!live.empty()) {
            ASSERT_TRUE(live.resize(live.any(random), bytes));
          }
          break;
        default:
          if (!live.empty()) live.free(live.any(random));
      }
    }
    EXPECT_EQ(nullptr, current_bins->heap) << "no heap of its own again";
  });
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(DeadThread, ManyAtATime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      free_all(allocate_many(10, 100));
      fake_port::end_thread();
      LiveBlocks live;
      Random random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < 1000 / kSlowdown; ++i) {
        const std::size_t bytes = random.below(5000);
        live.add(allocate(bytes), bytes);
        if (live.size() > 20) live.free(live.any(random));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Fork, ChildGoesOnWithEverything) {
  LiveBlocks live;
  for (int i = 0; i < 1000; ++i) live.add(allocate(100 + static_cast<std::size_t>(i)), 100);
  live.add(allocate(1'000'000), 1'000'000);
  const int child = fake_port::fork_with_handlers();
  if (child == 0) {
    LiveBlocks more;
    for (int i = 0; i < 1000; ++i) more.add(allocate(500), 500);
    in_thread([&] { more.free_all(); });
    live.free_all();
    EXPECT_EQ(nullptr, domain.pages.audit());
    ::_exit(HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  EXPECT_EQ(0, status);
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

#ifndef __SANITIZE_THREAD__  // which does not support threads in the child of a process with
                             // threads
TEST(Fork, HeapsOfOtherThreadsAreThereForNewOnes) {
  std::vector<void*> theirs;
  std::atomic<int> stage{0};
  std::thread other([&] {
    theirs = allocate_many(100, 1000);
    stage = 1;
    while (stage != 2) std::this_thread::yield();
  });
  while (stage != 1) std::this_thread::yield();
  free_all(allocate_many(10, 10));
  const int child = fake_port::fork_with_handlers();
  if (child == 0) {
    const std::uint32_t heaps = heap_count();
    free_all(theirs);
    in_thread([] { free_all(allocate_many(100, 1000)); });
    EXPECT_EQ(heaps, heap_count()) << "the new thread has taken one over";
    EXPECT_EQ(nullptr, domain.pages.audit());
    ::_exit(HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  EXPECT_EQ(0, status);
  stage = 2;
  other.join();
  free_all(theirs);
}
#endif

TEST(Statistics, CanBeAskedForWhileOthersWork) {
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        free_all(allocate_many(200, 64));
        free_all(allocate_many(2, 50'000));
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    const HeapStatistics now = heap_statistics();
    EXPECT_LT(now.slabs, 1000u);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace mete::heap

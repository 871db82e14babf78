// Slabs that change hands: what one heap has to spare comes before growth of another.

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "unit/fake_port/fresh_process.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

std::size_t in_use() { return domain.pages.statistics().in_use.value * std::size_t{4096}; }
std::uint64_t adopted() { return heap_statistics().slabs_adopted; }

// 8 MiB of blocks of which one in four stays, the others back in slabs that others can see.
LiveBlocks leave_gaps(std::size_t bytes) {
  LiveBlocks kept;
  const std::vector<void*> blocks = allocate_many((std::size_t{8} << 20) / bytes, bytes);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % 4 == 0) {
      EXPECT_TRUE(kept.add(blocks[i], bytes));
    } else {
      deallocate(blocks[i]);
    }
  }
  current_bins->heap->flush();
  return kept;
}

// A thread with a heap that does something and then waits while others do.
class Waiting {
 public:
  template <class Function>
  explicit Waiting(Function function)
      : thread_([this, function] {
          ASSERT_NE(nullptr, attach_thread());
          function();
          ready_ = true;
          while (!done_) std::this_thread::yield();
        }) {
    while (!ready_) std::this_thread::yield();
  }
  ~Waiting() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> ready_{false};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

TEST(Adopt, FreeBlocksOfOthersComeBeforeGrowth) {
  for (const std::size_t bytes : {100u, 1000u, 9000u}) {
    fake_port::in_fresh_process(std::to_string(bytes), [&] {
      LiveBlocks kept = leave_gaps(bytes);
      const std::size_t before = in_use();
      in_thread([&] {
        LiveBlocks more;
        while (more.size() * bytes < std::size_t{4} << 20)
          ASSERT_TRUE(more.add(allocate(bytes), bytes));
        EXPECT_LT(in_use(), before + (std::size_t{512} << 10));
        EXPECT_GT(adopted(), 0u);
        for (std::size_t i = kept.size() / 2; i != 0; --i) kept.free(kept.first());
        more.free_all();
      });
      kept.free_all();
      current_bins->heap->flush();
      EXPECT_EQ(0u, heap_statistics().carved - heap_statistics().free) << "nothing is lost";
      EXPECT_EQ(nullptr, domain.pages.audit());
    });
  }
}

TEST(Adopt, BlocksThatShareCacheLinesStayWithTheirThread) {
  const std::vector<void*> blocks = allocate_many(100'000, 32);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % 4 == 0) deallocate(blocks[i]);
  }
  current_bins->heap->flush();
  in_thread([&] {
    allocate_many(10'000, 32);
    EXPECT_EQ(0u, adopted());
  });
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % 4 == 1 || i % 4 == 2) deallocate(blocks[i]);
  }
  current_bins->heap->flush();
  in_thread([&] {
    allocate_many(10'000, 32);
    EXPECT_GT(adopted(), 0u) << "three quarters of each slab are free";
  });
}

TEST(Adopt, SlabsOfHeapsWithoutAThreadAreCarvedOn) {
  ASSERT_NE(nullptr, attach_thread());
  in_thread([] { allocate(1000); });  // stays
  const std::uint64_t slabs = heap_statistics().slabs;
  const std::vector<void*> blocks = allocate_many(60, 1000);
  EXPECT_EQ(slabs, heap_statistics().slabs);
  EXPECT_EQ(1u, adopted());
  free_all(blocks);
}

TEST(Adopt, EmptySlabsServeAnyClass) {
  ASSERT_NE(nullptr, attach_thread());
  const Waiting other([] {
    free_all(allocate_many(90, 2000));
    allocate(1000);  // grows, so cached blocks close two slabs, one of which is left
  });
  domain.pages.release_free();
  const std::size_t before = in_use();
  EXPECT_NE(nullptr, allocate(300));
  EXPECT_EQ(before, in_use());
  EXPECT_EQ(1u, adopted());
}

// A batch that was opened for the heap that had the slab before.
TEST(Adopt, FreesOnTheirWayReachTheNewOwner) {
  std::vector<void*> blocks = allocate_many(200, 1024);
  for (int i = 0; i < 100; ++i) {
    deallocate(blocks.back());
    blocks.pop_back();
  }
  current_bins->heap->flush();
  std::vector<void*> more;
  {
    const Waiting sender([&] {
      for (int i = 0; i < 5; ++i) {
        deallocate(blocks.back());
        blocks.pop_back();
      }
    });
    in_thread([&] { more = allocate_many(300, 1024); });
    EXPECT_GT(adopted(), 0u);
  }
  current_bins->heap->flush();
  const auto out = [] { return heap_statistics().carved - heap_statistics().free; };
  EXPECT_EQ((blocks.size() + more.size()) * 1024, out());
  free_all(blocks);
  free_all(more);
  current_bins->heap->flush();
  EXPECT_EQ(0u, out());
}

TEST(Adopt, ThreadsThatTakeEachOthersSlabs) {
  constexpr int kThreads = 4;
  constexpr std::size_t kPlaces = 400;
  std::vector<std::atomic<void*>> places(kPlaces * kThreads);
  const auto exchange_blocks = [&](int self) {
    Random random(static_cast<std::uint64_t>(self) + 1);
    for (int i = 0; i < 60'000 / kSlowdown; ++i) {
      // What is live moves between the classes, a thousand steps for each.
      const std::size_t bytes = 600 + 200 * (static_cast<std::size_t>(i) / 1000 % 8);
      auto* const block = static_cast<std::size_t*>(allocate(bytes));
      ASSERT_NE(nullptr, block);
      block[0] = block[bytes / sizeof(std::size_t) - 1] = bytes;
      auto* const old = static_cast<std::size_t*>(
          places[random.below(static_cast<std::uint32_t>(places.size()))].exchange(block));
      if (old == nullptr) continue;
      ASSERT_EQ(old[0], old[old[0] / sizeof(std::size_t) - 1]);
      deallocate(old);
    }
  };
  // All have their heaps from before the first begins until the last is done: one that ended early
  // would leave its heap to the next, and nobody would need the slabs of another. Whether they do
  // depends on who runs when; in one of two hundred rounds on busy cores nobody does.
  const auto run_all = [&] {
    std::barrier all(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        EXPECT_NE(nullptr, attach_thread());
        all.arrive_and_wait();
        exchange_blocks(t);
        all.arrive_and_wait();
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  run_all();
  for (int round = 1; round < 20 && adopted() == 0; ++round) run_all();
  EXPECT_GT(adopted(), 0u);
  for (std::atomic<void*>& place : places) deallocate(place.load());
  EXPECT_EQ(0u, bytes_out()) << "nothing is lost";
  EXPECT_EQ(nullptr, domain.pages.audit());
}

}  // namespace
}  // namespace mete::heap

// Shared heaps: where the system refuses memory, what they hold and give back, and who finds their
// blocks.

#include "heap/shared_heap.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/fake_port/fresh_process.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

using fake_port::Call;

std::uint32_t pages_in_use() { return domain.pages.statistics().in_use.value; }

// Blocks of every size, some moved. Returns: how often there was no memory.
int work(SharedHeap& heap) {
  int refused = 0;
  LiveBlocks live;
  for (std::size_t bytes = 1; bytes < 6'000'000; bytes = bytes * 3 / 2 + 1) {
    refused += !live.add(heap.allocate(bytes, 16, false), bytes);
    refused += !live.add(heap.allocate(bytes, 4096, true), bytes);
    if (void* const block = heap.allocate(bytes, 16, false)) {
      void* const moved = heap.reallocate(block, bytes * 2, 16);
      refused += moved == nullptr;
      live.add(moved != nullptr ? moved : block, bytes);
    } else {
      ++refused;
    }
    for (int i = 0; i < 30 && bytes < 5000; ++i)
      refused += !live.add(heap.allocate(bytes, 16, false), bytes);
  }
  EXPECT_EQ(live.size(), heap.statistics().blocks);
  live.free_all();
  EXPECT_EQ(0u, heap.statistics().blocks);
  const char* const fault = domain.pages.audit();
  EXPECT_EQ(nullptr, fault) << fault;
  return refused;
}

TEST(SharedHeap, HoldsNothingWhenItHasEnded) {
  const std::uint32_t before = pages_in_use();
  for (int i = 0; i < 3; ++i) {
    SharedHeap* const heap = begin_shared_heap({});
    ASSERT_NE(nullptr, heap);
    EXPECT_EQ(0, work(*heap));
    heap->allocate(100, 8, false);
    heap->allocate(1'000'000, 8, false);
    heap->end();
    EXPECT_EQ(before, pages_in_use());
  }
  EXPECT_EQ(2u, heap_count()) << "one number, used again, and that of this thread";
}

TEST(SharedHeap, AfterFreeingEverythingLittleIsHeldOnceItIsStill) {
  SharedHeap* const heap = begin_shared_heap({});
  work(*heap);
  collect_idle_heaps(1000, 400);
  collect_idle_heaps(1500, 400);
  EXPECT_EQ(0u, heap->statistics().held);
  heap->end();
}

TEST(SharedHeap, GivesUpWhatItHasCachedBeforeItRefuses) {
  SharedHeap* const heap = begin_shared_heap({.limit = 1 << 20});
  std::vector<void*> blocks;
  while (void* const block = heap->allocate(1000, 8, false)) blocks.push_back(block);
  for (void* const block : blocks) heap->deallocate(block);
  // All of the limit in another class, and in one piece.
  void* const whole = heap->allocate(1 << 20, 8, false);
  EXPECT_NE(nullptr, whole);
  heap->deallocate(whole);
  heap->end();
}

TEST(SharedHeap, WhereTheSystemRefuses) {
  for (const Call call : {Call::kReserve, Call::kDecommit, Call::kMove}) {
    for (const std::uint64_t times : {std::uint64_t{1}, fake_port::kForever}) {
      for (std::uint64_t nth = 1; nth <= 8; nth += 1 + kSlowdown / 2) {
        fake_port::in_fresh_process("call " + std::to_string(nth), [&] {
          fake_port::fail(call, nth, times);
          if (SharedHeap* const heap = begin_shared_heap({})) {
            work(*heap);
            fake_port::stop_failing();
            EXPECT_EQ(0, work(*heap));
            heap->end();
          }
          fake_port::stop_failing();
          SharedHeap* const heap = begin_shared_heap({.capacity = 1 << 20});
          ASSERT_NE(nullptr, heap);
          EXPECT_EQ(0, work(*heap));
          heap->end();
        });
      }
    }
  }
}

TEST(SharedHeap, NoMemoryForItsCapacityIsNoHeap) {
  pages::PageAllocator::Settings settings;
  settings.limit_bytes = std::size_t{64} << 20;
  domain.pages.configure(settings);
  EXPECT_EQ(nullptr, begin_shared_heap({.capacity = 100 << 20}));
  SharedHeap* const heap = begin_shared_heap({.capacity = 1 << 20});
  ASSERT_NE(nullptr, heap);
  EXPECT_EQ(1u << 20, heap->statistics().held);
  heap->end();
}

TEST(SharedHeap, ATrimGivesBackWhatIsNotInUse) {
  SharedHeap* const heap = begin_shared_heap({});
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(heap->allocate(1024, 8, false));
  for (std::size_t i = 1; i < blocks.size(); ++i) heap->deallocate(blocks[i]);
  const std::uint64_t purged = domain.pages.statistics().purged;
  collect_idle_heaps(~std::uint64_t{0}, 0);
  for (std::uint32_t id = 1; id <= heap_count(); ++id) heap_of(id)->trim();
  domain.pages.trim(pages::PageCount());
  EXPECT_GT(domain.pages.statistics().purged, purged);
  heap->end();
}

}  // namespace
}  // namespace mete::heap

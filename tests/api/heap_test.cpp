// Heap: blocks of every size from and to any thread, limits, capacity, and ends in one shot.

#include "mete/heap.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mete/by_ref.hpp"
#include "mete/global.hpp"
#include "mete/std_allocator.hpp"
#include "support/bytes.hpp"
#include "support/random.hpp"

namespace mete::test {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

Layout layout(std::size_t size, std::size_t align = 8) {
  return Layout::from_size_align(size, align).value();
}

// A block with its contents: filled by a number, and looked at before it goes.
struct Filled {
  unsigned char* ptr;
  Layout layout;
  unsigned char fill;

  bool intact() const { return end_of_value(ptr, 0, layout.size(), fill) == layout.size(); }
};

Filled fill(void* ptr, Layout layout, std::size_t number) {
  const Filled block{static_cast<unsigned char*>(ptr), layout, static_cast<unsigned char>(number)};
  std::memset(ptr, block.fill, layout.size());
  return block;
}

Layout any_layout(support::Random& random) {
  const std::size_t align = std::size_t{1} << random.below(random.one_in(20) ? 16 : 7);
  return layout(random.log_uniform(1, random.one_in(50) ? 3 * kMiB : 40 * kKiB), align);
}

bool aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

TEST(Heap, GivesBlocksOfAllSizesAndTakesThemBack) {
  Heap heap;
  ASSERT_TRUE(heap);
  std::vector<Filled> blocks;
  for (std::size_t size = 1; size < 5 * kMiB; size = size * 5 / 4 + 1) {
    for (const std::size_t align : {1u, 16u, 64u, 4096u}) {
      void* const ptr = heap.alloc(layout(size, align));
      ASSERT_NE(nullptr, ptr);
      EXPECT_TRUE(aligned(ptr, align));
      EXPECT_TRUE(heap.owns(ptr));
      blocks.push_back(fill(ptr, layout(size, align), blocks.size()));
    }
  }
  EXPECT_EQ(blocks.size(), heap.statistics().blocks);
  for (const Filled& block : blocks) {
    EXPECT_TRUE(block.intact());
    heap.dealloc(block.ptr, block.layout);
  }
  EXPECT_EQ(0u, heap.statistics().blocks);
  EXPECT_EQ(0u, heap.statistics().in_use);
  EXPECT_LT(5 * kMiB, heap.statistics().peak_in_use);
}

TEST(Heap, ZeroedBlocksAreZeroAlsoWhereOthersWere) {
  Heap heap;
  for (int round = 0; round < 3; ++round) {
    std::vector<Filled> blocks;
    for (const std::size_t size : {1u, 100u, 5000u, 40'000u, 300'000u, 2'000'000u}) {
      for (int i = 0; i < 10; ++i) {
        auto* const ptr = static_cast<unsigned char*>(heap.alloc_zeroed(layout(size)));
        ASSERT_NE(nullptr, ptr);
        EXPECT_TRUE((Filled{ptr, layout(size), 0}.intact()));
        blocks.push_back(fill(ptr, layout(size), 0xee));
      }
    }
    for (const Filled& block : blocks) heap.dealloc(block.ptr, block.layout);
  }
}

TEST(Heap, TwoHeapsAreApart) {
  Heap one;
  Heap two;
  for (const std::size_t size : {10u, 30'000u, 1'000'000u}) {
    void* const ptr = one.alloc(layout(size));
    EXPECT_TRUE(one.owns(ptr));
    EXPECT_TRUE(one.owns(static_cast<std::byte*>(ptr) + size / 2)) << "also inside of it";
    EXPECT_FALSE(two.owns(ptr));
    one.dealloc(ptr, layout(size));
  }
  int local = 0;
  EXPECT_FALSE(one.owns(&local));
  EXPECT_FALSE(one.owns(nullptr));
  void* const of_process = mete::alloc(layout(10));
  EXPECT_FALSE(one.owns(of_process));
  mete::dealloc(of_process, layout(10));
}

TEST(Heap, TheProcessAndOtherHeapsFindTheOwnerOfABlock) {
  Heap heap;
  Heap other;
  for (const std::size_t size : {10u, 30'000u, 1'000'000u}) {
    mete::dealloc(heap.alloc(layout(size)), layout(size));
    EXPECT_EQ(0u, heap.statistics().blocks);
    other.dealloc(heap.alloc(layout(size)), layout(size));
    EXPECT_EQ(0u, heap.statistics().blocks);
    heap.dealloc(mete::alloc(layout(size)), layout(size));
    EXPECT_EQ(0u, heap.statistics().blocks);
  }
}

TEST(Heap, AnyThreadMayFree) {
  Heap heap;
  std::vector<Filled> blocks;
  for (std::size_t i = 0; i < 5000; ++i) {
    const Layout each = layout(16 + i % 3000);
    blocks.push_back(fill(heap.alloc(each), each, i));
  }
  std::thread([&] {
    // Also in a thread that has no heap of its own yet, and by the function of the process.
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_TRUE(blocks[i].intact());
      i % 2 == 0 ? heap.dealloc(blocks[i].ptr, blocks[i].layout)
                 : mete::dealloc(blocks[i].ptr, blocks[i].layout);
    }
  }).join();
  EXPECT_EQ(0u, heap.statistics().blocks);
}

// Against a model: a vector of what must be there.
void work_at_random(Heap& heap, std::uint64_t seed, int steps) {
  support::Random random(seed);
  std::vector<Filled> blocks;
  for (int step = 0; step < steps; ++step) {
    if (blocks.size() < 10 || (blocks.size() < 400 && random.one_in(2))) {
      const Layout wanted = any_layout(random);
      const bool zeroed = random.one_in(8);
      void* const ptr = zeroed ? heap.alloc_zeroed(wanted) : heap.alloc(wanted);
      ASSERT_NE(nullptr, ptr);
      ASSERT_TRUE(aligned(ptr, wanted.align()));
      if (zeroed) {
        ASSERT_TRUE((Filled{static_cast<unsigned char*>(ptr), wanted, 0}.intact()));
      }
      blocks.push_back(fill(ptr, wanted, static_cast<std::size_t>(random.next())));
      continue;
    }
    Filled& block = blocks[random.below(blocks.size())];
    ASSERT_TRUE(block.intact());
    if (random.one_in(4)) {
      const Layout wanted = layout(any_layout(random).size(), block.layout.align());
      void* const ptr = heap.realloc(block.ptr, block.layout, wanted.size());
      ASSERT_NE(nullptr, ptr);
      ASSERT_TRUE(aligned(ptr, wanted.align()));
      ASSERT_TRUE(heap.owns(ptr));
      const std::size_t kept = std::min(wanted.size(), block.layout.size());
      ASSERT_TRUE((Filled{static_cast<unsigned char*>(ptr), layout(kept), block.fill}.intact()));
      block = fill(ptr, wanted, static_cast<std::size_t>(random.next()));
      continue;
    }
    random.one_in(3) ? mete::dealloc(block.ptr, block.layout)
                     : heap.dealloc(block.ptr, block.layout);
    block = blocks.back();
    blocks.pop_back();
  }
  for (const Filled& block : blocks) {
    ASSERT_TRUE(block.intact());
    heap.dealloc(block.ptr, block.layout);
  }
}

TEST(Heap, KeepsWhatIsInItsBlocks) {
  Heap heap;
  work_at_random(heap, 1, 20'000);
  EXPECT_EQ(0u, heap.statistics().blocks);
  EXPECT_EQ(0u, heap.statistics().in_use);
}

TEST(Heap, KeepsWhatIsInItsBlocksWithFourThreads) {
  Heap heap;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&heap, t] { work_at_random(heap, 10 + t, 5000); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(0u, heap.statistics().blocks);
  EXPECT_EQ(0u, heap.statistics().in_use);
}

TEST(Heap, ManyHeapsBeginAndEndWithBlocksInThem) {
  support::Random random(3);
  std::vector<Heap> heaps;
  for (int step = 0; step < 3000; ++step) {
    if (heaps.size() < 30) heaps.emplace_back();
    Heap& heap = heaps[random.below(heaps.size())];
    for (std::size_t i = random.below(60); i != 0; --i) {
      const Layout wanted = any_layout(random);
      Filled block = fill(heap.alloc(wanted), wanted, i);
      if (random.one_in(3)) heap.dealloc(block.ptr, wanted);
    }
    if (random.one_in(10)) {
      heap = std::move(heaps.back());
      heaps.pop_back();
    } else if (random.one_in(10)) {
      heap.reset();
      EXPECT_EQ(0u, heap.statistics().in_use);
    }
  }
}

TEST(Heap, ResetEndsAllBlocksAndTheMemoryServesAgain) {
  Heap heap;
  std::size_t held = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const Layout each = layout(static_cast<std::size_t>(10 + i));
      fill(heap.alloc(each), each, 1);
    }
    fill(heap.alloc(layout(kMiB)), layout(kMiB), 2);
    const HeapStatistics now = heap.statistics();
    EXPECT_EQ(1001u, now.blocks);
    if (round == 0) held = now.held;
    EXPECT_EQ(held, now.held);
    heap.reset();
    EXPECT_EQ(0u, heap.statistics().in_use);
    EXPECT_LE(heap.statistics().held, held - kMiB) << "large blocks go back, a few slabs stay";
  }
}

TEST(Heap, AnEndedHeapGivesItsMemoryToTheProcess) {
  // Without that a thousand heaps of 16 MiB would not fit.
  for (int i = 0; i < 1000; ++i) {
    Heap heap;
    void* const ptr = heap.alloc(layout(16 * kMiB));
    ASSERT_NE(nullptr, ptr);
    static_cast<char*>(ptr)[5 * kMiB] = 1;
    for (int j = 0; j < 100; ++j) ASSERT_NE(nullptr, heap.alloc(layout(1000)));
  }
}

TEST(Heap, HasAName) {
  EXPECT_STREQ("", Heap().name());
  EXPECT_STREQ("requests", Heap({.name = "requests"}).name());
  EXPECT_EQ(std::string(31, 'x'), Heap({.name = std::string(100, 'x').c_str()}).name());
}

TEST(Heap, MovesWithoutItsBlocks) {
  Heap heap({.name = "first"});
  const Filled block = fill(heap.alloc(layout(100)), layout(100), 5);
  Heap moved(std::move(heap));
  EXPECT_TRUE(moved.owns(block.ptr));
  Heap assigned;
  assigned = std::move(moved);
  EXPECT_TRUE(assigned.owns(block.ptr));
  EXPECT_TRUE(block.intact());
  EXPECT_STREQ("first", assigned.name());
  EXPECT_FALSE(heap) << "a heap that was moved from is none";  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(nullptr, heap.alloc(layout(1)));
}

TEST(Heap, ContainersLiveInIt) {
  Heap heap;
  {
    std::vector<int, StdAllocator<int, ByRef<Heap>>> numbers(heap);
    std::list<int, StdAllocator<int, ByRef<Heap>>> list(heap);
    for (int i = 0; i < 10'000; ++i) {
      numbers.push_back(i);
      list.push_back(i);
    }
    EXPECT_TRUE(heap.owns(numbers.data()));
    EXPECT_EQ(10'001u, heap.statistics().blocks);
  }
  EXPECT_EQ(0u, heap.statistics().blocks);
}

TEST(Heap, ReallocKeepsAnyAlignment) {
  Heap heap;
  for (std::size_t align = 1; align <= kMiB; align *= 2) {
    void* ptr = heap.alloc(layout(100, align));
    std::size_t size = 100;
    for (const std::size_t wanted : {50'000u, 3'000'000u, 9'000'000u, 400'000u, 60u}) {
      void* const between = heap.alloc(layout(10'000));  // so that it cannot grow where it is
      ptr = heap.realloc(ptr, layout(size, align), wanted);
      ASSERT_NE(nullptr, ptr);
      EXPECT_TRUE(aligned(ptr, align)) << align;
      size = wanted;
      heap.dealloc(between, layout(10'000));
    }
    heap.dealloc(ptr, layout(size, align));
  }
  EXPECT_EQ(0u, heap.statistics().blocks);
}

TEST(HeapDeathTest, ABlockOfElsewhereIsNotResized) {
  Heap heap;
  Heap other;
  for (const std::size_t size : {100u, 1'000'000u}) {
    void* const of_other = other.alloc(layout(size));
    void* const of_process = mete::alloc(layout(size));
    for (void* const ptr : {of_other, of_process}) {
      EXPECT_DEATH(static_cast<void>(heap.realloc(ptr, layout(size), 2 * size)),
                   "mete: realloc of a pointer that mete did not allocate: 0x");
    }
    mete::dealloc(of_process, layout(size));
  }
}

TEST(Heap, TheProcessMovesABlockOutOfIt) {
  Heap heap;
  for (const std::size_t size : {100u, 100'000u}) {
    Filled block = fill(heap.alloc(layout(size)), layout(size), 7);
    block.ptr = static_cast<unsigned char*>(mete::realloc(block.ptr, layout(size), 50 * kMiB));
    ASSERT_NE(nullptr, block.ptr);
    EXPECT_TRUE(block.intact());
    EXPECT_EQ(heap.owns(block.ptr) ? 1u : 0u, heap.statistics().blocks);
    mete::dealloc(block.ptr, layout(50 * kMiB));
    EXPECT_EQ(0u, heap.statistics().blocks);
  }
}

TEST(Heap, IsWholeInTheChildOfAFork) {
  Heap heap;
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) work_at_random(heap, 77, 200);
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (std::size_t j = 1; j < 300; ++j) {
        void* const ptr = heap.alloc(layout(j * 17));
        if (ptr == nullptr) _exit(1);
        std::memset(ptr, 1, j * 17);
        if (j % 2 == 0) heap.dealloc(ptr, layout(j * 17));
      }
      heap.reset();
      _exit(heap.statistics().blocks == 0 ? 0 : 2);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(0, status);
  }
  stop = true;
  busy.join();
}

}  // namespace
}  // namespace mete::test

// Locked: each call under the mutex, from any thread.

#include "mete/locked.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

#include "api/strict_allocator.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"
#include "unit/random.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

struct CountingMutex {
  void lock() {
    EXPECT_FALSE(locked);
    locked = true;
    ++locks;
  }
  void unlock() {
    EXPECT_TRUE(locked);
    locked = false;
  }
  static inline bool locked = false;
  static inline int locks = 0;
};

struct LooksAtTheMutex {
  Block allocate(Layout layout) noexcept {
    EXPECT_TRUE(CountingMutex::locked);
    return System().allocate(layout);
  }
  void deallocate(void* ptr, Layout layout) noexcept {
    EXPECT_TRUE(CountingMutex::locked);
    System().deallocate(ptr, layout);
  }
  bool owns(const void*) const noexcept {
    EXPECT_TRUE(CountingMutex::locked);
    return true;
  }
};

TEST(Locked, HoldsTheMutexOnceForEachCall) {
  Locked<LooksAtTheMutex, CountingMutex> a;
  CountingMutex::locks = 0;
  Block block = a.allocate_zeroed(layout(10, 8));
  block = a.grow(block.ptr, layout(10, 8), layout(20, 8));
  block = a.grow_zeroed(block.ptr, layout(20, 8), layout(30, 8));
  block = a.shrink(block.ptr, layout(30, 8), layout(20, 8));
  EXPECT_TRUE(a.owns(block.ptr));
  a.deallocate(block.ptr, layout(20, 8));
  EXPECT_EQ(6, CountingMutex::locks);
  EXPECT_TRUE(a.with([](LooksAtTheMutex& inner) { return inner.owns(nullptr); }));
  EXPECT_EQ(7, CountingMutex::locks);
  EXPECT_FALSE(CountingMutex::locked);
}

TEST(Locked, MeetsTheContractsThatItsAllocatorMeets) {
  static_assert(GlobalAlloc<Locked<System, std::mutex>> && Allocator<Locked<System, std::mutex>>);
  static_assert(!GlobalAlloc<Locked<LooksAtTheMutex, std::mutex>>);
  static_assert(!std::is_copy_constructible_v<Locked<System, std::mutex>>);
}

constinit Locked<System, std::mutex> constant_initialized;

TEST(Locked, NeedsNoConstructorToRun) {
  const Block block = constant_initialized.allocate(layout(8, 8));
  constant_initialized.deallocate(block.ptr, layout(8, 8));
}

TEST(Locked, MakesItsAllocatorFromTheArguments) {
  std::byte buffer[256];
  Locked<Arena<NoMemory>, std::mutex> a(buffer);
  const Block block = a.allocate(layout(100, 1));
  EXPECT_TRUE(a.owns(block.ptr));
  EXPECT_FALSE(a.allocate(layout(200, 1)));
  a.with([](auto& arena) { arena.reset(); });
  EXPECT_TRUE(a.allocate(layout(200, 1)));
}

TEST(Locked, ServesManyThreads) {
  StrictAllocator strict;
  Locked<ByRef<StrictAllocator>, std::mutex> a(strict);
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 4; ++id) {
    threads.emplace_back([&a, id] {
      Random random(id);
      for (int i = 0; i < 4000 / kSlowdown; ++i) {
        const Layout small = layout(random.below(300) + 1, 8);
        const Layout large = layout(small.size() + random.below(300), 16);
        Block block = a.allocate(small);
        fill(block.ptr, small.size(), id);
        block = a.grow(block.ptr, small, large);
        ASSERT_TRUE(holds(block.ptr, small.size(), id));
        a.deallocate(block.ptr, large);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Locked, ServesContainersOfManyThreads) {
  Locked<Arena<System>, std::mutex> a;
  using Ref = ByRef<decltype(a)>;
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&a, id] {
      std::vector<int, StdAllocator<int, Ref>> numbers(a);
      for (int i = 0; i < 5000; ++i) numbers.push_back(id * 10'000 + i);
      for (int i = 0; i < 5000; ++i) ASSERT_EQ(id * 10'000 + i, numbers[static_cast<unsigned>(i)]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace mete::test

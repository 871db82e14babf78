// What a Heap refuses: more than its limit, and what cannot be.

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "mete/heap.hpp"

namespace mete::test {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

Layout layout(std::size_t size, std::size_t align = 8) {
  return Layout::from_size_align(size, align).value();
}

TEST(HeapLimits, TheLimitIsNeverPassedAndWhatFitsIsGiven) {
  for (const std::size_t size : {64u, 4096u, 32'768u, 131'072u}) {
    Heap heap({.limit = kMiB});
    EXPECT_EQ(kMiB, heap.statistics().limit);
    for (int round = 0; round < 3; ++round) {
      std::vector<void*> blocks;
      while (void* const ptr = heap.alloc(layout(size))) blocks.push_back(ptr);
      EXPECT_EQ(kMiB / size, blocks.size());
      EXPECT_EQ(kMiB, heap.statistics().in_use);
      EXPECT_EQ(nullptr, heap.alloc(layout(1)));
      EXPECT_EQ(nullptr, heap.alloc_zeroed(layout(100'000)));
      EXPECT_EQ(nullptr, heap.realloc(blocks[0], layout(size), 4 * kMiB));
      heap.dealloc(blocks.back(), layout(size));
      blocks.back() = heap.alloc(layout(size));
      EXPECT_NE(nullptr, blocks.back());
      for (void* const ptr : blocks) heap.dealloc(ptr, layout(size));
    }
    EXPECT_EQ(nullptr, heap.alloc(layout(2 * kMiB)));
    EXPECT_EQ(kMiB, heap.statistics().peak_in_use);
  }
}

TEST(HeapLimits, ABlockMayGrowUpToTheLimit) {
  Heap heap({.limit = kMiB});
  std::size_t size = 1;
  void* ptr = heap.alloc(layout(size));
  for (; size < kMiB; size *= 2) {
    // Above a half both do not fit at a time, so it has to grow where it is or by its page tables.
    void* const grown = heap.realloc(ptr, layout(size), size * 2);
    if (grown == nullptr) break;
    ptr = grown;
    EXPECT_LE(heap.statistics().in_use, kMiB);
  }
  EXPECT_GE(size, kMiB / 2);
  EXPECT_EQ(nullptr, heap.realloc(ptr, layout(size), kMiB + 1));
  heap.dealloc(ptr, layout(size));
  EXPECT_EQ(0u, heap.statistics().in_use);
}

TEST(HeapLimits, CapacityIsTakenAtOnceAndKept) {
  Heap heap({.capacity = 300'000});
  const std::size_t held = heap.statistics().held;
  EXPECT_GE(held, 300'000u);
  EXPECT_LE(held, 300'000u + 64 * kKiB);
  for (int i = 0; i < 250; ++i) ASSERT_NE(nullptr, heap.alloc(layout(1024)));
  EXPECT_EQ(held, heap.statistics().held) << "it has what it needs";
  heap.reset();
  EXPECT_EQ(held, heap.statistics().held);
}

TEST(HeapLimits, ImpossibleCapacityAndSizesAreRefused) {
  Heap heap({.capacity = SIZE_MAX / 2});
  EXPECT_FALSE(heap);
  EXPECT_EQ(nullptr, heap.alloc(layout(1)));
  EXPECT_FALSE(heap.allocate(layout(1)));
  EXPECT_EQ(0u, heap.statistics().held);
  EXPECT_FALSE(heap.owns(&heap));
  EXPECT_STREQ("", heap.name());
  heap.reset();

  Heap usual;
  EXPECT_EQ(nullptr, usual.alloc(layout(PTRDIFF_MAX - 7)));
  // Of 32 bits a quarter of all addresses may well be there.
  if (sizeof(std::size_t) == 8) {
    EXPECT_EQ(nullptr, usual.alloc(layout(1, SIZE_MAX / 4 + 1)));
  }
  EXPECT_EQ(nullptr, mete_heap_allocate(usual.get(), 8, 3)) << "no power of two";
  EXPECT_EQ(nullptr, mete_heap_allocate(usual.get(), 0, 8));
  EXPECT_EQ(nullptr, mete_heap_allocate(usual.get(), SIZE_MAX, 8));
  void* const ptr = usual.alloc(layout(8));
  EXPECT_EQ(nullptr, mete_heap_reallocate(usual.get(), ptr, SIZE_MAX, 8));
  mete_heap_deallocate(usual.get(), nullptr);
  EXPECT_EQ(1u, usual.statistics().blocks);
}

}  // namespace
}  // namespace mete::test

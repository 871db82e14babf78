// Batches: many blocks of one layout at a time, from and to any thread and heap.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "mete/global.hpp"
#include "mete/heap.hpp"
#include "support/random.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align = 8) {
  return Layout::from_size_align(size, align).value();
}

// Each block filled by its index, so that two in one place are seen.
void fill(const std::vector<void*>& blocks, std::size_t size) {
  for (std::size_t i = 0; i < blocks.size(); ++i)
    std::memset(blocks[i], static_cast<int>(i & 0xff), size);
}

void expect_filled(const std::vector<void*>& blocks, std::size_t size) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto* const bytes = static_cast<const unsigned char*>(blocks[i]);
    ASSERT_TRUE(std::all_of(bytes, bytes + size, [i](unsigned char b) { return b == (i & 0xff); }));
  }
}

// By what the blocks come and go: the functions of the process, or of a heap.
struct OfProcess {
  static std::size_t allocate(Layout layout, std::span<void*> blocks) {
    return mete::alloc_batch(layout, blocks);
  }
  static void deallocate(std::span<void* const> blocks, Layout layout) {
    mete::dealloc_batch(blocks, layout);
  }
};

struct OfHeap {
  Heap heap;
  std::size_t allocate(Layout layout, std::span<void*> blocks) {
    return heap.alloc_batch(layout, blocks);
  }
  void deallocate(std::span<void* const> blocks, Layout layout) {
    heap.dealloc_batch(blocks, layout);
  }
};

template <class Source>
class Batch : public testing::Test {
 protected:
  Source source;
};
using Sources = testing::Types<OfProcess, OfHeap>;
TYPED_TEST_SUITE(Batch, Sources);

TYPED_TEST(Batch, AllBlocksAreApartAndAligned) {
  for (const std::size_t size : {1u, 24u, 64u, 1000u, 32'768u, 100'000u}) {
    for (const std::size_t align : {1u, 16u, 128u, 8192u}) {
      for (const std::size_t count : {1u, 63u, 64u, 65u, 300u}) {
        std::vector<void*> blocks(count);
        ASSERT_EQ(count, this->source.allocate(layout(size, align), blocks));
        for (void* const block : blocks)
          ASSERT_EQ(0u, reinterpret_cast<std::uintptr_t>(block) % align);
        fill(blocks, size);
        expect_filled(blocks, size);
        this->source.deallocate(blocks, layout(size, align));
      }
    }
  }
}

TYPED_TEST(Batch, NoBlocksAreNoWork) {
  EXPECT_EQ(0u, this->source.allocate(layout(8), {}));
  this->source.deallocate({}, layout(8));
}

TYPED_TEST(Batch, BlocksServeAgain) {
  std::vector<void*> blocks(1000);
  std::set<void*> ever;
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(blocks.size(), this->source.allocate(layout(64), blocks));
    ever.insert(blocks.begin(), blocks.end());
    this->source.deallocate(blocks, layout(64));
  }
  EXPECT_LE(ever.size(), 3 * blocks.size());
}

TYPED_TEST(Batch, BlocksOfManyThreadsAndHeapsGoBackTogether) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 2000;
  Heap other;
  std::vector<void*> blocks((kThreads + 1) * kEach);
  const std::span<void*> all(blocks);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ASSERT_EQ(kEach, this->source.allocate(layout(100), all.subspan(t * kEach, kEach)));
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(kEach, other.alloc_batch(layout(100), all.last(kEach)));
    fill(blocks, 100);
    support::Random random(static_cast<std::uint64_t>(round));
    for (std::size_t i = blocks.size(); i > 1; --i)
      std::swap(blocks[i - 1], blocks[random.below(i)]);
    std::set<void*> apart(blocks.begin(), blocks.end());
    EXPECT_EQ(blocks.size(), apart.size());
    this->source.deallocate(blocks, layout(100));
    EXPECT_EQ(0u, other.statistics().blocks);
  }
}

TYPED_TEST(Batch, MixesWithSingleBlocks) {
  std::vector<void*> blocks(200);
  ASSERT_EQ(200u, this->source.allocate(layout(40), blocks));
  for (std::size_t i = 0; i < 100; ++i) mete::dealloc(blocks[i], layout(40));
  for (std::size_t i = 0; i < 100; ++i) blocks[i] = mete::alloc(layout(40));
  fill(blocks, 40);
  expect_filled(blocks, 40);
  this->source.deallocate(blocks, layout(40));
}

TEST(BatchOfHeap, StopsAtTheLimit) {
  Heap heap({.limit = 100 * 64});
  std::vector<void*> blocks(300, &heap);
  EXPECT_EQ(100u, heap.alloc_batch(layout(64), blocks));
  EXPECT_EQ(&heap, blocks[100]) << "the rest is as it was";
  heap.dealloc_batch(std::span(blocks).first(100), layout(64));
  EXPECT_EQ(0u, heap.statistics().in_use);
}

TEST(BatchOfProcess, StopsWhereThereIsNoMemory) {
  std::vector<void*> blocks(3, nullptr);
  EXPECT_EQ(0u, mete::alloc_batch(layout(SIZE_MAX / 4 + 1), blocks));
  EXPECT_EQ(0u, mete_allocate_batch(8, 3, blocks.data(), 3)) << "no layout";
  EXPECT_EQ(0u, mete_allocate_batch(0, 8, blocks.data(), 3));
}

TEST(BatchInC, IsTheSame) {
  std::vector<void*> blocks(500);
  ASSERT_EQ(500u, mete_allocate_batch(48, 16, blocks.data(), blocks.size()));
  fill(blocks, 48);
  expect_filled(blocks, 48);
  mete_deallocate_batch(blocks.data(), blocks.size(), 48, 16);
}

}  // namespace
}  // namespace mete::test

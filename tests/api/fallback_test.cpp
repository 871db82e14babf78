// Fallback: first the one, then the other, and every block back to where it came from.

#include "mete/fallback.hpp"

#include <gtest/gtest.h>

#include "api/strict_allocator.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

class FallbackTest : public testing::Test {
 protected:
  StrictAllocator first_;
  StrictAllocator second_;
  Fallback<ByRef<StrictAllocator>, ByRef<StrictAllocator>> both_{first_, second_};
};

TEST_F(FallbackTest, TheSecondServesWhatTheFirstCannot) {
  first_.fail_after(1);
  const Block a = both_.allocate(layout(10, 8));
  const Block b = both_.allocate(layout(10, 8));
  const Block c = both_.allocate_zeroed(layout(10, 8));
  EXPECT_TRUE(first_.owns(a.ptr) && second_.owns(b.ptr) && second_.owns(c.ptr));
  EXPECT_TRUE(is_zero(c.ptr, 0, c.size));
  for (const Block block : {b, a, c}) both_.deallocate(block.ptr, layout(10, 8));
  EXPECT_EQ(0u, first_.live() + second_.live());
}

TEST_F(FallbackTest, GrowMovesToTheSecondIfItMust) {
  for (const bool zeroed : {false, true}) {
    first_.fail_no_more();
    Block block = both_.allocate(layout(100, 8));
    fill(block.ptr, 100, 1);
    first_.fail_after(0);
    block = zeroed ? both_.grow_zeroed(block.ptr, layout(100, 8), layout(200, 64))
                   : both_.grow(block.ptr, layout(100, 8), layout(200, 64));
    EXPECT_TRUE(second_.owns(block.ptr) && holds(block.ptr, 100, 1));
    EXPECT_TRUE(!zeroed || is_zero(block.ptr, 100, block.size));
    EXPECT_EQ(0u, first_.live());
    // There it stays, also when the first has memory again.
    first_.fail_no_more();
    block = both_.grow(block.ptr, layout(200, 64), layout(300, 64));
    EXPECT_TRUE(second_.owns(block.ptr) && holds(block.ptr, 100, 1));
    both_.deallocate(block.ptr, layout(300, 64));
  }
}

TEST_F(FallbackTest, ShrinkMovesToTheSecondIfItMust) {
  Block block = both_.allocate(layout(100, 8));
  fill(block.ptr, 100, 1);
  first_.fail_after(0);
  block = both_.shrink(block.ptr, layout(100, 8), layout(50, 64));
  EXPECT_TRUE(second_.owns(block.ptr) && holds(block.ptr, 50, 1));
  block = both_.shrink(block.ptr, layout(50, 64), layout(0, 1));
  EXPECT_EQ(Block::dangling(layout(0, 1)), block);
}

TEST_F(FallbackTest, T12_FailsIfBothFail) {
  const Block block = both_.allocate(layout(100, 8));
  fill(block.ptr, 100, 1);
  first_.fail_after(0);
  second_.fail_after(0);
  EXPECT_FALSE(both_.allocate(layout(10, 8)));
  EXPECT_FALSE(both_.grow(block.ptr, layout(100, 8), layout(200, 8)));
  EXPECT_FALSE(both_.grow_zeroed(block.ptr, layout(100, 8), layout(200, 8)));
  EXPECT_FALSE(both_.shrink(block.ptr, layout(100, 8), layout(50, 8)));
  EXPECT_TRUE(holds(block.ptr, 100, 1));
  both_.deallocate(block.ptr, layout(100, 8));
}

TEST_F(FallbackTest, OwnsWhatEitherOwns) {
  first_.fail_after(1);
  const Block a = both_.allocate(layout(10, 8));
  const Block b = both_.allocate(layout(10, 8));
  EXPECT_TRUE(both_.owns(a.ptr) && both_.owns(b.ptr) && !both_.owns(this));
  both_.deallocate(a.ptr, layout(10, 8));
  both_.deallocate(b.ptr, layout(10, 8));
}

TEST(Fallback, ABufferAndThenSystem) {
  std::byte buffer[100];
  Fallback allocator{Arena{buffer}, System()};
  const Block inside = allocator.allocate(layout(80, 1));
  const Block outside = allocator.allocate(layout(80, 1));
  EXPECT_TRUE(allocator.first().owns(inside.ptr) && !allocator.first().owns(outside.ptr));
  allocator.deallocate(outside.ptr, layout(80, 1));
  allocator.deallocate(inside.ptr, layout(80, 1));
  EXPECT_EQ(inside.ptr, allocator.allocate(layout(90, 1)).ptr);
}

TEST(Fallback, OfThree) {
  std::byte small[16];
  std::byte large[64];
  Fallback allocator{Arena{small}, Fallback{Arena{large}, System()}};
  for (const std::size_t size : {10u, 50u, 100u}) {
    const Block block = mete::allocate(allocator, layout(size, 1));
    EXPECT_EQ(size == 10, allocator.first().owns(block.ptr));
    EXPECT_EQ(size == 50, allocator.second().first().owns(block.ptr));
    mete::deallocate(allocator, block.ptr, layout(size, 1));
  }
}

}  // namespace
}  // namespace mete::test

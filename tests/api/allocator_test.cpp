// The contract of an Allocator: which types meet it, and what the defaults do.

#include "mete/allocator.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "api/strict_allocator.hpp"
#include "mete/both_contracts.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

struct TwoFunctions {
  Block allocate(Layout) noexcept;
  void deallocate(void*, Layout) noexcept;
};
struct Pointers {
  void* allocate(Layout) noexcept;
  void deallocate(void*, Layout) noexcept;
};
struct Throwing {
  Block allocate(Layout);
  void deallocate(void*, Layout) noexcept;
};
struct ReallocLikeGrow : TwoFunctions {
  Block grow(void*, Layout, std::size_t) noexcept;
};
struct WrongShrink : TwoFunctions {
  void* shrink(void*, Layout, Layout) noexcept;
};

TEST(Allocator, T1_T3_TwoFunctionsAreEnough) {
  static_assert(Allocator<TwoFunctions> && check_allocator<TwoFunctions>());
  static_assert(!OwningAllocator<TwoFunctions>);
  static_assert(!Allocator<Pointers> && !Allocator<Throwing> && !Allocator<int>);
}

TEST(Allocator, T4_T6_AMemberWithTheNameHasTheDeclaration) {
  static_assert(!Allocator<ReallocLikeGrow> && !Allocator<WrongShrink>);
}

TEST(Allocator, T1_ABlockSaysWhetherItIsOne) {
  static_assert(std::is_trivially_copyable_v<Block> && sizeof(Block) == 2 * sizeof(void*));
  EXPECT_FALSE(Block());
  const Block dangling = Block::dangling(layout(0, 64));
  EXPECT_TRUE(dangling);
  EXPECT_EQ(0u, dangling.size);
  EXPECT_EQ(dangling, Block::dangling(layout(0, 64)));
  static_assert(!std::is_convertible_v<Block, bool>);
}

TEST(Allocator, T2_DefaultZeroesWhatWasNotAskedForToo) {
  StrictAllocator a;
  const Block block = mete::allocate_zeroed(a, layout(100, 8));
  EXPECT_GT(block.size, 100u);
  EXPECT_TRUE(is_zero(block.ptr, 0, block.size));
  mete::deallocate(a, block.ptr, layout(100, 8));
}

TEST(Allocator, T3_SizeZeroAsksNobody) {
  StrictAllocator a;
  const Layout nothing = layout(0, 8);
  mete::deallocate(a, mete::allocate(a, nothing).ptr, nothing);
  const Block block = mete::grow(a, nothing.dangling(), nothing, nothing);
  EXPECT_EQ(Block::dangling(nothing), mete::shrink(a, block.ptr, nothing, nothing));
  EXPECT_EQ(0u, a.requests());
}

TEST(Allocator, T5_DefaultGrowZeroedIsZeroToTheEnd) {
  StrictAllocator a;
  Block block = mete::allocate(a, layout(100, 8));
  block = mete::grow_zeroed(a, block.ptr, layout(100, 8), layout(300, 8));
  EXPECT_TRUE(is_zero(block.ptr, 100, block.size));
  mete::deallocate(a, block.ptr, layout(300, 8));
}

TEST(Allocator, T11_SuccessOwnsTheResultAlsoInPlace) {
  // What did not move has changed its layout all the same.
  StrictAllocator a;
  Block block = mete::allocate(a, layout(100, 8));
  block = mete::grow(a, block.ptr, layout(100, 8), layout(100, 8));
  EXPECT_EQ(1u, a.live());
  mete::deallocate(a, block.ptr, layout(100, 8));
  EXPECT_EQ(0u, a.live());
}

TEST(Allocator, T12_TheDefaultsFailWithoutHarm) {
  StrictAllocator a;
  const Block block = mete::allocate(a, layout(100, 8));
  fill(block.ptr, 100, 1);
  a.fail_after(0);
  EXPECT_FALSE(mete::grow(a, block.ptr, layout(100, 8), layout(200, 8)));
  EXPECT_FALSE(mete::grow_zeroed(a, block.ptr, layout(100, 8), layout(200, 8)));
  EXPECT_FALSE(mete::shrink(a, block.ptr, layout(100, 8), layout(50, 8)));
  EXPECT_FALSE(mete::allocate(a, layout(1, 1)));
  EXPECT_FALSE(mete::allocate_zeroed(a, layout(1, 1)));
  EXPECT_TRUE(holds(block.ptr, 100, 1));
  mete::deallocate(a, block.ptr, layout(100, 8));
}

struct StrictBoth : StrictGlobalAlloc, AllocatorFromGlobalAlloc<StrictBoth> {};

TEST(Allocator, T12_OnAGlobalAllocItFailsWithoutHarm) {
  StrictBoth a;
  const Block block = a.allocate(layout(100, 8));
  fill(block.ptr, 100, 1);
  a.fail_after(0);
  for (const std::size_t align : {8u, 64u}) {
    EXPECT_FALSE(a.grow(block.ptr, layout(100, 8), layout(200, align)));
    EXPECT_FALSE(a.grow_zeroed(block.ptr, layout(100, 8), layout(200, align)));
    EXPECT_FALSE(a.shrink(block.ptr, layout(100, 8), layout(50, align)));
  }
  EXPECT_TRUE(holds(block.ptr, 100, 1));
  a.deallocate(block.ptr, layout(100, 8));
}

struct Pool : StrictAllocator, GlobalAllocFromAllocator<Pool> {};

TEST(Allocator, BothContractsFromTheOther) {
  static_assert(GlobalAlloc<Pool> && Allocator<Pool> && GlobalAlloc<StrictBoth>);
  Pool pool;
  void* ptr = mete::alloc_zeroed(pool, layout(100, 8));
  EXPECT_TRUE(is_zero(ptr, 0, 100));
  ptr = mete::realloc(pool, ptr, layout(100, 8), 200);
  ptr = mete::realloc(pool, ptr, layout(200, 8), 50);
  EXPECT_TRUE(is_zero(ptr, 0, 50));
  EXPECT_EQ(nullptr, pool.realloc(ptr, layout(50, 8), SIZE_MAX));
  mete::dealloc(pool, ptr, layout(50, 8));
}

}  // namespace
}  // namespace mete::test

// The contract of a GlobalAlloc: which types meet it, and what the defaults do.

#include "mete/global_alloc.hpp"

#include <gtest/gtest.h>

#include <cstdint>
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
  void* alloc(Layout) noexcept;
  void dealloc(void*, Layout) noexcept;
};
struct OnlyAlloc {
  void* alloc(Layout) noexcept;
};
struct ThrowingAlloc {
  void* alloc(Layout);
  void dealloc(void*, Layout) noexcept;
};
struct AllocOfASize {
  void* alloc(std::size_t) noexcept;
  void dealloc(void*, Layout) noexcept;
};
struct AllocOfBytes {
  std::byte* alloc(Layout) noexcept;
  void dealloc(void*, Layout) noexcept;
};
struct WrongRealloc : TwoFunctions {
  void* realloc(void*, std::size_t) noexcept;
};
struct WrongAllocZeroed : TwoFunctions {
  void* alloc_zeroed(Layout);
};

TEST(GlobalAlloc, G1_G2_TwoFunctionsAreEnough) {
  static_assert(GlobalAlloc<TwoFunctions> && check_global_alloc<TwoFunctions>());
  static_assert(!GlobalAlloc<const TwoFunctions>);
  static_assert(!GlobalAlloc<OnlyAlloc> && !GlobalAlloc<int>);
}

TEST(GlobalAlloc, L16_TheAlignmentIsAlwaysSaid) { static_assert(!GlobalAlloc<AllocOfASize>); }

TEST(GlobalAlloc, G1_AllocReturnsVoid) { static_assert(!GlobalAlloc<AllocOfBytes>); }

TEST(GlobalAlloc, G3_G4_AMemberWithTheNameHasTheDeclaration) {
  static_assert(!GlobalAlloc<WrongAllocZeroed> && !GlobalAlloc<WrongRealloc>);
}

TEST(GlobalAlloc, G7_NothingMayThrow) { static_assert(!GlobalAlloc<ThrowingAlloc>); }

TEST(GlobalAlloc, G3_DefaultWritesZeros) {
  StrictGlobalAlloc a;
  void* const ptr = mete::alloc_zeroed(a, layout(100, 8));
  EXPECT_TRUE(is_zero(ptr, 0, 100));
  mete::dealloc(a, ptr, layout(100, 8));
  a.fail_after(0);
  EXPECT_EQ(nullptr, mete::alloc_zeroed(a, layout(100, 8)));
}

// Whose fresh memory is zero need not write it again.
struct Fresh : StrictGlobalAlloc {
  void* alloc_zeroed(Layout layout) noexcept {
    ++zeroed;
    void* const ptr = alloc(layout);
    std::memset(ptr, 0, layout.size());
    return ptr;
  }
  int zeroed = 0;
};

TEST(GlobalAlloc, G3_AMemberReplacesTheDefault) {
  Fresh a;
  mete::dealloc(a, mete::alloc_zeroed(a, layout(100, 8)), layout(100, 8));
  EXPECT_EQ(1, a.zeroed);
}

TEST(GlobalAlloc, G4_DefaultAllocatesCopiesAndFrees) {
  StrictGlobalAlloc a;
  void* ptr = mete::alloc(a, layout(100, 32));
  fill(ptr, 100, 1);
  ptr = mete::realloc(a, ptr, layout(100, 32), 40);
  EXPECT_TRUE(is_aligned(ptr, 32) && holds(ptr, 40, 1));
  EXPECT_EQ(2u, a.requests());
  EXPECT_EQ(1u, a.live());
  mete::dealloc(a, ptr, layout(40, 32));
}

TEST(GlobalAlloc, G5_DefaultReallocFailsWithoutHarm) {
  StrictGlobalAlloc a;
  void* const ptr = mete::alloc(a, layout(100, 8));
  fill(ptr, 100, 2);
  a.fail_after(0);
  EXPECT_EQ(nullptr, mete::realloc(a, ptr, layout(100, 8), 200));
  EXPECT_TRUE(holds(ptr, 100, 2));
  mete::dealloc(a, ptr, layout(100, 8));
}

TEST(GlobalAlloc, G5_AnImpossibleSizeAsksNobody) {
  StrictGlobalAlloc a;
  void* const ptr = mete::alloc(a, layout(100, 64));
  EXPECT_EQ(nullptr, mete::realloc(a, ptr, layout(100, 64), std::size_t{PTRDIFF_MAX}));
  EXPECT_EQ(nullptr, mete::realloc(a, ptr, layout(100, 64), SIZE_MAX));
  EXPECT_EQ(1u, a.requests());
  mete::dealloc(a, ptr, layout(100, 64));
}

TEST(GlobalAlloc, G8_FailureIsNull) {
  StrictGlobalAlloc a;
  a.fail_after(0);
  EXPECT_EQ(nullptr, mete::alloc(a, layout(1, 1)));
}

// P5: a wrapper that forwards the two functions.
struct MyAllocator : AllocatorFromGlobalAlloc<MyAllocator> {
  void* alloc(Layout layout) noexcept { return System::alloc(layout); }
  void dealloc(void* ptr, Layout layout) noexcept { System::dealloc(ptr, layout); }
};

TEST(GlobalAlloc, P5_AWrapperAroundSystem) {
  static_assert(GlobalAlloc<MyAllocator> && Allocator<MyAllocator> && std::is_empty_v<MyAllocator>);
  MyAllocator a;
  const Block block = mete::allocate(a, layout(100, 8));
  mete::deallocate(a, block.ptr, layout(100, 8));
}

}  // namespace
}  // namespace mete::test

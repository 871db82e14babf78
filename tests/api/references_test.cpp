// Borrowed allocators (T7): by their type, and of any type.

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "api/strict_allocator.hpp"
#include "mete/allocator_ref.hpp"
#include "mete/both_contracts.hpp"
#include "mete/by_ref.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

TEST(ByRef, T7_IsTheAllocatorThatItNames) {
  StrictAllocator a;
  StrictAllocator b;
  const ByRef ref = by_ref(a);
  EXPECT_EQ(&a, &ref.get());
  EXPECT_EQ(ref, by_ref(a));
  EXPECT_NE(ref, by_ref(b));
  const Block block = ref.allocate(layout(10, 8));
  EXPECT_TRUE(a.owns(block.ptr) && ref.owns(block.ptr));
  mete::deallocate(a, block.ptr, layout(10, 8));
}

TEST(ByRef, T7_HasTheMembersThatTheDefaultsServe) {
  StrictAllocator a;
  const ByRef ref = by_ref(a);
  Block block = ref.allocate_zeroed(layout(10, 8));
  block = ref.grow(block.ptr, layout(10, 8), layout(20, 8));
  block = ref.grow_zeroed(block.ptr, layout(20, 8), layout(30, 8));
  block = ref.shrink(block.ptr, layout(30, 8), layout(5, 8));
  EXPECT_TRUE(is_zero(block.ptr, 0, 5));
  ref.deallocate(block.ptr, layout(5, 8));
}

TEST(ByRef, MeetsTheContractsThatItsAllocatorMeets) {
  static_assert(Allocator<ByRef<StrictAllocator>> && !GlobalAlloc<ByRef<StrictAllocator>>);
  static_assert(GlobalAlloc<ByRef<StrictGlobalAlloc>> && !Allocator<ByRef<StrictGlobalAlloc>>);
  static_assert(GlobalAlloc<const ByRef<System>> && Allocator<const ByRef<System>>);
  static_assert(OwningAllocator<ByRef<StrictAllocator>> && !OwningAllocator<ByRef<System>>);
  static_assert(std::is_trivially_copyable_v<ByRef<System>>);
  static_assert(sizeof(ByRef<System>) == sizeof(void*));
}

// Code that is not a template.
std::size_t count_of(AllocatorRef allocator) {
  std::vector<int, StdAllocator<int, AllocatorRef>> numbers(allocator);
  for (int i = 0; i < 100; ++i) numbers.push_back(i);
  return numbers.size();
}

TEST(AllocatorRef, TakesAnAllocatorOfAnyType) {
  StrictAllocator strict;
  System system;
  EXPECT_EQ(100u, count_of(strict));
  EXPECT_EQ(100u, count_of(system));
  EXPECT_LT(0u, strict.requests());
  ByRef<StrictAllocator> borrowed(strict);
  EXPECT_EQ(100u, count_of(borrowed));
}

TEST(AllocatorRef, IsEqualToTheSameObjectOnly) {
  StrictAllocator a;
  StrictAllocator b;
  const AllocatorRef ref(a);
  const AllocatorRef copy(ref);
  AllocatorRef from_variable(copy);
  AllocatorRef of_a_variable(from_variable);  // a copy, no reference to a reference
  EXPECT_EQ(ref, of_a_variable);
  EXPECT_NE(ref, AllocatorRef(b));
  static_assert(std::is_trivially_copyable_v<AllocatorRef>);
  static_assert(sizeof(AllocatorRef) == 2 * sizeof(void*));
  static_assert(!std::is_constructible_v<AllocatorRef, int&>);
  static_assert(!std::is_constructible_v<AllocatorRef, System>);  // it would be gone
}

TEST(AllocatorRef, TakesAConstantWhereTheTypeAllowsIt) {
  static_assert(std::is_constructible_v<AllocatorRef, const ByRef<System>&>);
  static_assert(!std::is_constructible_v<AllocatorRef, const StrictAllocator&>);
  const System system;
  const GlobalAllocRef ref(system);
  ref.dealloc(ref.alloc(layout(8, 8)), layout(8, 8));
}

TEST(GlobalAllocRef, ServesAllFourFunctions) {
  StrictGlobalAlloc a;
  const GlobalAllocRef ref(a);
  void* ptr = ref.alloc_zeroed(layout(10, 64));
  EXPECT_TRUE(is_aligned(ptr, 64) && is_zero(ptr, 0, 10));
  ptr = ref.realloc(ptr, layout(10, 64), 100);
  EXPECT_TRUE(is_aligned(ptr, 64) && is_zero(ptr, 0, 10));
  ref.dealloc(ptr, layout(100, 64));
  EXPECT_EQ(ref, GlobalAllocRef(a));
  static_assert(GlobalAlloc<const GlobalAllocRef>);
}

}  // namespace
}  // namespace mete::test

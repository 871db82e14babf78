// Fallback: a first allocator, and a second one that serves what the first cannot. A block goes
// back to the one that it came from, because the first knows its own (`owns`).
//
//   mete::Fallback allocator{mete::Arena{buffer}, mete::System()};    the buffer first, then malloc

#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "mete/allocator.hpp"
#include "mete/both_contracts.hpp"
#include "mete/layout.hpp"

namespace mete {

// Both are held by value: lend one with ByRef instead. Threads: as the stricter of the two.
template <class First, class Second>
class Fallback : public GlobalAllocFromAllocator<Fallback<First, Second>> {
  static_assert(check_allocator<First>() && check_allocator<Second>());
  static_assert(HasOwns<First>,
                "the first allocator of a Fallback has `bool owns(const void*) noexcept`, so that "
                "each block finds its way back");

 public:
  constexpr Fallback() = default;
  constexpr Fallback(First first, Second second) noexcept
      : first_(std::move(first)), second_(std::move(second)) {}

  First& first() noexcept { return first_; }
  Second& second() noexcept { return second_; }

  Block allocate(Layout layout) noexcept {
    const Block block = mete::allocate(first_, layout);
    return block ? block : mete::allocate(second_, layout);
  }

  Block allocate_zeroed(Layout layout) noexcept {
    const Block block = mete::allocate_zeroed(first_, layout);
    return block ? block : mete::allocate_zeroed(second_, layout);
  }

  void deallocate(void* ptr, Layout layout) noexcept {
    if (first_.owns(ptr))
      mete::deallocate(first_, ptr, layout);
    else
      mete::deallocate(second_, ptr, layout);
  }

  // A block of the first that cannot stay there moves to the second; never the other way.
  Block grow(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    if (old_layout.size() == 0) return allocate(new_layout);
    if (!first_.owns(ptr)) return mete::grow(second_, ptr, old_layout, new_layout);
    const Block block = mete::grow(first_, ptr, old_layout, new_layout);
    if (block) return block;
    return move_to(mete::allocate(second_, new_layout), first_, ptr, old_layout, old_layout.size());
  }

  Block grow_zeroed(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    if (old_layout.size() == 0) return allocate_zeroed(new_layout);
    if (!first_.owns(ptr)) return mete::grow_zeroed(second_, ptr, old_layout, new_layout);
    const Block block = mete::grow_zeroed(first_, ptr, old_layout, new_layout);
    if (block) return block;
    return move_to(mete::allocate_zeroed(second_, new_layout), first_, ptr, old_layout,
                   old_layout.size());
  }

  Block shrink(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    if (!first_.owns(ptr)) return mete::shrink(second_, ptr, old_layout, new_layout);
    const Block block = mete::shrink(first_, ptr, old_layout, new_layout);
    if (block) return block;
    return move_to(mete::allocate(second_, new_layout), first_, ptr, old_layout, new_layout.size());
  }

  bool owns(const void* ptr) noexcept requires HasOwns<Second> {
    return first_.owns(ptr) || second_.owns(ptr);
  }

  friend constexpr bool operator==(const Fallback& a, const Fallback& b) noexcept requires
      std::equality_comparable<First> && std::equality_comparable<Second> {
    return a.first_ == b.first_ && a.second_ == b.second_;
  }

 private:
  [[no_unique_address]] First first_;
  [[no_unique_address]] Second second_;
};

}  // namespace mete

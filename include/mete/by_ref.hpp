// ByRef: an allocator lent to somebody who wants a value, Rust's `&A` (T7). It is a pointer: copies
// are cheap and are the same allocator, and the one it names has to live longer.
//
//   mete::Arena arena(buffer);
//   std::vector<int, mete::StdAllocator<int, mete::ByRef<Arena>>> numbers(arena);

#pragma once

#include <cstddef>

#include "mete/allocator.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"

namespace mete {

// Meets the contracts that A meets, with all members, those that A leaves to the defaults as well.
// Any thread may call that may call A.
template <class A>
class ByRef {
 public:
  constexpr ByRef(A& allocator) noexcept : allocator_(&allocator) {}

  constexpr A& get() const noexcept { return *allocator_; }

  void* alloc(Layout layout) const noexcept requires GlobalAlloc<A> {
    return mete::alloc(*allocator_, layout);
  }
  void dealloc(void* ptr, Layout layout) const noexcept requires GlobalAlloc<A> {
    mete::dealloc(*allocator_, ptr, layout);
  }
  void* alloc_zeroed(Layout layout) const noexcept requires GlobalAlloc<A> {
    return mete::alloc_zeroed(*allocator_, layout);
  }
  void* realloc(void* ptr, Layout layout,
                std::size_t new_size) const noexcept requires GlobalAlloc<A> {
    return mete::realloc(*allocator_, ptr, layout, new_size);
  }

  Block allocate(Layout layout) const noexcept requires Allocator<A> {
    return mete::allocate(*allocator_, layout);
  }
  Block allocate_zeroed(Layout layout) const noexcept requires Allocator<A> {
    return mete::allocate_zeroed(*allocator_, layout);
  }
  void deallocate(void* ptr, Layout layout) const noexcept requires Allocator<A> {
    mete::deallocate(*allocator_, ptr, layout);
  }
  Block grow(void* ptr, Layout old_layout, Layout new_layout) const noexcept requires Allocator<A> {
    return mete::grow(*allocator_, ptr, old_layout, new_layout);
  }
  Block grow_zeroed(void* ptr, Layout old_layout,
                    Layout new_layout) const noexcept requires Allocator<A> {
    return mete::grow_zeroed(*allocator_, ptr, old_layout, new_layout);
  }
  Block shrink(void* ptr, Layout old_layout,
               Layout new_layout) const noexcept requires Allocator<A> {
    return mete::shrink(*allocator_, ptr, old_layout, new_layout);
  }
  bool owns(const void* ptr) const noexcept requires HasOwns<A> { return allocator_->owns(ptr); }

  // Whether both name the same object.
  friend constexpr bool operator==(ByRef, ByRef) noexcept = default;

 private:
  A* allocator_;
};

template <class A>
constexpr ByRef<A> by_ref(A& allocator) noexcept {
  return allocator;
}

}  // namespace mete

// GlobalAlloc: the contract of an allocator that can serve a whole program, in the manner of malloc
// but with a Layout on both ways. Two functions are required, two have defaults:
//
//   void* alloc(Layout) noexcept                   null on failure; size > 0 (G1)
//   void dealloc(void*, Layout) noexcept           with the layout that allocated (G2)
//   void* alloc_zeroed(Layout) noexcept            default: alloc, then zeros (G3)
//   void* realloc(void*, Layout, size_t) noexcept  default: alloc, copy, dealloc (G4)
//
// They are called as mete::alloc(a, layout) and so on. These free functions take the member where
// there is one and the default where not, and check what they can in debug builds. None throws
// (G7); failure is null, and to abort is up to the caller (G8, alloc_error.hpp). The compiler may
// leave out a pair of alloc and dealloc, so nothing may rely on a call happening (G9). Which
// threads may call is up to the type.
// Contract: requirements G1 to G12, after core::alloc::GlobalAlloc.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "mete/layout.hpp"
#include "mete/precondition.hpp"

namespace mete {

// clang-format off
// The members, each as it has to be declared.
template <class A> concept HasAlloc =
    requires(A& a, Layout l) { { a.alloc(l) } noexcept -> std::same_as<void*>; };
template <class A> concept HasDealloc =
    requires(A& a, void* p, Layout l) { { a.dealloc(p, l) } noexcept -> std::same_as<void>; };
template <class A> concept HasAllocZeroed =
    requires(A& a, Layout l) { { a.alloc_zeroed(l) } noexcept -> std::same_as<void*>; };
template <class A> concept HasRealloc =
    requires(A& a, void* p, Layout l, std::size_t n) {
      { a.realloc(p, l, n) } noexcept -> std::same_as<void*>;
    };

// A member that has the name but another declaration is a mistake, no reason for the default.
template <class A> concept NamesAllocZeroed = requires { &std::remove_cv_t<A>::alloc_zeroed; };
template <class A> concept NamesRealloc = requires { &std::remove_cv_t<A>::realloc; };

template <class A> concept GlobalAlloc =
    HasAlloc<A> && HasDealloc<A> && (HasAllocZeroed<A> || !NamesAllocZeroed<A>) &&
    (HasRealloc<A> || !NamesRealloc<A>);
// clang-format on

// True, or a compile error that states the rule which A breaks:
//   static_assert(mete::check_global_alloc<MyAllocator>());
template <class A>
consteval bool check_global_alloc() {
  static_assert(HasAlloc<A>, "a GlobalAlloc has `void* alloc(mete::Layout) noexcept` (G1, G7)");
  static_assert(HasDealloc<A>,
                "a GlobalAlloc has `void dealloc(void*, mete::Layout) noexcept` (G2, G7)");
  static_assert(HasAllocZeroed<A> || !NamesAllocZeroed<A>,
                "alloc_zeroed of a GlobalAlloc, if there is one, is "
                "`void* alloc_zeroed(mete::Layout) noexcept` (G3, G7)");
  static_assert(HasRealloc<A> || !NamesRealloc<A>,
                "realloc of a GlobalAlloc, if there is one, is "
                "`void* realloc(void*, mete::Layout, std::size_t) noexcept` (G4, G7)");
  return true;
}

// A block of layout.size() bytes, aligned to layout.align(); what it holds is undefined.
// Requires: layout.size() > 0. Fails: null (G1).
template <class A>
[[nodiscard]] void* alloc(A& a, Layout layout) noexcept {
  static_assert(check_global_alloc<A>());
  require(layout.size() != 0, "`layout.size()` must be greater than zero for a GlobalAlloc");
  return a.alloc(layout);
}

// Takes a block back. Requires: `a` allocated it, with this layout (G2).
template <class A>
void dealloc(A& a, void* ptr, Layout layout) noexcept {
  static_assert(check_global_alloc<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  a.dealloc(ptr, layout);
}

// As alloc, all bytes zero (G3). An allocator whose fresh memory is zero declares the member, and
// does not write the zeros again.
template <class A>
[[nodiscard]] void* alloc_zeroed(A& a, Layout layout) noexcept {
  static_assert(check_global_alloc<A>());
  require(layout.size() != 0, "`layout.size()` must be greater than zero for a GlobalAlloc");
  if constexpr (HasAllocZeroed<A>) {
    return a.alloc_zeroed(layout);
  } else {
    void* const ptr = a.alloc(layout);
    if (ptr != nullptr) std::memset(ptr, 0, layout.size());
    return ptr;
  }
}

// What realloc does by default (G4): a new block, the contents, the end of the old one.
template <class A>
void* realloc_by_copy(A& a, void* ptr, Layout layout, std::size_t new_size) noexcept {
  void* const moved = a.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
  if (moved != nullptr) {
    std::memcpy(moved, ptr, layout.size() < new_size ? layout.size() : new_size);
    a.dealloc(ptr, layout);
  }
  return moved;
}

// The block with new_size bytes, as aligned as before, moved if need be; its first
// min(layout.size(), new_size) bytes are kept. Afterwards the old pointer is dead, even if the
// result is equal to it (G6).
// Requires: `a` allocated the block with `layout`; new_size > 0 (G4).
// Fails: null, also for a new_size that no layout can have; the block is as it was (G5).
template <class A>
[[nodiscard]] void* realloc(A& a, void* ptr, Layout layout, std::size_t new_size) noexcept {
  static_assert(check_global_alloc<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  require(new_size != 0, "`new_size` must be greater than zero for a GlobalAlloc");
  const std::optional<Layout> new_layout = Layout::from_size_align(new_size, layout.align());
  if (!new_layout) return nullptr;
  if constexpr (HasRealloc<A>) {
    return a.realloc(ptr, layout, new_size);
  } else {
    return realloc_by_copy(a, ptr, layout, new_size);
  }
}

}  // namespace mete

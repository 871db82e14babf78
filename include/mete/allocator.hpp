// Allocator: the contract of an allocator for containers and for objects with one of their own.
// Other than a GlobalAlloc it serves size 0, says how much it really gave, and can change the
// alignment of a block. Two functions are required, the others have defaults:
//
//   Block allocate(Layout) noexcept                      (T1)
//   void deallocate(void*, Layout) noexcept              (T3)
//   Block allocate_zeroed(Layout) noexcept               default: allocate, then zeros (T2)
//   Block grow(void*, Layout, Layout) noexcept           default: allocate, copy, deallocate (T4)
//   Block grow_zeroed(void*, Layout, Layout) noexcept    likewise, with zeros behind (T5)
//   Block shrink(void*, Layout, Layout) noexcept         likewise (T6)
//   bool owns(const void*) noexcept                      optional: is this a block of mine?
//
// They are called as mete::allocate(a, layout) and so on. These free functions take the member
// where there is one and the default where not; they serve size 0 themselves, so that a member
// never sees it; and they check what they can in debug builds. None throws.
//
// A block is *currently allocated* (T9) from the call that returned it to the deallocate, or the
// successful grow or shrink, that it is passed to: a result belongs to the caller also where the
// block did not move (T11), and failure leaves a block as it was (T12). A layout *fits* a block
// (T10) if its alignment is the one that allocated it and its size lies between the one last asked
// for and the one last returned. Moving an allocator, or copying one that can be copied, leaves its
// blocks valid, and the copy is the same allocator (T13). Which threads may call is up to the type.
// Contract: requirements T1 to T13, after core::alloc::Allocator.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/precondition.hpp"

namespace mete {

// What an Allocator answers: where the block is, and how many bytes may be used, at least as many
// as asked for. Null is failure, the AllocError of the original.
struct Block {
  void* ptr = nullptr;
  std::size_t size = 0;

  // The block of a layout of size 0: an aligned address that is not null, and no bytes (L14).
  static Block dangling(Layout layout) noexcept { return {layout.dangling(), 0}; }

  explicit operator bool() const noexcept { return ptr != nullptr; }
  friend bool operator==(Block, Block) noexcept = default;
};

// clang-format off
// The members, each as it has to be declared.
template <class A> concept HasAllocate =
    requires(A& a, Layout l) { { a.allocate(l) } noexcept -> std::same_as<Block>; };
template <class A> concept HasDeallocate =
    requires(A& a, void* p, Layout l) { { a.deallocate(p, l) } noexcept -> std::same_as<void>; };
template <class A> concept HasAllocateZeroed =
    requires(A& a, Layout l) { { a.allocate_zeroed(l) } noexcept -> std::same_as<Block>; };
template <class A> concept HasGrow =
    requires(A& a, void* p, Layout l) { { a.grow(p, l, l) } noexcept -> std::same_as<Block>; };
template <class A> concept HasGrowZeroed =
    requires(A& a, void* p, Layout l) {
      { a.grow_zeroed(p, l, l) } noexcept -> std::same_as<Block>;
    };
template <class A> concept HasShrink =
    requires(A& a, void* p, Layout l) { { a.shrink(p, l, l) } noexcept -> std::same_as<Block>; };
template <class A> concept HasOwns =
    requires(A& a, const void* p) { { a.owns(p) } noexcept -> std::same_as<bool>; };

// A member that has the name but another declaration is a mistake, no reason for the default.
template <class A> concept NamesAllocateZeroed =
    requires { &std::remove_cv_t<A>::allocate_zeroed; };
template <class A> concept NamesGrow = requires { &std::remove_cv_t<A>::grow; };
template <class A> concept NamesGrowZeroed = requires { &std::remove_cv_t<A>::grow_zeroed; };
template <class A> concept NamesShrink = requires { &std::remove_cv_t<A>::shrink; };

template <class A> concept Allocator =
    HasAllocate<A> && HasDeallocate<A> && (HasAllocateZeroed<A> || !NamesAllocateZeroed<A>) &&
    (HasGrow<A> || !NamesGrow<A>) && (HasGrowZeroed<A> || !NamesGrowZeroed<A>) &&
    (HasShrink<A> || !NamesShrink<A>);

// An Allocator that knows its blocks from those of others.
template <class A> concept OwningAllocator = Allocator<A> && HasOwns<A>;
// clang-format on

// True, or a compile error that states the rule which A breaks:
//   static_assert(mete::check_allocator<MyAllocator>());
template <class A>
consteval bool check_allocator() {
  static_assert(HasAllocate<A>,
                "an Allocator has `mete::Block allocate(mete::Layout) noexcept` (T1)");
  static_assert(HasDeallocate<A>,
                "an Allocator has `void deallocate(void*, mete::Layout) noexcept` (T3)");
  static_assert(HasAllocateZeroed<A> || !NamesAllocateZeroed<A>,
                "allocate_zeroed of an Allocator, if there is one, is "
                "`mete::Block allocate_zeroed(mete::Layout) noexcept` (T2)");
  static_assert(HasGrow<A> || !NamesGrow<A>,
                "grow of an Allocator, if there is one, is "
                "`mete::Block grow(void*, mete::Layout, mete::Layout) noexcept` (T4)");
  static_assert(HasGrowZeroed<A> || !NamesGrowZeroed<A>,
                "grow_zeroed of an Allocator, if there is one, is "
                "`mete::Block grow_zeroed(void*, mete::Layout, mete::Layout) noexcept` (T5)");
  static_assert(HasShrink<A> || !NamesShrink<A>,
                "shrink of an Allocator, if there is one, is "
                "`mete::Block shrink(void*, mete::Layout, mete::Layout) noexcept` (T6)");
  return true;
}

// The texts of the rules for grow and shrink (S6, S7).
inline constexpr char kGrowRule[] =
    "`new_layout.size()` must be greater than or equal to `old_layout.size()`";
inline constexpr char kShrinkRule[] =
    "`new_layout.size()` must be smaller than or equal to `old_layout.size()`";

// States what every allocator owes its caller; passes the block on.
inline Block require_answer(Block block, Layout layout) noexcept {
  require(!block || block.size >= layout.size(),
          "an Allocator must return a block of at least `layout.size()` bytes");
  require((reinterpret_cast<std::uintptr_t>(block.ptr) & (layout.align() - 1)) == 0,
          "an Allocator must return a block aligned to `layout.align()`");
  return block;
}

// A block of at least layout.size() bytes, aligned to layout.align(); what it holds is undefined.
// Size 0 takes no memory: the block is dangling. Fails: null (T1).
template <class A>
[[nodiscard]] Block allocate(A& a, Layout layout) noexcept {
  static_assert(check_allocator<A>());
  if (layout.size() == 0) return Block::dangling(layout);
  return require_answer(a.allocate(layout), layout);
}

// As allocate; all bytes of the block are zero, those that were not asked for as well (T2).
template <class A>
[[nodiscard]] Block allocate_zeroed(A& a, Layout layout) noexcept {
  static_assert(check_allocator<A>());
  if (layout.size() == 0) return Block::dangling(layout);
  if constexpr (HasAllocateZeroed<A>) {
    return require_answer(a.allocate_zeroed(layout), layout);
  } else {
    const Block block = require_answer(a.allocate(layout), layout);
    if (block) std::memset(block.ptr, 0, block.size);
    return block;
  }
}

// Takes a block back. Requires: it is currently allocated by `a`, and the layout fits it (T3, T10).
template <class A>
void deallocate(A& a, void* ptr, Layout layout) noexcept {
  static_assert(check_allocator<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  if (layout.size() != 0) a.deallocate(ptr, layout);
}

// What grow and shrink do by default: copies `kept` bytes to the new block, if there is one, and
// gives the old one back to `a`. Returns the new block.
template <class A>
Block move_to(Block block, A& a, void* ptr, Layout old_layout, std::size_t kept) noexcept {
  if (block) {
    std::memcpy(block.ptr, ptr, kept);
    a.deallocate(ptr, old_layout);
  }
  return block;
}

// The block with new_layout, moved if need be; its first old_layout.size() bytes are kept (T4).
// The alignment may change either way.
// Requires: the block is currently allocated by `a`, old_layout fits it, and new_layout is at least
// as large. Fails: null; the block is as it was (T12).
template <class A>
[[nodiscard]] Block grow(A& a, void* ptr, Layout old_layout, Layout new_layout) noexcept {
  static_assert(check_allocator<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  require(new_layout.size() >= old_layout.size(), kGrowRule);
  if (old_layout.size() == 0) return mete::allocate(a, new_layout);
  if constexpr (HasGrow<A>) {
    return require_answer(a.grow(ptr, old_layout, new_layout), new_layout);
  } else {
    return move_to(mete::allocate(a, new_layout), a, ptr, old_layout, old_layout.size());
  }
}

// As grow; the bytes that are new are zero, to the end of the block. Those between the old size and
// what the old block really had are zero or as they were (T5).
template <class A>
[[nodiscard]] Block grow_zeroed(A& a, void* ptr, Layout old_layout, Layout new_layout) noexcept {
  static_assert(check_allocator<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  require(new_layout.size() >= old_layout.size(), kGrowRule);
  if (old_layout.size() == 0) return mete::allocate_zeroed(a, new_layout);
  if constexpr (HasGrowZeroed<A>) {
    return require_answer(a.grow_zeroed(ptr, old_layout, new_layout), new_layout);
  } else {
    return move_to(mete::allocate_zeroed(a, new_layout), a, ptr, old_layout, old_layout.size());
  }
}

// The block with new_layout, moved if need be; its first new_layout.size() bytes are kept (T6).
// The alignment may change either way. A new size of 0 gives the block back.
// Requires: as grow, but new_layout is at most as large. Fails: null; the block is as it was (T12).
template <class A>
[[nodiscard]] Block shrink(A& a, void* ptr, Layout old_layout, Layout new_layout) noexcept {
  static_assert(check_allocator<A>());
  require(ptr != nullptr, "`ptr` must be a block: null is none");
  require(new_layout.size() <= old_layout.size(), kShrinkRule);
  if (new_layout.size() == 0) {
    mete::deallocate(a, ptr, old_layout);
    return Block::dangling(new_layout);
  }
  if constexpr (HasShrink<A>) {
    return require_answer(a.shrink(ptr, old_layout, new_layout), new_layout);
  } else {
    return move_to(mete::allocate(a, new_layout), a, ptr, old_layout, new_layout.size());
  }
}

}  // namespace mete

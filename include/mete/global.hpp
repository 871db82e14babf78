// The global allocator: what serves a program that does not say which allocator it means. By
// default that is mete's own heap; a program may choose another, once:
//
//   METE_GLOBAL_ALLOCATOR(my_allocator);     at namespace scope, with any GlobalAlloc of static
//                                            lifetime: of your own, of mete, of another library
//
// The functions here and mete::Global reach the choice from everywhere; typed.hpp is the same for
// types known at compile time, inlined. A shared library that is a guest in a program it does not
// control chooses mete::System (P4, B6).
// Contract: requirements P1 to P6 and B1 to B12. Any thread may call anything.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include "mete/both_contracts.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/mete.h"

namespace mete {

// A block of at least layout.size() bytes, aligned to layout.align(). Requires: the size is not 0.
// Fails: null (G1).
[[nodiscard]] METE_API void* alloc(Layout layout) noexcept;

// As alloc, all bytes zero (G3).
[[nodiscard]] METE_API void* alloc_zeroed(Layout layout) noexcept;

// Takes a block back. Requires: it came from the global allocator, with a layout that fits (T10).
METE_API void dealloc(void* ptr, Layout layout) noexcept;

// The block with new_size bytes, moved if need be, and its first min(layout.size(), new_size)
// bytes. Requires: new_size is not 0. Fails: null, the block as it was; also for a size that no
// layout can have (G4, G5).
[[nodiscard]] METE_API void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept;

// Resizes without moving. Returns: the bytes that may be used now, at least new_size; layout.size()
// if that was not possible (B4).
METE_API std::size_t realloc_in_place(void* ptr, Layout layout, std::size_t new_size) noexcept;

// The size that a request would really give; layout.size() if that is not known (B5). The first
// calls of a thread may give more than that, never less.
METE_API std::size_t usable_size(Layout layout) noexcept;

// Fills `blocks` with blocks for one layout, faster than a loop. Returns: how many there are; fewer
// than asked for when there is no memory, and the rest of `blocks` is as it was. Each goes back as
// if it came from alloc.
[[nodiscard]] METE_API std::size_t alloc_batch(Layout layout, std::span<void*> blocks) noexcept;

// Takes blocks back, faster than a loop; whichever thread or heap each came from. Requires: the
// layout fits each of them.
METE_API void dealloc_batch(std::span<void* const> blocks, Layout layout) noexcept;

// A handle to the global allocator. Without state; every Global is the same one. Blocks are as
// large as usable_size says.
struct Global : AllocatorFromGlobalAlloc<Global> {
  static void* alloc(Layout layout) noexcept { return mete::alloc(layout); }
  static void* alloc_zeroed(Layout layout) noexcept { return mete::alloc_zeroed(layout); }
  static void dealloc(void* ptr, Layout layout) noexcept { mete::dealloc(ptr, layout); }
  static void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    return mete::realloc(ptr, layout, new_size);
  }

  Block allocate(Layout layout) noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
    return whole(mete::alloc(layout), layout);
  }
  Block allocate_zeroed(Layout layout) noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
    // What is beyond the request need not be zero, so it is not offered.
    void* const ptr = mete::alloc_zeroed(layout);
    return ptr != nullptr ? Block{ptr, layout.size()} : Block{};
  }

  friend constexpr bool operator==(Global, Global) noexcept { return true; }

 private:
  static Block whole(void* ptr, Layout layout) noexcept {
    return ptr != nullptr ? Block{ptr, mete::usable_size(layout)} : Block{};
  }
};

static_assert(GlobalAlloc<Global> && Allocator<Global>);

// The table of the functions of a GlobalAlloc of static lifetime.
template <class A>
constexpr mete_global_allocator global_allocator_table(A& allocator) noexcept {
  static_assert(check_global_alloc<A>());
  static_assert(!std::is_same_v<std::remove_cv_t<A>, Global>,
                "Global is a handle to what was selected: it cannot be the selection (B11)");
  using Self = std::remove_cv_t<A>;
  mete_global_allocator table{};
  // Not a static_cast, so that an allocator whose functions are const may be const.
  table.self = const_cast<Self*>(std::addressof(allocator));
  table.allocate = [](void* self, std::size_t size, std::size_t align) {
    return static_cast<Self*>(self)->alloc(Layout::from_size_align_unchecked(size, align));
  };
  table.deallocate = [](void* self, void* block, std::size_t size, std::size_t align) {
    static_cast<Self*>(self)->dealloc(block, Layout::from_size_align_unchecked(size, align));
  };
  if constexpr (HasAllocZeroed<A>) {
    table.allocate_zeroed = [](void* self, std::size_t size, std::size_t align) {
      return static_cast<Self*>(self)->alloc_zeroed(Layout::from_size_align_unchecked(size, align));
    };
  }
  if constexpr (HasRealloc<A>) {
    table.reallocate = [](void* self, void* block, std::size_t size, std::size_t new_size,
                          std::size_t align) {
      return static_cast<Self*>(self)->realloc(
          block, Layout::from_size_align_unchecked(size, align), new_size);
    };
  }
  return table;
}

}  // namespace mete

// Selects `object`, a GlobalAlloc of static lifetime, for the whole program. A second selection is
// a link error: multiple definition of METE_GLOBAL_ALLOCATOR_may_be_used_once_per_program.
#define METE_GLOBAL_ALLOCATOR(object) \
  constinit METE_GLOBAL_ALLOCATOR_TABLE = ::mete::global_allocator_table(object)

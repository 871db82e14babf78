// Two bases that give a type the contract which it has not written itself.
//
//   struct Counter : mete::AllocatorFromGlobalAlloc<Counter> { has alloc, dealloc };
//   struct Pool : mete::GlobalAllocFromAllocator<Pool> { has allocate, deallocate };
//
// What the type declares itself hides what is here. The bases have no state, and the threads that
// may call are those that may call the type.

#pragma once

#include <cstddef>
#include <cstring>
#include <optional>

#include "mete/allocator.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/precondition.hpp"

namespace mete {

// An Allocator on the GlobalAlloc that Self is: the branches of Rust's `impl Allocator for System`
// (S5 to S8). A block has exactly the size that was asked for. If its alignment stays it is resized
// by realloc, else copied; for size 0 nothing is called.
template <class Self>
class AllocatorFromGlobalAlloc {
 public:
  Block allocate(Layout layout) noexcept { return allocate(layout, false); }
  Block allocate_zeroed(Layout layout) noexcept { return allocate(layout, true); }

  void deallocate(void* ptr, Layout layout) noexcept {
    if (layout.size() != 0) mete::dealloc(self(), ptr, layout);
  }

  Block grow(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    return grow(ptr, old_layout, new_layout, false);
  }
  Block grow_zeroed(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    return grow(ptr, old_layout, new_layout, true);
  }

  Block shrink(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    require(new_layout.size() <= old_layout.size(), kShrinkRule);
    if (new_layout.size() == 0) {
      AllocatorFromGlobalAlloc::deallocate(ptr, old_layout);
      return Block::dangling(new_layout);
    }
    if (old_layout.align() == new_layout.align()) {
      return block(mete::realloc(self(), ptr, old_layout, new_layout.size()), new_layout);
    }
    return move_to(allocate(new_layout, false), *this, ptr, old_layout, new_layout.size());
  }

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }

  static Block block(void* ptr, Layout layout) noexcept {
    return ptr != nullptr ? Block{ptr, layout.size()} : Block{};
  }

  Block allocate(Layout layout, bool zeroed) noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
    return block(zeroed ? mete::alloc_zeroed(self(), layout) : mete::alloc(self(), layout), layout);
  }

  Block grow(void* ptr, Layout old_layout, Layout new_layout, bool zeroed) noexcept {
    require(new_layout.size() >= old_layout.size(), kGrowRule);
    const std::size_t old_size = old_layout.size();
    const std::size_t new_size = new_layout.size();
    if (old_size == 0) return allocate(new_layout, zeroed);
    if (old_layout.align() == new_layout.align()) {
      void* const grown = mete::realloc(self(), ptr, old_layout, new_size);
      if (grown != nullptr && zeroed)
        std::memset(static_cast<std::byte*>(grown) + old_size, 0, new_size - old_size);
      return block(grown, new_layout);
    }
    return move_to(allocate(new_layout, zeroed), *this, ptr, old_layout, old_size);
  }
};

// A GlobalAlloc on the Allocator that Self is: how much a block really has is not passed on.
template <class Self>
class GlobalAllocFromAllocator {
 public:
  void* alloc(Layout layout) noexcept { return mete::allocate(self(), layout).ptr; }
  void dealloc(void* ptr, Layout layout) noexcept { mete::deallocate(self(), ptr, layout); }
  void* alloc_zeroed(Layout layout) noexcept { return mete::allocate_zeroed(self(), layout).ptr; }
  void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    const std::optional<Layout> new_layout = Layout::from_size_align(new_size, layout.align());
    if (!new_layout) return nullptr;
    return new_size >= layout.size() ? mete::grow(self(), ptr, layout, *new_layout).ptr
                                     : mete::shrink(self(), ptr, layout, *new_layout).ptr;
  }

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }
};

}  // namespace mete

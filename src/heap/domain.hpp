// What all heaps of the process share: the pages and the table of slabs.

#pragma once

#include <atomic>
#include <cstdint>

#include "heap/slab.hpp"
#include "pages/page_allocator.hpp"
#include "pages/sparse_array.hpp"

namespace mete::heap {

// By number of the 64 KiB in the window. Chunks of 4096 slabs: 256 KiB for 256 MiB of heap.
using SlabTable = pages::SparseArray<Slab, 28, 12>;

// Large and zero: apart from Domain, so that they take no room in the library's file.
extern constinit pages::PageTable page_table;
extern constinit SlabTable slab_table;

// What knows blocks that lie in no page of ours: heaps on memory of their users. Called where an
// address is about to be refused, with no lock held, and around a fork.
struct Elsewhere {
  bool (*deallocate)(void* pointer) noexcept;                // whether it was its block
  std::size_t (*usable_size)(const void* pointer) noexcept;  // 0: it is none of its blocks
  void (*lock_for_fork)() noexcept;
  void (*unlock_after_fork)() noexcept;
  void (*recover_in_child)() noexcept;
};

struct Domain {
  pages::PageAllocator pages{page_table};

  std::atomic<std::uint64_t> tick_milliseconds{200};

  // Called at every tick of a heap, with no lock held; for statistics.
  std::atomic<void (*)() noexcept> on_tick{nullptr};

  std::atomic<const Elsewhere*> elsewhere{nullptr};

  unsigned slab_page_shift() const noexcept { return kSlabShift - pages.window().page_shift(); }
  // The slab that an address lies in. Requires: it lies in one.
  Slab& slab_at(const void* address) const noexcept {
    const pages::PageId page = pages.window().page_of(reinterpret_cast<std::uintptr_t>(address));
    return slab_table[page.value >> slab_page_shift()];
  }
  pages::PageCount slab_pages() const noexcept { return pages::PageCount(1u << slab_page_shift()); }
};

extern constinit Domain domain;

}  // namespace mete::heap

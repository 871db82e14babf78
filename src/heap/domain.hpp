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

struct Domain {
  pages::PageAllocator pages{page_table};

  std::atomic<std::uint64_t> tick_milliseconds{200};

  // Called at every tick of a heap, with no lock held; for statistics.
  std::atomic<void (*)() noexcept> on_tick{nullptr};

  unsigned slab_page_shift() const noexcept { return kSlabShift - pages.window().page_shift(); }
  pages::PageCount slab_pages() const noexcept { return pages::PageCount(1u << slab_page_shift()); }
};

extern constinit Domain domain;

}  // namespace mete::heap

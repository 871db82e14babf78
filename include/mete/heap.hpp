// Heap: mete's heap as an object, apart from the one of the process. What belongs together lives in
// a heap of its own, is limited and counted by it, and ends with it in one shot.
//
//   mete::Heap heap({.limit = 64 << 20, .name = "request"});
//   void* p = heap.alloc(layout);
//   std::vector<int, mete::StdAllocator<int, mete::ByRef<mete::Heap>>> numbers(heap);
//
// Any thread may allocate from a heap and free into it, one at a time inside. A block also goes
// back through mete::dealloc and, where mete replaces malloc, through free: they find the heap that
// owns it. realloc of the process does not: it moves a block out of its heap if it has to move.
// Contract: requirements G1 to G5 and T1 to T13; the idea is dlmalloc's mspaces (M1 to M8).

#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "mete/both_contracts.hpp"
#include "mete/layout.hpp"
#include "mete/mete.h"

namespace mete {

// Sizes in bytes. What is in use counts as usable_size would: rounded up to a size class or to
// pages.
struct HeapOptions {
  std::size_t capacity = 0;  // memory for small blocks that is taken at once and kept to the end
  std::size_t limit = 0;     // no more is in use at any time; 0: no limit
  const char* name = "";     // for statistics; its first 31 characters are kept

  // Memory of one's own in place of mete's pages: a buffer that lives longer than the heap, a
  // source (mete.h), or first the one and then the other. A page is enough. Blocks cost one word
  // there.
  std::span<std::byte> buffer = {};
  const mete_memory_source* source = nullptr;
};

struct HeapStatistics {
  std::size_t in_use = 0;       // bytes of blocks in the program's hands
  std::size_t peak_in_use = 0;  // since the heap began
  std::size_t blocks = 0;       // in the program's hands
  std::size_t held = 0;         // bytes of pages that the heap has, in use or not
  std::size_t limit = 0;        // 0: none
};

// Meets both contracts. Movable: blocks stay where they are, and a heap that was moved from has no
// memory to give. Fails: as an allocator that has no memory, if there is none for the heap itself.
class Heap : public AllocatorFromGlobalAlloc<Heap> {
 public:
  explicit Heap(const HeapOptions& options = {}) noexcept
      : heap_(create({options.capacity, options.limit, options.name, options.buffer.data(),
                      options.buffer.size(), options.source})) {}
  Heap(Heap&& other) noexcept : heap_(std::exchange(other.heap_, nullptr)) {}
  Heap& operator=(Heap&& other) noexcept {
    std::swap(heap_, other.heap_);
    return *this;
  }

  // Ends all blocks that are left. No thread may be using the heap or them.
  ~Heap() { mete_heap_destroy(heap_); }

  // Whether there is a heap behind this handle.
  explicit operator bool() const noexcept { return heap_ != nullptr; }

  // GlobalAlloc (G1 to G4). Fails: null, if there is no memory or the limit would be passed.
  [[nodiscard]] void* alloc(Layout layout) noexcept {
    return mete_heap_allocate(heap_, layout.size(), layout.align());
  }
  [[nodiscard]] void* alloc_zeroed(Layout layout) noexcept {
    return mete_heap_allocate_zeroed(heap_, layout.size(), layout.align());
  }
  void dealloc(void* ptr, Layout) noexcept { mete_heap_deallocate(heap_, ptr); }
  [[nodiscard]] void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    return mete_heap_reallocate(heap_, ptr, new_size, layout.align());
  }

  // Allocator: as AllocatorFromGlobalAlloc, with all bytes that a block really has.
  [[nodiscard]] Block allocate(Layout layout) noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
    void* const ptr = alloc(layout);
    return ptr != nullptr ? Block{ptr, mete_heap_usable_size(heap_, ptr)} : Block{};
  }

  // As mete::alloc_batch and dealloc_batch, with one lock of the heap for all blocks.
  [[nodiscard]] std::size_t alloc_batch(Layout layout, std::span<void*> blocks) noexcept {
    return mete_heap_allocate_batch(heap_, layout.size(), layout.align(), blocks.data(),
                                    blocks.size());
  }
  void dealloc_batch(std::span<void* const> blocks, Layout) noexcept {
    mete_heap_deallocate_batch(heap_, blocks.data(), blocks.size());
  }

  // Ends all blocks at once; the heap is as new, and keeps its capacity, and up to 64 slabs of 64
  // KiB for what comes next until it has been still for half a second. No thread may be using the
  // heap or its blocks. Complexity: the slabs of 64 KiB and large blocks there are, not the blocks.
  void reset() noexcept { mete_heap_reset(heap_); }

  // Whether the address lies in memory that blocks of this heap may have. Any thread.
  bool owns(const void* ptr) const noexcept { return mete_heap_owns(heap_, ptr) != 0; }

  HeapStatistics statistics() const noexcept {
    mete_heap_statistics now{};
    if (heap_ != nullptr) mete_heap_get_statistics(heap_, &now);
    return {now.in_use, now.peak_in_use, now.blocks, now.held, now.limit};
  }
  const char* name() const noexcept { return mete_heap_name(heap_); }

  // The same heap for the functions of mete.h; it stays this object's.
  mete_heap* get() const noexcept { return heap_; }

  friend bool operator==(const Heap& a, const Heap& b) noexcept { return a.heap_ == b.heap_; }

 private:
  static mete_heap* create(const mete_heap_options& options) noexcept {
    return mete_heap_create(&options);
  }

  mete_heap* heap_;
};

static_assert(GlobalAlloc<Heap> && Allocator<Heap>);

}  // namespace mete

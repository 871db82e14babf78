// What serves mete::alloc where nothing else was selected: the process heap.

#pragma once

#include <string.h>

#include <cstddef>
#include <span>

#include "global/one_by_one.hpp"
#include "global/process_heap.hpp"
#include "heap/batch.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"
#include "mete/layout.hpp"

namespace mete::global {

struct Default {
  static void* alloc(Layout layout) noexcept {
    const heap::SizeClass size_class = heap::class_for(layout.size(), layout.align());
    return noted(size_class == heap::SizeClass() ? allocate_aligned(layout.align(), layout.size())
                                                 : heap::pop(static_cast<heap::BinOffset>(
                                                       size_class.index * sizeof(heap::Bin))));
  }

  static void* alloc_zeroed(Layout layout) noexcept {
    return noted(heap::allocate_zeroed(layout.align(), layout.size()));
  }

  static void dealloc(void* ptr, Layout) noexcept { deallocate(ptr); }

  static void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    // Large blocks are whole pages.
    if (layout.align() <= heap::kGranule ||
        (layout.align() <= kLeastPage && new_size > heap::kLargestClassBytes))
      return reallocate(ptr, new_size);
    const std::size_t usable = heap::resize_in_place(ptr, new_size);
    if (new_size <= usable && new_size >= usable / 2) return ptr;
    void* const moved = alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
    if (moved == nullptr) return nullptr;
    memcpy(moved, ptr, layout.size() < new_size ? layout.size() : new_size);
    deallocate(ptr);
    return moved;
  }

  static std::size_t realloc_in_place(void* ptr, Layout layout, std::size_t new_size) noexcept {
    const std::size_t usable = heap::resize_in_place(ptr, new_size);
    return usable >= new_size ? usable : layout.size();
  }

  static std::size_t usable_size(Layout layout) noexcept {
    return heap::good_size(layout.size(), layout.align());
  }

  static std::size_t alloc_batch(Layout layout, std::span<void*> blocks) noexcept {
    const heap::SizeClass size_class = heap::class_for(layout.size(), layout.align());
    if (size_class != heap::SizeClass()) {
      const std::size_t done = heap::allocate_batch(size_class, blocks.data(), blocks.size());
      heap::global_bins = heap::current_bins;
      return done;
    }
    return fill_one_by_one(blocks, [layout] { return alloc(layout); });
  }

  static void dealloc_batch(std::span<void* const> blocks, Layout) noexcept {
    heap::deallocate_batch(blocks.data(), blocks.size());
  }

 private:
  static constexpr std::size_t kLeastPage = 4096;

  // If the thread has its heap now, typed allocation may use it.
  static void* noted(void* block) noexcept {
    heap::global_bins = heap::current_bins;
    return block;
  }
};

}  // namespace mete::global

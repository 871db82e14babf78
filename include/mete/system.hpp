// System: the allocator of the platform, as it is when nothing else was chosen; here the malloc
// family. Inline on plain malloc, so what serves it is whatever malloc the program has.
//
// A block of System goes back through System: never hand one to free, or one of malloc to System,
// since System may do more than malloc does (S1). It can always be used directly, whichever
// allocator the program selected (S3).
// Contract: requirements S1 to S9, after std::alloc::System. Any thread may call anything.

#pragma once

#include <stdlib.h>

#include <cstddef>
#include <cstring>

#include "mete/allocator.hpp"
#include "mete/both_contracts.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/precondition.hpp"

namespace mete {

// Without state; every System is the same one (S2).
struct System : AllocatorFromGlobalAlloc<System> {
  // What malloc aligns every block to that is at least as large (S9).
#if defined(ESP_PLATFORM)
  static constexpr std::size_t kMinAlign = 4;
#else
  static constexpr std::size_t kMinAlign = sizeof(void*) >= 8 ? 16 : 8;
#endif

  static void* alloc(Layout layout) noexcept {
    return is_natural(layout.size(), layout.align()) ? ::malloc(layout.size())
                                                     : aligned_malloc(layout);
  }

  static void dealloc(void* ptr, Layout) noexcept { ::free(ptr); }

  static void* alloc_zeroed(Layout layout) noexcept {
    if (is_natural(layout.size(), layout.align())) return ::calloc(layout.size(), 1);
    void* const ptr = aligned_malloc(layout);
    if (ptr != nullptr) std::memset(ptr, 0, layout.size());
    return ptr;
  }

  static void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    if (is_natural(new_size, layout.align())) return ::realloc(ptr, new_size);
    void* const moved = alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
    if (moved != nullptr) {
      std::memcpy(moved, ptr, layout.size() < new_size ? layout.size() : new_size);
      dealloc(ptr, layout);
    }
    return moved;
  }

  friend constexpr bool operator==(System, System) noexcept { return true; }

 private:
  // A block smaller than its alignment may lie anywhere for malloc.
  static constexpr bool is_natural(std::size_t size, std::size_t align) noexcept {
    return align <= kMinAlign && align <= size;
  }

  static void* aligned_malloc(Layout layout) noexcept {
    void* ptr = nullptr;
    const std::size_t align = layout.align() < sizeof(void*) ? sizeof(void*) : layout.align();
    return ::posix_memalign(&ptr, align, layout.size()) == 0 ? ptr : nullptr;
  }
};

static_assert(GlobalAlloc<System> && Allocator<System>);

}  // namespace mete

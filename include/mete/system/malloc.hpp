// The malloc family as System uses it, wherever there is one but on Windows. Inline on plain
// malloc, so what serves it is whatever malloc the program has.

#pragma once

#include <stdlib.h>

#include <cstddef>
#include <cstring>

#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"

namespace mete {

struct MallocFamily {
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
    MallocFamily family;
    return realloc_by_copy(family, ptr, layout, new_size);
  }

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

}  // namespace mete

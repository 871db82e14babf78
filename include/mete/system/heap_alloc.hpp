// The HeapAlloc family as System uses it on Windows, on the heap of the process. It aligns blocks
// to 16 bytes, 8 in programs of 32 bits. A block that is to be aligned to more lies in a larger
// one, whose address stands in the word before it:
//
//   | unused | whole | block ...                 | unused |
//   `-> whole: what HeapAlloc gave, size + align bytes

#pragma once

#include <cstddef>
#include <cstdint>

#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"

namespace mete {

// The functions of Windows, declared just as <windows.h> does, whose macros are not for everybody.
namespace kernel32 {

#if defined(_WIN64)
using Size = unsigned long long;
#else
using Size = unsigned long;
#endif

extern "C" {
__declspec(dllimport) void* __stdcall GetProcessHeap(void);
__declspec(dllimport) void* __stdcall HeapAlloc(void* heap, unsigned long flags, Size bytes);
__declspec(dllimport) void* __stdcall HeapReAlloc(void* heap, unsigned long flags, void* block,
                                                  Size bytes);
__declspec(dllimport) int __stdcall HeapFree(void* heap, unsigned long flags, void* block);
}

inline constexpr unsigned long kZeroMemory = 8;  // HEAP_ZERO_MEMORY

}  // namespace kernel32

struct HeapAllocFamily {
  // What HeapAlloc aligns every block to, however small it is.
  static constexpr std::size_t kMinAlign = sizeof(void*) >= 8 ? 16 : 8;

  static void* alloc(Layout layout) noexcept { return alloc_with(layout, 0); }

  static void* alloc_zeroed(Layout layout) noexcept {
    return alloc_with(layout, kernel32::kZeroMemory);
  }

  static void dealloc(void* ptr, Layout layout) noexcept {
    void* const whole = is_natural(layout) ? ptr : whole_of(ptr);
    kernel32::HeapFree(kernel32::GetProcessHeap(), 0, whole);
  }

  static void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    if (is_natural(layout))
      return kernel32::HeapReAlloc(kernel32::GetProcessHeap(), 0, ptr, new_size);
    HeapAllocFamily family;
    return realloc_by_copy(family, ptr, layout, new_size);
  }

 private:
  static constexpr bool is_natural(Layout layout) noexcept { return layout.align() <= kMinAlign; }

  static void*& whole_of(void* block) noexcept { return static_cast<void**>(block)[-1]; }

  static void* alloc_with(Layout layout, unsigned long flags) noexcept {
    void* const heap = kernel32::GetProcessHeap();
    if (is_natural(layout)) return kernel32::HeapAlloc(heap, flags, layout.size());
    // The sum cannot wrap (L2).
    void* const whole = kernel32::HeapAlloc(heap, flags, layout.size() + layout.align());
    if (whole == nullptr) return nullptr;
    // The next multiple of the alignment above `whole`: kMinAlign further at least, since both are
    // multiples of that, which is room for a word.
    const auto address = reinterpret_cast<std::uintptr_t>(whole);
    const std::size_t distance = layout.align() - (address & (layout.align() - 1));
    void* const block = static_cast<std::byte*>(whole) + distance;
    whole_of(block) = whole;
    return block;
  }
};

}  // namespace mete

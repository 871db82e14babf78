// From a Layout to memory and back, step by step.
//
// Prints:
// 42 in 2 bytes, aligned to 2

#include <cstdint>
#include <cstdio>
#include <new>

#include "mete/alloc_error.hpp"
#include "mete/global_alloc.hpp"
#include "mete/system.hpp"

int main() {
  mete::System allocator;
  constexpr mete::Layout layout = mete::Layout::of<std::uint16_t>();
  void* const ptr = mete::alloc(allocator, layout);
  if (ptr == nullptr) mete::handle_alloc_error(layout);
  const auto* const number = ::new (ptr) std::uint16_t(42);
  std::printf("%d in %zu bytes, aligned to %zu\n", *number, layout.size(), layout.align());
  mete::dealloc(allocator, ptr, layout);
}

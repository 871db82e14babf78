// The slow halves of malloc, calloc and operator new, up to what they do without memory
// (failure.hpp): the engine's, noted for whoever watches the process.

#pragma once

#include <cstddef>

#include "global/process.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"

namespace mete::abi {

METE_INLINE void* allocate_slow_noted(heap::Bin& bin) noexcept {
  void* const block = heap::allocate_slow(bin);
  global::note_slow_path();
  return block;
}

METE_INLINE void* allocate_large_noted(std::size_t bytes) noexcept {
  void* const block = heap::allocate_large(bytes);
  global::note_slow_path();
  return block;
}

METE_INLINE void* allocate_zeroed_noted(std::size_t bytes) noexcept {
  void* const block = heap::allocate_zeroed(bytes);
  global::note_slow_path();
  return block;
}

}  // namespace mete::abi

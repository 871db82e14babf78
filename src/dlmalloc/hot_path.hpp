// What most calls do, inline in the functions of dlmalloc.h.

#pragma once

#include <cstdint>
#include <span>

#include "base/compiler.hpp"
#include "dlmalloc/guard.hpp"
#include "dlmalloc/mspace.hpp"

namespace mete::dlmalloc {

inline void* Mspace::allocate(std::size_t bytes) noexcept {
  const Guard guard(*this);
  void* const block =
      METE_LIKELY(bytes < parameters.mmap_threshold) ? space_.allocate(bytes, 1) : nullptr;
  return METE_LIKELY(block != nullptr) ? block : allocate_otherwise(bytes);
}

// Whether the block lies in the region of which this space saw a block last.
inline bool Mspace::has_recently(const void* block) const noexcept {
  return reinterpret_cast<std::uintptr_t>(block) - recent_ < recent_bytes_;
}

inline void Mspace::deallocate(void* block) noexcept {
  if (block == nullptr) return;
  const Guard guard(*this);
  if (METE_LIKELY(has_recently(block))) {
    space_.deallocate(block);
  } else {
    deallocate_here(block);
  }
}

}  // namespace mete::dlmalloc

// Blocks that are mapped alone.

#pragma once

#include <cstddef>

#include "dlmalloc/mspace.hpp"

namespace mete::dlmalloc {

// What lies before a block that was mapped alone. Its last word is where others have the head of a
// chunk: a size whose flags are all clear, which no chunk in a space has. The owner is beside it,
// so that no more than two words of what is no block at all are looked at.
struct Mspace::Direct {
  Direct* next;
  Direct** link;
  std::byte* base;
  std::size_t unused;  // so that it takes whole granules
  Mspace* owner;
  std::size_t bytes;

  void* payload() noexcept { return this + 1; }
  static Direct* of(const void* block) noexcept {
    return static_cast<Direct*>(const_cast<void*>(block)) - 1;
  }
  static bool is_one(const void* block) noexcept { return (of(block)->bytes & 3) == 0; }
  std::size_t usable() const noexcept {
    return static_cast<std::size_t>(base + bytes - reinterpret_cast<const std::byte*>(this + 1));
  }
};

}  // namespace mete::dlmalloc

// A batch from an allocator that has no better way.

#pragma once

#include <cstddef>
#include <span>

namespace mete::global {

// Fills `blocks` with what allocate() returns, until that is null. Returns: how many there are.
template <class Allocate>
std::size_t fill_one_by_one(std::span<void*> blocks, Allocate allocate) noexcept {
  std::size_t done = 0;
  for (void*& block : blocks) {
    void* const ptr = allocate();
    if (ptr == nullptr) break;
    block = ptr;
    ++done;
  }
  return done;
}

}  // namespace mete::global

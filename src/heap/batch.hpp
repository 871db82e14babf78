// Many blocks of one class at a time: the work of the fast path once per bin, not once per block.

#pragma once

#include <cstddef>

#include "heap/size_class.hpp"

namespace mete::heap {

// Blocks for bins of the calling thread's heap: fills blocks[0 … count). Returns: how many there
// are; fewer when there is no memory.
std::size_t allocate_batch(SizeClass size_class, void** blocks, std::size_t count) noexcept;

// Takes blocks back, of any size, any heap, or null. Cheapest where neighbours in the array are of
// one class and of the calling thread's heap.
void deallocate_batch(void* const* blocks, std::size_t count) noexcept;

}  // namespace mete::heap

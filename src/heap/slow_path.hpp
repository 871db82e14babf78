// The other entries of the engine: what is not worth inlining.

#pragma once

#include <cstddef>

#include "base/check.hpp"

namespace mete::heap {

// At least `bytes`, aligned to `alignment` (a power of two). Null when there is no memory.
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;

// At least `bytes`, all of them zero; memory that is known to be fresh is not written. Null when
// there is no memory.
void* allocate_zeroed(std::size_t bytes) noexcept;

// As allocate_zeroed, aligned to `alignment` (a power of two).
void* allocate_zeroed(std::size_t alignment, std::size_t bytes) noexcept;

// The block with its contents, resized to at least `bytes`. Null, the block unchanged, when there
// is no memory. Requires: pointer is not null.
void* reallocate(void* pointer, std::size_t bytes) noexcept;

// Resizes a block without moving it, if that can be. Returns: the bytes that may be used of it now.
std::size_t resize_in_place(void* pointer, std::size_t bytes) noexcept;

// Bytes that may be used of a block that is asked for with `bytes` > 0 and `alignment`.
std::size_t good_size(std::size_t bytes, std::size_t alignment) noexcept;

// Bytes that may be used of a block, 0 for null.
std::size_t usable_size(const void* pointer) noexcept;

// Whether the address lies in a slab or a large block in use. For questions, not for control.
bool owns(const void* pointer) noexcept;

// The shared heap whose slab or large block the address lies in; null if there is none.
class SharedHeap;
SharedHeap* shared_heap_of(const void* pointer) noexcept;

}  // namespace mete::heap

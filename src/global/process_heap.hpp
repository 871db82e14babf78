// The one heap of the process: the engine behind the functions that programs know, without errno or
// exceptions.
//
// Every function works from the first instruction of the process to the last, in any thread, in the
// child of a fork. Wrong pointers die with a Violation where they are noticed; in deallocate those
// with more bits than an address has, and foreign ones before the constructors of the program, with
// a segmentation fault (docs/decisions/0001).

#pragma once

#include <cstddef>

namespace mete::global {

// At least `bytes` (0 counts as 1), aligned to 16. Null when there is no memory.
void* allocate(std::size_t bytes) noexcept;

// As allocate, all bytes zero.
void* allocate_zeroed(std::size_t bytes) noexcept;

// As allocate, aligned to `alignment`. Requires: a power of two.
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;

// Takes a block from any of these, or null.
void deallocate(void* pointer) noexcept;

// The block resized, moved if need be, with its first min(old, new) bytes. Null, the block
// unchanged, when there is no memory. Requires: not null.
void* reallocate(void* pointer, std::size_t bytes) noexcept;

// Bytes that may be used of a block, at least what was asked for; 0 for null.
std::size_t usable_size(const void* pointer) noexcept;

// Gives memory back to the system that is free, but for `keep` bytes. Returns: whether there was
// any.
bool trim(std::size_t keep) noexcept;

}  // namespace mete::global

// The allocator that the stress driver exercises, behind six functions.
//
// The driver is compiled once and linked with one of two definitions of these functions:
// core_under_test.cpp (the process heap called directly, for every preset) and
// malloc_under_test.cpp (the C names, for LD_PRELOAD). Nothing else in this folder calls an
// allocator for the blocks under test.
#pragma once

#include <cstddef>

namespace stress::under_test {

/// "core" or "malloc", for messages.
extern const char* const kFlavour;
/// True if the C names of the process are under test, so that fork handlers are too.
extern const bool kIsProcessMalloc;

/// The file that the functions below come from.
const char* provider() noexcept;

void* allocate(std::size_t bytes) noexcept;
void* allocate_zeroed(std::size_t bytes) noexcept;
/// Requires: `alignment` is a power of two (also below 8).
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;
void deallocate(void* block) noexcept;
void* reallocate(void* block, std::size_t bytes) noexcept;
std::size_t usable_size(void* block) noexcept;

}  // namespace stress::under_test

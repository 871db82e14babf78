// The allocators that the contract is checked on, behind one interface: static functions
//   allocate(size, alignment)  allocate_zeroed(size)  deallocate(block)  reallocate(block, size)
//   usable_size(block)
// To check one more, give it an adapter like these and a place in Allocators.

#pragma once

#include <gtest/gtest.h>
#include <malloc.h>
#include <stdlib.h>

#include <cstddef>
#include <string>

#include "global/process_heap.hpp"

namespace mete::contract {

// The engine's process heap, called directly.
struct Global {
  static constexpr char kName[] = "Global";
  static constexpr std::size_t kNaturalAlignment = 16;  // on every processor

  static void* allocate(std::size_t size, std::size_t alignment = kNaturalAlignment) noexcept {
    return alignment <= kNaturalAlignment ? global::allocate(size)
                                          : global::allocate_aligned(alignment, size);
  }
  static void* allocate_zeroed(std::size_t size) noexcept { return global::allocate_zeroed(size); }
  static void deallocate(void* block) noexcept { global::deallocate(block); }
  static void* reallocate(void* block, std::size_t size) noexcept {
    return global::reallocate(block, size);
  }
  static std::size_t usable_size(void* block) noexcept { return global::usable_size(block); }
};

// The malloc of the process, whichever that is.
struct System {
  static constexpr char kName[] = "System";
  static constexpr std::size_t kNaturalAlignment = alignof(std::max_align_t);

  static void* allocate(std::size_t size, std::size_t alignment = kNaturalAlignment) noexcept {
    if (alignment <= kNaturalAlignment) return malloc(size);
    void* block = nullptr;
    return posix_memalign(&block, alignment, size) == 0 ? block : nullptr;
  }
  static void* allocate_zeroed(std::size_t size) noexcept { return calloc(size, 1); }
  static void deallocate(void* block) noexcept { free(block); }
  static void* reallocate(void* block, std::size_t size) noexcept { return realloc(block, size); }
  static std::size_t usable_size(void* block) noexcept { return malloc_usable_size(block); }
};

using Allocators = testing::Types<Global, System>;

struct NameOfAllocator {
  template <class Allocator>
  static std::string GetName(int) {
    return Allocator::kName;
  }
};

}  // namespace mete::contract

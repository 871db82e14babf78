// What tests write into blocks and look for afterwards.

#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace mete::test {

inline unsigned char pattern(std::size_t i, unsigned seed) {
  return static_cast<unsigned char>(i * 13 + i / 251 + seed);
}

inline void fill(void* ptr, std::size_t size, unsigned seed) {
  for (std::size_t i = 0; i < size; ++i) static_cast<unsigned char*>(ptr)[i] = pattern(i, seed);
}

// Whether the first bytes of a block are as they were filled.
inline testing::AssertionResult holds(const void* ptr, std::size_t size, unsigned seed) {
  for (std::size_t i = 0; i < size; ++i) {
    if (static_cast<const unsigned char*>(ptr)[i] != pattern(i, seed))
      return testing::AssertionFailure() << "byte " << i << " of " << size;
  }
  return testing::AssertionSuccess();
}

inline testing::AssertionResult is_zero(const void* ptr, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (static_cast<const unsigned char*>(ptr)[i] != 0)
      return testing::AssertionFailure() << "byte " << i << " of " << end;
  }
  return testing::AssertionSuccess();
}

inline bool is_aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

}  // namespace mete::test

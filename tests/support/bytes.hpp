// What tests write into blocks and look for afterwards.

#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace mete::test {

// The loops over all bytes are in bytes.cpp, which is optimised where tests are not.

// The byte at i of what fill() writes.
inline unsigned char pattern(std::size_t i, unsigned seed) {
  return static_cast<unsigned char>(i * 13 + i / 251 + seed);
}
void fill(void* ptr, std::size_t size, unsigned seed);

// The first place at which a block is not as it was filled, or does not have the value; the end if
// there is none.
std::size_t end_of_pattern(const void* ptr, std::size_t size, unsigned seed);
std::size_t end_of_value(const void* ptr, std::size_t begin, std::size_t end, unsigned char value);

inline testing::AssertionResult none_wrong(std::size_t first_wrong, std::size_t end) {
  if (first_wrong == end) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "byte " << first_wrong << " of " << end;
}

// Whether the first bytes of a block are as they were filled.
inline testing::AssertionResult holds(const void* ptr, std::size_t size, unsigned seed) {
  return none_wrong(end_of_pattern(ptr, size, seed), size);
}

inline testing::AssertionResult holds_only(const void* ptr, std::size_t size, unsigned char value) {
  return none_wrong(end_of_value(ptr, 0, size, value), size);
}

inline testing::AssertionResult is_zero(const void* ptr, std::size_t begin, std::size_t end) {
  return none_wrong(end_of_value(ptr, begin, end, 0), end);
}

inline bool is_aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

}  // namespace mete::test

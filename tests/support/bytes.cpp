// The loops over all bytes of a block: most of what some tests do.

#include "support/bytes.hpp"

namespace mete::test {

void fill(void* ptr, std::size_t size, unsigned seed) {
  for (std::size_t i = 0; i < size; ++i) static_cast<unsigned char*>(ptr)[i] = pattern(i, seed);
}

std::size_t end_of_pattern(const void* ptr, std::size_t size, unsigned seed) {
  std::size_t i = 0;
  while (i < size && static_cast<const unsigned char*>(ptr)[i] == pattern(i, seed)) ++i;
  return i;
}

std::size_t end_of_value(const void* ptr, std::size_t begin, std::size_t end, unsigned char value) {
  std::size_t i = begin;
  while (i < end && static_cast<const unsigned char*>(ptr)[i] == value) ++i;
  return i;
}

}  // namespace mete::test

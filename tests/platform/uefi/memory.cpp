// The three functions of a C library that mete needs. The compiler would make calls of themselves
// of these loops if it were not told otherwise (CMakeLists.txt).

#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) {
  auto* const target = static_cast<std::byte*>(to);
  const auto* const source = static_cast<const std::byte*>(from);
  for (std::size_t i = 0; i < bytes; ++i) target[i] = source[i];
  return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
  if (to <= from) return memcpy(to, from, bytes);
  auto* const target = static_cast<std::byte*>(to);
  const auto* const source = static_cast<const std::byte*>(from);
  for (std::size_t i = bytes; i > 0; --i) target[i - 1] = source[i - 1];
  return to;
}

void* memset(void* to, int value, std::size_t bytes) {
  auto* const target = static_cast<std::byte*>(to);
  for (std::size_t i = 0; i < bytes; ++i) target[i] = static_cast<std::byte>(value);
  return to;
}

}  // extern "C"

// A block under test, with a mark at both ends of it.
//
// The mark is made of address, size and owner's tag, so a block that was handed out twice, moved
// without its content, or lies over another one is noticed when it is checked, at the cost of
// touching its first and its last word, which a program that uses its memory does anyway. So does
// it write to the pages between, each of which gets a byte: otherwise memory that is reused would
// count as resident in full, and fresh memory of the same blocks hardly at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

[[noreturn]] inline void fail(const char* what, const void* where, std::size_t size) noexcept {
  std::fprintf(stderr, "wrong result: %s: block %p of %zu bytes\n", what, where, size);
  std::abort();
}

// Keeps the compiler from knowing anything about `pointer`, so that no allocation is optimised
// away.
template <class T>
inline T* opaque(T* pointer) noexcept {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

inline constexpr std::size_t kPage = 4096;

struct Block {
  void* data = nullptr;
  std::size_t size = 0;

  explicit operator bool() const noexcept { return data != nullptr; }

  std::uint64_t mark(std::uint64_t tag) const noexcept {
    return (reinterpret_cast<std::uintptr_t>(data) ^ (tag << 48)) + size * 0x9e3779b97f4a7c15u;
  }

  void write_marks(std::uint64_t tag = 0) const noexcept {
    const std::uint64_t word = mark(tag);
    const std::size_t width = size < sizeof word ? size : sizeof word;
    std::memcpy(data, &word, width);
    for (std::size_t at = kPage; at < size; at += kPage) static_cast<char*>(data)[at] = 1;
    std::memcpy(static_cast<char*>(data) + (size - width), &word, width);
  }

  void check_marks(std::uint64_t tag = 0) const noexcept {
    const std::uint64_t word = mark(tag);
    const std::size_t width = size < sizeof word ? size : sizeof word;
    const bool tail = std::memcmp(static_cast<char*>(data) + (size - width), &word, width) == 0;
    // Below two words the tail overwrote a part of the head.
    const bool head = size < 2 * sizeof word || std::memcmp(data, &word, width) == 0;
    if (!head || !tail) fail("content changed", data, size);
  }
};

inline Block allocate(std::size_t size, std::uint64_t tag = 0) noexcept {
  const Block block{opaque(std::malloc(size)), size};
  if (block.data == nullptr) fail("malloc returned null", nullptr, size);
  block.write_marks(tag);
  return block;
}

// Checks and frees; leaves `block` empty. An empty block is left alone.
inline void release(Block& block, std::uint64_t tag = 0) noexcept {
  if (!block) return;
  block.check_marks(tag);
  std::free(opaque(block.data));
  block = {};
}

}  // namespace bench

// What a free block holds: a link to the next free block of its list, and in the first block of a
// magazine the link to the next magazine together with the length of this one.
//
//   bin / magazine:   head -> block -> block -> null
//   magazines:        head of list [next | next magazine, length] -> head of list …
//
// A magazine is a whole list that changes hands in O(1): from a bin to its heap and back, or from
// thread to thread.

#pragma once

#include <cstdint>

namespace mete::heap {

// may_alias: the same bytes were, and will be, objects of the program.
struct __attribute__((may_alias)) Block {
  Block* next;
  alignas(8) std::uint64_t magazine;  // only in the first block of a magazine

  // Addresses have at most 48 bits (base/address_space.hpp).
  void set_magazine(Block* next_magazine, std::uint32_t length) noexcept {
    magazine = reinterpret_cast<std::uintptr_t>(next_magazine) | std::uint64_t{length} << 48;
  }
  Block* next_magazine() const noexcept {
    return reinterpret_cast<Block*>(
        static_cast<std::uintptr_t>(magazine & ((std::uint64_t{1} << 48) - 1)));
  }
  std::uint32_t magazine_length() const noexcept {
    return static_cast<std::uint32_t>(magazine >> 48);
  }
};
static_assert(sizeof(Block) == 16);

// A list of blocks of one class with its length.
struct BlockList {
  Block* head = nullptr;
  std::uint32_t length = 0;
};

}  // namespace mete::heap

// A slab: 64 KiB of pages cut into blocks of one class, and the 64 bytes that are known of it, out
// of band.
//
//   |###|###|   |###|   |   |.......................|
//    given out or cached; free; carved ^ not yet carved
//
//   carved blocks = free blocks (their bit is set) + blocks in bins, magazines or the program's
//   hands
//
// A larger block may lie on several free ones (guests.hpp).
//
// Free blocks are bits and not a list: a block freed twice is seen, the lowest address is given out
// first, and pages without a block in use can be given back although others of the slab are in use.
// All functions need the lock of the heap that owns the slab.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/block.hpp"
#include "heap/size_class.hpp"
#include "pages/page_id.hpp"

namespace mete::heap {

struct alignas(64) Slab {
  Slab* next;  // in a list of slabs of its heap
  Slab* previous;
  std::uint64_t* bits;          // bit i: block i is free
  std::uint64_t short_bits[2];  // where `bits` points if capacity <= 128
  std::uint16_t carved;
  std::uint16_t capacity;
  std::uint16_t free;
  std::uint16_t clean_pages;  // bit i: page i of the slab is known to be zero
  SizeClass size_class;
  bool available : 1;           // in its class's list of slabs with free blocks
  std::uint8_t bits_words : 7;  // of an allocated `bits`, kept while the slab is closed; 0: none
  std::uint8_t lowest_word;     // no bit is set in a word of `bits` below this one
  std::atomic<bool> hosts;      // it has guests, or had some (guests.hpp)
  std::uint32_t number;         // which 64 KiB of the window
  std::uint32_t older;  // neighbours in the list of all slabs of the heap, by number; 0: none
  std::uint32_t newer;

  bool empty() const noexcept { return free == carved; }
  std::size_t carved_bytes() const noexcept { return std::size_t{carved} * bytes_of(size_class); }
  std::size_t free_bytes() const noexcept { return std::size_t{free} * bytes_of(size_class); }
  std::size_t live_bytes() const noexcept { return carved_bytes() - free_bytes(); }
};
static_assert(sizeof(Slab) == 64);

}  // namespace mete::heap

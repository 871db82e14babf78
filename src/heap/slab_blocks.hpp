// Cutting blocks from a slab, taking free ones, putting them back.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/guests.hpp"
#include "heap/slab.hpp"

namespace mete::heap {

// Words that hold a bit for each of so many blocks.
constexpr std::uint32_t words_for(std::uint32_t blocks) noexcept { return (blocks + 63) / 64; }

// Pages that bytes [from, to) of a slab touch, as bits.
constexpr std::uint32_t pages_between(std::uint32_t from, std::uint32_t to,
                                      unsigned page_shift) noexcept {
  const unsigned first = from >> page_shift;
  const unsigned last = (to - 1) >> page_shift;
  return static_cast<std::uint32_t>(base::bit_span(first, last - first + 1));
}

// Bytes [from, to) of the slab are about to be written.
void mark_touched(Slab& slab, std::uint32_t from, std::uint32_t to, unsigned page_shift) noexcept;

// Makes `slab`, 64 KiB of pages that have just been taken, a slab of the class with no block
// carved. `clean_pages`: those that are known to be zero. Returns: false when there is no memory
// for its bits.
bool open_slab(Slab& slab, SizeClass size_class, std::uint32_t clean_pages) noexcept;

// Cuts new blocks off: at most `most`, at least one, and no further than the page that the first
// one starts in if the next page has no memory yet. Touches only them. `zeroed` tells whether the
// first block is all zero but for its first 16 bytes. Requires: slab.carved < slab.capacity.
BlockList carve(Slab& slab, std::byte* memory, std::uint32_t most, unsigned page_shift,
                bool& zeroed) noexcept;

// Moves up to `most` free blocks, lowest addresses first, to the front of `list`.
void take_free(Slab& slab, std::byte* memory, std::uint32_t most, unsigned page_shift,
               BlockList& list) noexcept;

// Puts a block back. Dies with a Violation if it is no block of the slab or is free already.
// Returns: blocks that are free by that, more than one if it was a guest.
METE_INLINE std::uint32_t put_back(Slab& slab, std::uint32_t offset, const Block* block) noexcept {
  const std::uint32_t index = block_index(slab.size_class, offset);
  if (METE_UNLIKELY(index * bytes_of(slab.size_class) != offset || index >= slab.carved)) {
    // Where a block could start but none was handed out since the slab was last empty, one was
    // freed before.
    if (index >= slab.carved || !may_start_guest(slab, offset)) {
      base::violate(index * bytes_of(slab.size_class) != offset ? base::Violation::kFreeInterior
                                                                : base::Violation::kDoubleFree,
                    block);
    }
  }
  std::uint64_t& word = slab.bits[index / 64];
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  if (METE_UNLIKELY((word & bit) != 0)) base::violate(base::Violation::kDoubleFree, block);
  std::uint32_t count = 1;
  if (METE_UNLIKELY(slab.hosts.load(std::memory_order_relaxed)))
    count += part_guest(slab, index, block);
  word |= bit;
  slab.free = static_cast<std::uint16_t>(slab.free + count);
  if (index / 64 < slab.lowest_word) slab.lowest_word = static_cast<std::uint8_t>(index / 64);
  return count;
}

// Dies if the slab's bits and counts do not agree. For the audit build.
void audit(const Slab& slab) noexcept;

// Pages of the slab that no block in use touches and that may have memory, as bits.
std::uint32_t idle_pages(const Slab& slab, unsigned page_shift) noexcept;

}  // namespace mete::heap

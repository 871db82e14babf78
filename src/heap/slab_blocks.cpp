// Bits and blocks of slabs.

#include "heap/slab_blocks.hpp"

#include <bit>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"
#include "pages/metadata.hpp"

namespace mete::heap {
namespace {

constexpr std::uint32_t kShortCapacity = 128;

}  // namespace

void mark_touched(Slab& slab, std::uint32_t from, std::uint32_t to, unsigned page_shift) noexcept {
  slab.clean_pages =
      static_cast<std::uint16_t>(slab.clean_pages & ~pages_between(from, to, page_shift));
}

bool open_slab(Slab& slab, SizeClass size_class, std::uint32_t clean_pages) noexcept {
  const std::uint32_t capacity = capacity_of(size_class);
  if (capacity <= kShortCapacity) {
    slab.short_bits[0] = slab.short_bits[1] = 0;
    if (slab.bits_words == 0) slab.bits = slab.short_bits;
  }
  const std::uint32_t words = words_for(capacity);
  if (capacity > kShortCapacity && slab.bits_words < words) {
    // The old ones, if any, are lost: at most 256 bytes per slab over the life of the process,
    // since sizes double.
    const std::uint32_t rounded = std::bit_ceil(words);
    auto* bits =
        static_cast<std::uint64_t*>(pages::allocate_metadata(rounded * sizeof(std::uint64_t)));
    if (bits == nullptr) return false;
    slab.bits = bits;
    slab.bits_words = static_cast<std::uint8_t>(rounded) & 0x7f;
  }
  for (std::uint32_t i = 0; i < words; ++i) slab.bits[i] = 0;
  slab.next = slab.previous = nullptr;
  slab.carved = slab.free = 0;
  slab.capacity = static_cast<std::uint16_t>(capacity);
  slab.clean_pages = static_cast<std::uint16_t>(clean_pages);
  slab.size_class = size_class;
  slab.available = false;
  slab.lowest_word = 0;
  slab.hosts.store(false, std::memory_order_relaxed);
  return true;
}

BlockList carve(Slab& slab, std::byte* memory, std::uint32_t most, unsigned page_shift,
                bool& zeroed) noexcept {
  METE_ASSERT(slab.carved < slab.capacity && most != 0);
  const std::uint32_t bytes = bytes_of(slab.size_class);
  const std::uint32_t from = slab.carved * bytes;
  // A large page counts as several: what is carved is touched, and a few kilobytes are enough at a
  // time.
  const unsigned step_shift = page_shift < 12 ? page_shift : 12;
  const std::uint32_t page_end = ((from >> step_shift) + 1) << step_shift;
  std::uint32_t count = most;
  if ((slab.clean_pages >> (page_end >> page_shift) & 1) != 0) {
    // The next page has no memory yet: stop before it.
    const std::uint32_t here = (page_end - from + bytes - 1) / bytes;
    if (here < count) count = here;
  }
  const std::uint32_t left = std::uint32_t{slab.capacity} - slab.carved;
  if (count > left) count = left;
  const std::uint32_t touched = pages_between(from, from + bytes, page_shift);
  zeroed = (slab.clean_pages & touched) == touched;
  std::byte* const first = memory + from;
  for (std::uint32_t i = 0; i + 1 < count; ++i) {
    reinterpret_cast<Block*>(first + i * bytes)->next =
        reinterpret_cast<Block*>(first + (i + 1) * bytes);
  }
  reinterpret_cast<Block*>(first + (count - 1) * bytes)->next = nullptr;
  slab.carved = static_cast<std::uint16_t>(slab.carved + count);
  mark_touched(slab, from, from + count * bytes, page_shift);
  return {reinterpret_cast<Block*>(first), count};
}

void audit(const Slab& slab) noexcept {
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < words_for(slab.capacity); ++i) {
    bits += static_cast<std::uint32_t>(std::popcount(slab.bits[i]));
    if (i < slab.lowest_word && slab.bits[i] != 0)
      base::panic("audit: a free block below the lowest word of its slab");
  }
  if (bits != slab.free) base::panic("audit: the count of free blocks of a slab is wrong");
  if (slab.free > slab.carved || slab.carved > slab.capacity)
    base::panic("audit: a slab has more blocks than it can");
}

void take_free(Slab& slab, std::byte* memory, std::uint32_t most, unsigned page_shift,
               BlockList& list) noexcept {
  if constexpr (base::kAudit) audit(slab);
  const std::uint32_t bytes = bytes_of(slab.size_class);
  std::uint32_t count = most < slab.free ? most : slab.free;
  slab.free = static_cast<std::uint16_t>(slab.free - count);
  list.length += count;
  Block** tail = &list.head;
  Block* const rest = list.head;
  std::uint32_t word = slab.lowest_word;
  while (count != 0) {
    std::uint64_t bits = slab.bits[word];
    while (bits != 0 && count != 0) {
      const std::uint32_t offset =
          (word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits))) * bytes;
      bits &= bits - 1;
      auto* block = reinterpret_cast<Block*>(memory + offset);
      *tail = block;
      tail = &block->next;
      --count;
      if (METE_UNLIKELY(slab.clean_pages != 0))
        mark_touched(slab, offset, offset + bytes, page_shift);
    }
    slab.bits[word] = bits;
    if (bits == 0) ++word;
  }
  slab.lowest_word = static_cast<std::uint8_t>(word);
  *tail = rest;
  if constexpr (base::kAudit) audit(slab);
}

std::uint32_t idle_pages(const Slab& slab, unsigned page_shift) noexcept {
  const std::uint32_t bytes = bytes_of(slab.size_class);
  const std::uint32_t all = pages_between(0, static_cast<std::uint32_t>(kSlabBytes), page_shift);
  std::uint32_t used = 0;
  for (std::uint32_t word = 0; word * 64 < slab.carved; ++word) {
    std::uint64_t in_use = ~slab.bits[word];
    const std::uint32_t here = slab.carved - word * 64u;
    if (here < 64) in_use &= base::bit_span(0, here);
    while (in_use != 0) {
      const std::uint32_t offset =
          (word * 64 + static_cast<std::uint32_t>(std::countr_zero(in_use))) * bytes;
      const std::uint32_t touched = pages_between(offset, offset + bytes, page_shift);
      used |= touched;
      // Skip the blocks that lie in the same last page: they say nothing new.
      in_use &= in_use - 1;
    }
  }
  return all & ~used & ~std::uint32_t{slab.clean_pages};
}

}  // namespace mete::heap

// The fast paths: all that malloc and free execute most of the time, on one page.
//
//   allocate(n):  class of n -> bin -> pop                     else refill
//   deallocate:   slab word of p, compare with my own -> push  else not a slab of mine, or the bin
//   is full
//
// One path for every size up to 32 KiB. No lock, no atomic read-modify-write, no test whether
// anything was started: a thread without a heap has bins that are empty and own nothing.

#pragma once

#include <cstddef>

#include "base/compiler.hpp"
#include "heap/bins.hpp"

namespace mete::heap {

// slow_path.cpp
void* allocate_slow(Bin& bin) noexcept;  // of the calling thread, empty
void* allocate_large(std::size_t bytes) noexcept;
void deallocate_slow(void* pointer, SlabWord difference,
                     Bins* bins) noexcept;  // slab word ^ bins->owner_word
void overflow(Bin& bin) noexcept;

// kBinOfGranule[(bytes + 15) / 16]: the bin that serves `bytes`.
consteval std::array<std::uint16_t, kLargestClassBytes / kGranule + 1> make_bin_of_granule() {
  std::array<std::uint16_t, kLargestClassBytes / kGranule + 1> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint16_t>(kClassOfGranule[i] * sizeof(Bin));
  return table;
}
alignas(64) inline constexpr auto kBinOfGranule = make_bin_of_granule();

// What to do when the bin is empty or the size is large. The layer above may add what it needs on
// failure (errno, a new_handler) without a test on the fast path.
struct ReturnNull {
  static void* small(Bin& bin) noexcept { return allocate_slow(bin); }
  static void* large(std::size_t bytes) noexcept { return allocate_large(bytes); }
};

// Takes the first block out of a bin that has one.
METE_INLINE void take_head(Bin& bin) noexcept {
  bin.head = bin.head->next;
  ++bin.room;
}

// Puts a block of the bin's class and heap into it.
METE_INLINE void push(Bin& bin, Block* block) noexcept {
  block->next = bin.head;
  bin.head = block;
  if (METE_UNLIKELY(--bin.room < 0)) overflow(bin);
}

// A block of the class whose bin it is.
template <class Slow = ReturnNull>
METE_INLINE void* pop(BinOffset offset) {
  Bin& bin = current_bins->at(offset);
  Block* const block = bin.head;
  if (METE_UNLIKELY(block == nullptr)) return Slow::small(bin);
  take_head(bin);
  return block;
}

// A block of at least `bytes`, aligned to 16. What happens without memory is up to Slow.
template <class Slow = ReturnNull>
METE_INLINE void* allocate(std::size_t bytes) {
  if (METE_UNLIKELY(bytes > kLargestClassBytes)) return Slow::large(bytes);
  return pop<Slow>(kBinOfGranule[(bytes + kGranule - 1) / kGranule]);
}

// Takes a block of any heap, or null.
METE_INLINE void deallocate(void* pointer) noexcept {
  Bins* const bins = current_bins;
  const SlabWord difference = slab_map.word_of(pointer) ^ bins->owner_word;
  if (METE_UNLIKELY(difference >= kBinsEnd)) return deallocate_slow(pointer, difference, bins);
  push(bins->at(difference), static_cast<Block*>(pointer));
}

}  // namespace mete::heap

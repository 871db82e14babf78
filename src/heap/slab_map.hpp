// From an address to the slab that it lies in: one word per 64 KiB of address space.
//
//   word = owner << 12 | class << 4      a slab: which heap owns it, which class its blocks have
//   word | kSharedMark                   likewise, and the heap is a shared one
//   word = 0                             no slab here: null, a large block, or not ours at all
//
// `free` decides with one comparison of this word against its own heap's: mine and of which class,
// or something else. Two levels: a root entry per 128 GiB, a leaf of 2^21 words below it (1 GiB and
// 2^14 words with addresses of 32 bits). Where nothing is ours the root names a shared leaf of
// zeroes, so there is no test on the way. Entries are *biased*: leaf minus what its first word
// stands for, so that the full address shifted by 16 indexes them.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/address_space.hpp"
#include "base/compiler.hpp"
#include "heap/size_class.hpp"

namespace mete::heap {

using SlabWord = std::uint32_t;

inline constexpr unsigned kOwnerShift = 12;
inline constexpr unsigned kClassShift =
    4;  // so that the class part is the byte offset of a bin (bins.hpp)
inline constexpr std::uint32_t kMostOwners = (1u << (32 - kOwnerShift)) - 1;

inline constexpr SlabWord kSharedMark = 1;  // in the bits below the class

constexpr SlabWord slab_word(std::uint32_t owner, SizeClass size_class) noexcept {
  return owner << kOwnerShift | static_cast<SlabWord>(size_class.index) << kClassShift;
}
constexpr std::uint32_t owner_of(SlabWord word) noexcept { return word >> kOwnerShift; }
// Whether the block's heap is a shared one.
constexpr bool is_shared(SlabWord word) noexcept { return (word & kSharedMark) != 0; }
constexpr SizeClass class_in(SlabWord word) noexcept {
  return SizeClass((word & ((1u << kOwnerShift) - 1)) >> kClassShift);
}

class SlabMap {
 public:
  // The word of any address that it covers; before start() of null only. Any thread.
  METE_INLINE SlabWord word_of(const void* pointer) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    return entry(root_[address >> kLeafShift].load(std::memory_order_relaxed), address)
        .load(std::memory_order_relaxed);
  }

  // Sets the word of a slab. Relaxed: who frees a block got it from a thread that saw the word, or
  // an older one, with which it is a borrowed block.
  // Returns: false when the leaf does not exist and there is no memory for it.
  bool set(const void* slab, SlabWord word) noexcept;

  // Clears the word of a slab.
  void clear(const void* slab) noexcept;

  // Once, before any other use. Returns: false when there is no memory.
  bool start() noexcept;

  // Whether the address lies where the root reaches.
  static bool covers(const void* pointer) noexcept {
    // In two steps: one of as many bits as a word has is undefined.
    return reinterpret_cast<std::uintptr_t>(pointer) >> (kAddressBits - 1) >> 1 == 0;
  }

 private:
  static constexpr unsigned kAddressBits = base::kAddressSpace.address_bits;
  static constexpr unsigned kLeafShift = base::kAddressSpace.slab_map_leaf_bits;
  static constexpr std::size_t kLeafWords = std::size_t{1} << (kLeafShift - kSlabShift);
  static constexpr std::size_t kLeafBytes = kLeafWords * sizeof(SlabWord);
  static constexpr std::size_t kRootEntries = std::size_t{1} << (kAddressBits - kLeafShift);

  using Leaf = std::atomic<SlabWord>*;  // biased

  static Leaf biased(void* leaf, std::size_t index) noexcept {
    return reinterpret_cast<Leaf>(reinterpret_cast<std::uintptr_t>(leaf) -
                                  index * kLeafWords * sizeof(SlabWord));
  }
  METE_INLINE static std::atomic<SlabWord>& entry(Leaf leaf, std::uintptr_t address) noexcept {
    const std::uintptr_t offset = (address >> kSlabShift) * sizeof(SlabWord);
    return *reinterpret_cast<Leaf>(reinterpret_cast<std::uintptr_t>(leaf) + offset);
  }

  std::atomic<Leaf> root_[kRootEntries]{&of_null_};  // free(null) works before start()
  std::atomic<SlabWord> of_null_{0};
  void* not_ours_ = nullptr;
};

[[gnu::visibility("hidden")]] extern constinit SlabMap slab_map;

}  // namespace mete::heap

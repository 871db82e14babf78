// Blocks of other heaps that this thread has freed, collected until a batch is worth one atomic
// operation.
//
// Direct-mapped by owner and class, in the form that `free` has at hand: the *difference* of their
// slab word and the owner word of the thread's own heap (fast_path.hpp). A batch is a magazine for
// its owner: it is posted with one compare-and-swap to the owner's inbox for the class and nobody
// ever walks it. Owner thread only.

#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/slab_map.hpp"

namespace mete::heap {

class Outbox {
 public:
  struct Entry {
    SlabWord difference = kNone;
    std::uint16_t room = 0;   // blocks missing to a batch
    std::uint16_t limit = 0;  // blocks that make a batch; 0: the entry is free
    Block* head = nullptr;

    std::uint32_t length() const noexcept { return std::uint32_t{limit} - room; }
    // Owner words have no class, so that of the slab word is in the difference, too.
    SizeClass size_class() const noexcept { return class_in(difference); }
    std::uint32_t batch_bytes() const noexcept { return limit * bytes_of(size_class()); }
  };

  static constexpr unsigned kEntryBits = 7;
  // Multiplicative hashing (Knuth, TAOCP 6.4): a sixteenth of the golden ratio, since classes are
  // 16 apart.
  static constexpr std::uint32_t kSpread = 0x09e3779b;
  static constexpr std::uint32_t kMostBytes =
      256 << 10;  // of all batches, counted as if they were full

  METE_INLINE Entry& entry_for(SlabWord difference) noexcept {
    return entries_[difference * kSpread >> (32 - kEntryBits)];
  }

  // Returns: whether the batch is full now. Requires: the entry is open for the owner and class of
  // the block.
  METE_INLINE static bool push(Entry& entry, Block* block) noexcept {
    block->next = entry.head;
    entry.head = block;
    return --entry.room == 0;
  }

  // Begins a batch in a free entry.
  void open(Entry& entry, SlabWord difference, std::uint32_t limit) noexcept {
    const auto room = static_cast<std::uint16_t>(limit);
    entry = {difference, room, room, nullptr};
    bytes_ += entry.batch_bytes();
  }

  // Empties a full entry for the next batch of the same length. Returns: its blocks.
  static BlockList renew(Entry& entry) noexcept {
    const BlockList list{entry.head, entry.limit};
    entry.room = entry.limit;
    entry.head = nullptr;
    return list;
  }

  // Frees an entry. Returns: its blocks.
  BlockList close(Entry& entry) noexcept {
    const BlockList list{entry.head, entry.length()};
    bytes_ -= entry.batch_bytes();
    entry = Entry{};
    return list;
  }

  std::uint32_t bytes() const noexcept { return bytes_; }
  Entry* begin() noexcept { return entries_; }
  Entry* end() noexcept { return entries_ + (1u << kEntryBits); }

  static constexpr SlabWord kNone = ~SlabWord{0};  // of no address: none matches a free entry

 private:
  Entry entries_[1u << kEntryBits];
  std::uint32_t bytes_ = 0;
};

}  // namespace mete::heap

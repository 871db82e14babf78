// Blocks of other heaps that this thread has freed, collected until a batch is worth one atomic
// operation.
//
// Direct-mapped by slab word, that is by owner and class. A batch is a magazine for its owner: it
// is posted with one compare-and-swap to the owner's inbox for the class and nobody ever walks it.
// Owner thread only.

#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/slab_map.hpp"

namespace mete::heap {

class Outbox {
 public:
  struct Entry {
    SlabWord word = kNoWord;
    std::uint16_t room = 0;   // blocks missing to a batch
    std::uint16_t limit = 0;  // blocks that make a batch; 0: the entry is free
    Block* head = nullptr;

    std::uint32_t length() const noexcept { return std::uint32_t{limit} - room; }
    std::uint32_t batch_bytes() const noexcept { return limit * bytes_of(class_in(word)); }
  };

  static constexpr unsigned kEntryBits = 7;
  // Multiplicative hashing (Knuth, TAOCP 6.4): a sixteenth of the golden ratio, since classes are
  // 16 apart.
  static constexpr std::uint32_t kSpread = 0x09e3779b;
  static constexpr std::uint32_t kMostBytes =
      256 << 10;  // of all batches, counted as if they were full

  METE_INLINE Entry& entry_for(SlabWord word) noexcept {
    return entries_[word * kSpread >> (32 - kEntryBits)];
  }

  // Returns: whether the batch is full now. Requires: the entry is open for the owner and class of
  // the block.
  METE_INLINE static bool push(Entry& entry, Block* block) noexcept {
    block->next = entry.head;
    entry.head = block;
    return --entry.room == 0;
  }

  // Begins a batch in a free entry.
  void open(Entry& entry, SlabWord word, std::uint32_t limit) noexcept {
    entry = {word, static_cast<std::uint16_t>(limit), static_cast<std::uint16_t>(limit), nullptr};
    bytes_ += entry.batch_bytes();
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

  static constexpr SlabWord kNoWord = ~SlabWord{0};  // of no address: none matches a free entry

 private:
  Entry entries_[1u << kEntryBits];
  std::uint32_t bytes_ = 0;
};

}  // namespace mete::heap

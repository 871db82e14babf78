// Blocks of other heaps that this thread has freed, collected until a batch is worth one atomic operation.
//
// Direct-mapped by slab word, that is by owner and class. A batch is a magazine for its owner: it is posted with one
// compare-and-swap to the owner's inbox for the class and nobody ever walks it. Owner thread only.

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
    std::uint16_t length = 0;
    std::uint16_t limit = 0;  // blocks that make a batch
    Block* head = nullptr;
  };

  static constexpr unsigned kEntries = 128;
  static constexpr std::uint32_t kMostBytes = 128 << 10;  // pending at any time

  METE_INLINE Entry& entry_for(SlabWord word) noexcept {
    return entries_[((word >> kClassShift) + (word >> kOwnerShift) * 37) % kEntries];
  }

  METE_INLINE void push(Entry& entry, Block* block) noexcept {
    block->next = entry.head;
    entry.head = block;
    ++entry.length;
    bytes_ += bytes_of(class_of(entry.word));
  }

  // Empties an entry. Returns: its blocks.
  BlockList take(Entry& entry) noexcept {
    const BlockList list{entry.head, entry.length};
    bytes_ -= list.length * bytes_of(class_of(entry.word));
    entry = Entry{};
    return list;
  }

  std::uint32_t bytes() const noexcept { return bytes_; }
  Entry* begin() noexcept { return entries_; }
  Entry* end() noexcept { return entries_ + kEntries; }

  static constexpr SlabWord kNoWord = 0;  // of no slab, so no block matches an unused entry

 private:
  Entry entries_[kEntries];
  std::uint32_t bytes_ = 0;
};

}  // namespace mete::heap

// Magazines that a borrowing thread (refill.cpp) has too many of, for any thread whose bin is
// empty: it takes them before it looks into its slabs or carves. (The idea is Bonwick's, "Magazines
// and Vmem", USENIX 2001.)
//
// Blocks still belong to the heap whose slab they lie in, as all borrowed ones do; none is of a
// shared heap. A few slots per class: a magazine is put by a compare-and-swap into an empty one and
// taken by an exchange, so there is no lock, and no list whose head could have been away in
// between.

#pragma once

#include <atomic>
#include <cstddef>

#include "heap/block.hpp"
#include "heap/size_class.hpp"

namespace mete::heap {

class Depot {
 public:
  // Whether there is more than one thread to use it.
  void set_open(bool open) noexcept { open_.store(open, std::memory_order_relaxed); }

  // Any thread. Returns: false if there is no room, or nobody to take it.
  bool put(SizeClass size_class, BlockList list) noexcept {
    if (!open_.load(std::memory_order_relaxed)) return false;
    list.head->set_magazine(nullptr, list.length);
    const std::size_t bytes = list.length * std::size_t{bytes_of(size_class)};
    for (unsigned i = 0; i < kSlots && (i + 1) * bytes <= kMostBytes; ++i) {
      std::atomic<Block*>& slot = slot_[size_class.index][i];
      Block* empty = nullptr;
      // release: pairs with the acquires below.
      if (slot.load(std::memory_order_relaxed) == nullptr &&
          slot.compare_exchange_strong(empty, list.head, std::memory_order_release,
                                       std::memory_order_relaxed)) {
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
        return true;
      }
    }
    return false;
  }

  // Any thread. No blocks if there are none.
  BlockList take(SizeClass size_class) noexcept {
    if (bytes() == 0) return {};
    for (std::atomic<Block*>& slot : slot_[size_class.index]) {
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (Block* const head = slot.exchange(nullptr, std::memory_order_acquire))
        return taken(size_class, head);
    }
    return {};
  }

  // Takes a magazine of the class that is where it was when this was last called for the class, if
  // there is one. One thread at a time.
  BlockList take_idle(SizeClass size_class) noexcept {
    for (unsigned i = 0; i < kSlots; ++i) {
      std::atomic<Block*>& slot = slot_[size_class.index][i];
      Block*& seen = seen_[size_class.index][i];
      Block* head = slot.load(std::memory_order_relaxed);
      const bool idle = head != nullptr && head == seen;
      seen = head;
      if (idle && slot.compare_exchange_strong(head, nullptr, std::memory_order_acquire,
                                               std::memory_order_relaxed))
        return taken(size_class, head);
    }
    return {};
  }

  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  BlockList taken(SizeClass size_class, Block* head) noexcept {
    const BlockList list{head, head->magazine_length()};
    bytes_.fetch_sub(list.length * std::size_t{bytes_of(size_class)}, std::memory_order_relaxed);
    return list;
  }

  static constexpr unsigned kSlots = 4;                             // of a class
  static constexpr std::size_t kMostBytes = std::size_t{32} << 10;  // likewise

  std::atomic<Block*> slot_[kClassCount][kSlots]{};
  Block* seen_[kClassCount][kSlots]{};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> open_{false};
};

extern constinit Depot depot;

}  // namespace mete::heap

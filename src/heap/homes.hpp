// Borrowed blocks of one class on the way back to the heaps that own them: collected in a list for
// each of a few heaps, so that not every block costs an atomic operation.

#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/heap.hpp"
#include "heap/slab_map.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {

class Homes {
 public:
  explicit Homes(SizeClass size_class) noexcept : size_class_(size_class) {}
  ~Homes() {
    if (METE_LIKELY(!any_)) return;
    for (Home& home : home_) send(home);
  }
  Homes(const Homes&) = delete;
  Homes& operator=(const Homes&) = delete;

  METE_NOINLINE void add(Block* block) noexcept {
    const SlabWord word = slab_map.word_of(block);
    const std::uint32_t owner = owner_of(word);
    if (METE_UNLIKELY(class_in(word) != size_class_)) {  // a guest that was not handed out
      block->next = nullptr;
      heap_of(owner)->put_into_inbox(class_in(word), {block, 1});
      return;
    }
    Home& home = home_[owner % kHomes];
    if (home.owner != owner) send(home);
    home.owner = owner;
    block->next = home.list.head;
    home.list.head = block;
    ++home.list.length;
    any_ = true;
  }

 private:
  static constexpr std::uint32_t kHomes = 8;
  struct Home {
    std::uint32_t owner = 0;
    BlockList list;
  };

  void send(Home& home) const noexcept {
    if (home.list.length != 0) heap_of(home.owner)->put_into_inbox(size_class_, home.list);
    home.list = {};
  }

  const SizeClass size_class_;
  Home home_[kHomes];
  bool any_ = false;
};

}  // namespace mete::heap

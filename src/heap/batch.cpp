// Emptying and filling bins by the array.

#include "heap/batch.hpp"

#include "heap/fast_path.hpp"
#include "heap/heap.hpp"

namespace mete::heap {

std::size_t allocate_batch(SizeClass size_class, void** blocks, std::size_t count) noexcept {
  std::size_t done = 0;
  while (done < count) {
    Bin& bin = (*current_bins)[size_class];
    Block* block = bin.head;
    if (block == nullptr) {
      void* const fresh = allocate_slow(bin);
      if (fresh == nullptr) break;
      blocks[done++] = fresh;
      continue;
    }
    const std::size_t before = done;
    do {
      blocks[done++] = block;
      block = block->next;
    } while (block != nullptr && done < count);
    bin.head = block;
    bin.room += static_cast<std::int32_t>(done - before);
  }
  return done;
}

namespace {

// Fewer blocks of another heap than this wait in the outbox for more; so many are a batch already.
constexpr std::uint32_t kLeastPosted = 8;

// Blocks from blocks[i] on that lie in slabs with the word of the first, at most as many as a bin
// of that class holds, linked into a list. Moves i behind them.
BlockList take_run(void* const* blocks, std::size_t count, std::size_t& i, SlabWord word) noexcept {
  const auto most = static_cast<std::uint32_t>(bin_limit(class_in(word)));
  BlockList list;
  do {
    auto* const block = static_cast<Block*>(blocks[i++]);
    block->next = list.head;
    list.head = block;
    ++list.length;
  } while (list.length < most && i < count && slab_map.word_of(blocks[i]) == word);
  return list;
}

}  // namespace

void deallocate_batch(void* const* blocks, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count;) {
    Bins& bins = *current_bins;
    const SlabWord word = slab_map.word_of(blocks[i]);
    const SlabWord offset = word ^ bins.owner_word;
    if (METE_UNLIKELY(offset >= kBinsEnd)) {
      if (owner_of(word) == 0 || bins.heap == nullptr) {
        deallocate_slow(blocks[i++], offset, &bins);
      } else {
        bins.heap->free_remote(take_run(blocks, count, i, word), word, kLeastPosted);
      }
      continue;
    }
    // All that follow and lie in slabs with the same word, as many as the bin takes.
    Bin& bin = bins.at(offset);
    Block* head = bin.head;
    std::int32_t room = bin.room;
    do {
      auto* const block = static_cast<Block*>(blocks[i++]);
      block->next = head;
      head = block;
    } while (--room >= 0 && i < count && slab_map.word_of(blocks[i]) == word);
    bin.head = head;
    bin.room = room;
    if (room < 0) overflow(bin);
  }
}

}  // namespace mete::heap

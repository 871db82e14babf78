// Blocks back into their slabs, and slabs without a block in use back to pages.

#include "base/bits.hpp"
#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/homes.hpp"
#include "heap/idle_pages.hpp"
#include "heap/slab_blocks.hpp"

namespace mete::heap {
namespace {

// Empty slabs kept for the next class that needs one: two, and a sixteenth of a heap that does not
// shrink.
constexpr std::uint32_t kFewEmptySlabs = 2;

// Whether so few blocks of a slab are in use that the other pages go back in a shrinking heap: such
// a slab is held by the last blocks in somebody's bin.
constexpr bool is_sparse(const Slab& slab) noexcept {
  return std::uint32_t{slab.carved} - slab.free <= (slab.capacity > 4 ? 2u : 1u);
}

bool is_guest(const Block& block, SizeClass host) noexcept {
  const Slab& slab = domain.slab_at(&block);
  const auto offset =
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&block) % kSlabBytes);
  return bytes_of_block(slab, host, offset) > bytes_of(host);
}

bool owns_page(pages::PageId page) noexcept {
  return page && domain.pages.table().find(page) != nullptr;
}

}  // namespace

// Puts every block of some lists back into its slab, borrowed ones into the inbox of their heap.
// The lists are walked side by side: a step along a list of blocks that were freed in any order is
// a cache miss, and those of several lists are waited for at once.
void Heap::distribute(SizeClass size_class, Lane* lanes, unsigned count) noexcept {
  Homes homes(size_class);
  const std::uint32_t bytes = bytes_of(size_class);
  for (unsigned i = 0; count != 0; i = i + 1 < count ? i + 1 : 0) {
    Lane& lane = lanes[i];
    Block* const block = lane.next;
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if ((address ^ lane.memory) >= kSlabBytes || lane.slab == nullptr) {
      lane.memory = base::round_down(address, std::uintptr_t{kSlabBytes});
      lane.slab = slab_of(block, size_class);
    }
    Slab* const slab = lane.slab;
    lane.next = block->next;
    __builtin_prefetch(lane.next);
    if (lane.next == nullptr) lane = lanes[--count];
    if (METE_UNLIKELY(slab == nullptr)) {
      if (!put_back_guest(block)) homes.add(block);
      for (unsigned k = 0; k < count; ++k) lanes[k].slab = nullptr;
      continue;
    }
    const std::uint32_t blocks =
        put_back(*slab, static_cast<std::uint32_t>(address % kSlabBytes), block);
    free_bytes_ += bytes * blocks;
    class_[size_class.index].joined -= blocks - 1;
    if (METE_UNLIKELY(is_sparse(*slab))) {
      if (slab->empty()) {
        close_slab(*slab);
        for (unsigned k = 0; k < count; ++k) lanes[k].slab = nullptr;
        continue;
      }
      if (shrinking_.load(std::memory_order_relaxed)) note_sparse(*slab);
    }
    if (METE_UNLIKELY(!slab->available)) link_available(*slab);
  }
}

// Puts a guest of this heap that was not handed out back into its slab. Returns: false if the block
// is none.
bool Heap::put_back_guest(Block* block) noexcept {
  const SlabWord word = slab_map.word_of(block);
  if (owner_of(word) != id()) return false;
  block->next = nullptr;
  distribute(class_in(word), block);
  return true;
}

void Heap::distribute(SizeClass size_class, Block* list) noexcept {
  Lane lane{list, 0, nullptr};
  distribute(size_class, &lane, 1);
}

void Heap::distribute(SizeClass size_class, Lanes& lanes) noexcept {
  distribute(size_class, lanes.lane, lanes.count);
  lanes.count = 0;
}

// The list goes back together with others, at the latest when distribute() is called for them.
void Heap::distribute_later(SizeClass size_class, Block* list, Lanes& lanes) noexcept {
  lanes.lane[lanes.count++] = Lane{list, 0, nullptr};
  if (lanes.count == Lanes::kMost) distribute(size_class, lanes);
}

// The slab of a free block of this heap, null if it is borrowed or a guest. Dies if it is neither:
// the slab was closed since the block was freed before, or the link to the block was overwritten.
Slab* Heap::slab_of(const Block* block, SizeClass size_class) const noexcept {
  const SlabWord word = SlabMap::covers(block) ? slab_map.word_of(block) : 0;
  if (METE_UNLIKELY(word != bins.bin[size_class.index].word)) {
    if (owner_of(word) != 0 && !is_shared(word) &&
        (class_in(word) == size_class || is_guest(*block, class_in(word)))) {
      return nullptr;
    }
    const bool ours = SlabMap::covers(block) && owns_page(domain.pages.page_of(block));
    base::violate(ours ? base::Violation::kDoubleFree : base::Violation::kCorruptedBlock, block);
  }
  return &domain.slab_at(block);
}

void Heap::link_available(Slab& slab) noexcept {
  ClassState& state = class_[slab.size_class.index];
  slab.available = true;
  slab.previous = nullptr;
  slab.next = state.available;
  if (slab.next != nullptr) slab.next->previous = &slab;
  state.available = &slab;
}

void Heap::unlink_available(Slab& slab) noexcept {
  slab.available = false;
  if (slab.next != nullptr) slab.next->previous = slab.previous;
  if (slab.previous != nullptr) {
    slab.previous->next = slab.next;
  } else {
    class_[slab.size_class.index].available = slab.next;
  }
}

// A slab of a shrinking heap has few blocks in use left. Its idle pages go back when the next slab
// has come so far: by then it may have closed, and cost nothing.
void Heap::note_sparse(Slab& slab) noexcept {
  if (sparse_ == &slab) return;
  if (sparse_ != nullptr && is_sparse(*sparse_))
    IdlePages(IdlePages::Cost::kCredit).collect(*sparse_);
  sparse_ = &slab;
}

// A slab whose blocks are all free leaves its class; a few are kept for the next class that needs
// one.
void Heap::close_slab(Slab& slab) noexcept {
  const std::size_t bytes = std::size_t{slab.carved} * bytes_of(slab.size_class);
  carved_bytes_ -= bytes;
  free_bytes_ -= bytes;
  carved_hint_.store(carved_bytes_, std::memory_order_relaxed);
  if (slab.available) unlink_available(slab);
  ClassState& state = class_[slab.size_class.index];
  if (state.current == &slab) state.current = nullptr;
  keep_empty(slab);
  const std::uint32_t more = shrinking_.load(std::memory_order_relaxed) ? 0 : slabs_ / 16;
  if (empty_count_ > kFewEmptySlabs + more) release_empty_slabs();
}

void Heap::keep_empty(Slab& slab) noexcept {
  if (sparse_ == &slab) sparse_ = nullptr;
  slab.carved = slab.free = 0;
  slab.next = empty_slabs_;
  empty_slabs_ = &slab;
  ++empty_count_;
}

void Heap::release_empty_slabs(std::uint32_t kept) noexcept {
  while (empty_count_ > kept && slabs_ > reserved_slabs_) {
    Slab& slab = *empty_slabs_;
    empty_slabs_ = slab.next;
    --empty_count_;
    --slabs_;
    unlink_slab(slab);
    slab_map.clear(memory_of(slab));
    const pages::PageId first(slab.number << domain.slab_page_shift());
    domain.pages.give_touched(first, domain.slab_pages(), ~std::uint64_t{slab.clean_pages});
  }
}

void Heap::link_slab(Slab& slab) noexcept {
  slab.older = newest_slab_;
  slab.newer = 0;
  if (slab.older != 0) slab_table[slab.older].newer = slab.number;
  newest_slab_ = slab.number;
}

void Heap::unlink_slab(Slab& slab) noexcept {
  if (sweep_ == slab.number) sweep_ = slab.older;
  if (slab.older != 0) slab_table[slab.older].newer = slab.newer;
  if (slab.newer != 0) {
    slab_table[slab.newer].older = slab.older;
  } else {
    newest_slab_ = slab.older;
  }
}

}  // namespace mete::heap

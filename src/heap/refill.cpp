// Where the blocks of an empty bin come from, cheapest source first.

#include <bit>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "heap/depot.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/slab_blocks.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {

void* Heap::refill(SizeClass size_class, bool& zeroed) noexcept {
  slow_event();
  zeroed = false;
  const port::ScopedLock guard(lock_);
  const BlockList list = take_list(size_class, zeroed);
  return list.head == nullptr ? nullptr : install(size_class, list);
}

// Puts all of the list but its first block into the empty bin. Returns: the first block.
void* Heap::install(SizeClass size_class, BlockList list) noexcept {
  ClassState& state = class_[size_class.index];
  Bin& bin = bins[size_class];
  METE_ASSERT(bin.head == nullptr && list.length != 0);
  const std::int32_t most = bin_limit(size_class);
  state.limit = state.limit * 2 < most ? state.limit * 2 : most;  // wanted: let the bin grow again
  const auto length = static_cast<std::int32_t>(list.length) - 1;
  const std::int32_t least =
      state.limit / 2;  // room for some frees, or a pair at the edge would come here each time
  const std::int32_t room = state.limit - length > least ? state.limit - length : least;
  bins.set_limit(size_class, room + length, length);
  bin.head = list.head->next;
  return list.head;
}

BlockList Heap::take_list(SizeClass size_class, bool& zeroed) noexcept {
  ClassState& state = class_[size_class.index];
  if (state.magazines != nullptr) return pop_magazine(size_class);
  // Twice and never full in between: the thread needs more blocks of the class than it frees, so it
  // may as well use those of other heaps that it frees.
  bins.borrows[size_class.index] = state.wanted;
  state.wanted = shared_ == nullptr;
  if (inbox_[size_class.index].load(std::memory_order_relaxed) != nullptr &&
      take_inbox(size_class)) {
    return pop_magazine(size_class);
  }
  if (shared_ == nullptr) {
    if (const BlockList list = depot.take(size_class); list.head != nullptr) return list;
  }
  const auto most = static_cast<std::uint32_t>(state.limit);
  do {
    if (state.available != nullptr) return take_available(size_class, most);
    if (state.carvable()) return carve_current(size_class, most, zeroed);
    if (state.magazines != nullptr) return pop_magazine(size_class);
  } while (find_more(size_class));
  return {};
}

BlockList Heap::pop_magazine(SizeClass size_class) noexcept {
  ClassState& state = class_[size_class.index];
  Block* const head = state.magazines;
  const std::uint32_t length = head->magazine_length();
  state.magazines = head->next_magazine();
  state.magazine_blocks -= length;
  if (state.magazine_blocks < state.low_water) state.low_water = state.magazine_blocks;
  cached_bytes_ -= length * bytes_of(size_class);
  return {head, length};
}

// Collects up to `most` free blocks from the slabs that have some.
BlockList Heap::take_available(SizeClass size_class, std::uint32_t most) noexcept {
  ClassState& state = class_[size_class.index];
  BlockList list;
  const unsigned page_shift = domain.pages.window().page_shift();
  while (list.length < most && state.available != nullptr) {
    Slab& slab = *state.available;
    const auto clean = std::uint32_t{slab.clean_pages};
    take_free(slab, memory_of(slab), most - list.length, page_shift, list);
    if (METE_UNLIKELY(slab.clean_pages != clean)) note_needed_again(clean ^ slab.clean_pages);
    if (slab.free == 0) unlink_available(slab);
  }
  free_bytes_ -= list.length * bytes_of(size_class);
  return list;
}

// Cuts up to `most` blocks, one at least, from the slab that is being carved.
BlockList Heap::carve_current(SizeClass size_class, std::uint32_t most, bool& zeroed) noexcept {
  Slab& slab = *class_[size_class.index].current;
  const BlockList list =
      carve(slab, memory_of(slab), most, domain.pages.window().page_shift(), zeroed);
  carved_bytes_ += list.length * bytes_of(size_class);
  carved_hint_.store(carved_bytes_, std::memory_order_relaxed);
  return list;
}

// Pages, as bits, that are written to. Those of carved blocks had memory once, so they were clean
// by a purge.
void Heap::note_needed_again(std::uint32_t pages) noexcept {
  const auto count = static_cast<std::uint32_t>(std::popcount(pages));
  if (count != 0) domain.pages.note_needed_again(pages::PageCount(count));
}

// Makes what others have freed into magazines. Returns: whether there was anything.
bool Heap::take_inbox(SizeClass size_class) noexcept {
  // acquire: pairs with the release in post().
  Block* const first = inbox_[size_class.index].exchange(nullptr, std::memory_order_acquire);
  if (first == nullptr) return false;
  ClassState& state = class_[size_class.index];
  const std::size_t posted = inbox_bytes_.load(std::memory_order_relaxed);
  std::uint32_t length = 0;
  std::size_t bytes = 0;
  Block* last = first;
  for (;;) {
    length += last->magazine_length();
    bytes += last->magazine_length() * bytes_of(size_class);
    // More than was posted: a block that was freed twice has made the list a ring.
    if (METE_UNLIKELY(bytes > posted)) base::violate(base::Violation::kDoubleFree, last);
    if (last->next_magazine() == nullptr) break;
    last = last->next_magazine();
  }
  last->set_magazine(state.magazines, last->magazine_length());
  state.magazines = first;
  state.magazine_blocks += length;
  cached_bytes_ += bytes;
  inbox_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  return true;
}

void Heap::take_all_inboxes() noexcept {
  if (inbox_bytes_.load(std::memory_order_relaxed) == 0) return;
  for (unsigned i = 1; i < kClassCount; ++i) {
    if (inbox_[i].load(std::memory_order_relaxed) != nullptr) take_inbox(SizeClass(i));
  }
}

// Sees to it that the heap has blocks of the class in magazines or slabs, or a slab of it to carve;
// what is free comes before growth. Returns: false when there is no memory.
bool Heap::find_more(SizeClass size_class) noexcept {
  const ClassState& state = class_[size_class.index];
  if (empty_slabs_ == nullptr) {
    take_all_inboxes();
    if (state.magazines != nullptr) return true;
    drain_if_many();
    if (state.available != nullptr) return true;
  }
  stop_shrinking(live_bytes());
  if (open_empty_slab(size_class, false) || find_hosts(size_class, Need::kSpare)) return true;
  // The footprint is about to grow, unless other heaps have what is missing here.
  drain_for_growth_of(*this);
  if (adopt_slab(size_class, Need::kSpare) || open_empty_slab(size_class, true)) return true;
  // What is missing may be cached here or elsewhere, or be free but not addresses for a table.
  drain_depot();
  drain_all();
  release_empty_slabs();
  release_runs();
  collect_all_but(this);
  if (state.available != nullptr || adopt_slab(size_class, Need::kAny)) return true;
  domain.pages.release_free();
  return open_empty_slab(size_class, true) || find_hosts(size_class, Need::kAny);
}

// Makes an empty slab that is kept, or a new one, the one of the class that is being carved; of
// memory that is not free only if the footprint may `grow`. Returns: false when there is none.
bool Heap::open_empty_slab(SizeClass size_class, bool grow) noexcept {
  Slab* slab = empty_slabs_;
  if (slab != nullptr) {
    empty_slabs_ = slab->next;
    --empty_count_;
  } else {
    slab = take_slab(grow);
    if (slab == nullptr) return false;
  }
  const std::uint32_t clean = slab->clean_pages;
  if (open_slab(*slab, size_class, clean) &&
      slab_map.set(memory_of(*slab), bins[size_class].word)) {
    class_[size_class.index].current = slab;
    return true;
  }
  slab->clean_pages = static_cast<std::uint16_t>(clean);
  keep_empty(*slab);
  return false;
}

// Pages for a slab that has no class yet, as open_empty_slab. Returns: null when there is none.
Slab* Heap::take_slab(bool grow) noexcept {
  const pages::PageCount count = domain.slab_pages();
  pages::Run run = domain.pages.take_dirty(count, count);
  if (!run && grow) run = domain.pages.take(count, count);
  if (!run) return nullptr;
  const std::uint32_t number = run.first.value >> domain.slab_page_shift();
  if (!slab_table.ensure(number, number)) {
    domain.pages.give_untouched(run);
    return nullptr;
  }
  Slab& slab = slab_table[number];
  if (!run.dirty) purge_sparse_slabs();
  const std::uint64_t dirty = run.dirty ? domain.pages.table().dirty_bits(run.first, count) : 0;
  slab.number = number;
  slab.clean_pages = static_cast<std::uint16_t>(base::bit_span(0, count.value) & ~dirty);
  link_slab(slab);
  ++slabs_;
  ++counts_.slabs_opened;
  return &slab;
}

bool Heap::reserve(std::size_t bytes) noexcept {
  const std::size_t count = bytes / kSlabBytes + (bytes % kSlabBytes != 0);
  if (count == 0) return true;
  if (count > pages::kMaxRun.value / domain.slab_pages().value) return false;
  // All of it in one piece first: what cannot be had is refused before it has cost anything.
  const pages::PageCount pages(static_cast<std::uint32_t>(count) * domain.slab_pages().value);
  const pages::Run whole = domain.pages.take(pages, domain.slab_pages());
  if (!whole) return false;
  domain.pages.give_untouched(whole);
  const port::ScopedLock guard(lock_);
  while (slabs_ < count) {
    Slab* const slab = take_slab(true);
    if (slab == nullptr) return false;
    keep_empty(*slab);
    ++reserved_slabs_;
  }
  return true;
}

void Heap::unreserve() noexcept {
  const port::ScopedLock guard(lock_);
  reserved_slabs_ = 0;
}

}  // namespace mete::heap

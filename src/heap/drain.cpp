// When blocks go back: bins to magazines, magazines to slabs.

#include "base/bits.hpp"
#include "base/check.hpp"
#include "heap/depot.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/homes.hpp"
#include "heap/idle_pages.hpp"
#include "heap/slab_blocks.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {
namespace {

// Bytes that magazines may hold when the heap is about to grow: this much, or a sixteenth of all
// blocks. At other times there is no limit.
constexpr std::size_t kLeastCached = std::size_t{64} << 10;

// A heap shrinks when its live bytes have fallen from their peak by an eighth and this much, and
// stops shrinking when they have risen again by as much from their low.
constexpr std::size_t kLeastTurn = std::size_t{1} << 20;

// Where less than this could go back a heap does not shrink on.
constexpr std::size_t kLeastPurge = std::size_t{256} << 10;

// Slabs that are looked at for idle pages when the heap takes a new one: as many as it takes to
// find a slab's worth, if a fifth of their pages are idle.
constexpr int kSweptSlabs = 5;

constexpr std::size_t turn(std::size_t live) noexcept { return live / 8 + kLeastTurn; }

// Blocks that a bin of a shrinking heap comes down to: each may hold a page.
constexpr std::int32_t least_limit(SizeClass size_class) noexcept {
  return bytes_of(size_class) > 1024 ? 1 : 2;
}

}  // namespace

// Bytes that magazines may hold when the heap is about to grow.
std::size_t Heap::cache_limit() const noexcept {
  return carved_bytes_ / 16 > kLeastCached ? carved_bytes_ / 16 : kLeastCached;
}

// Borrowed blocks are in the magazines of one heap and live in another: no less than none.
std::size_t Heap::live_bytes() const noexcept {
  const std::size_t out = carved_bytes_ - free_bytes_;
  return out > cached_bytes_ ? out - cached_bytes_ : 0;
}

void Heap::overflow(SizeClass size_class) noexcept {
  Bin& bin = bins[size_class];
  const BlockList list{bin.head, static_cast<std::uint32_t>(bins.length(size_class))};
  bin.head = nullptr;
  {
    const port::ScopedLock guard(lock_);
    ClassState& state = class_[size_class.index];
    const bool caches = !shrinking_.load(std::memory_order_relaxed);
    const bool lends = caches && bins.borrows[size_class.index] && depot.put(size_class, list);
    if (!lends) bins.borrows[size_class.index] = state.wanted = false;
    if (caches) {
      if (!lends) push_magazine(size_class, list);
      state.limit = bin_limit(size_class);
      settle(true);
    } else {
      distribute(size_class, list.head);
      const std::int32_t least = least_limit(size_class);
      const std::int32_t half = state.limit / 2 < least ? least : state.limit / 2;
      state.limit = settle(true) ? half : bin_limit(size_class);
    }
    bins.set_limit(size_class, state.limit);
  }
  slow_event();
}

void Heap::push_magazine(SizeClass size_class, BlockList list) noexcept {
  ClassState& state = class_[size_class.index];
  list.head->set_magazine(state.magazines, list.length);
  state.magazines = list.head;
  state.magazine_blocks += list.length;
  cached_bytes_ += list.length * bytes_of(size_class);
}

void Heap::reset(std::uint32_t kept) noexcept {
  const port::ScopedLock guard(lock_);
  for (ClassState& state : class_) state = ClassState{};
  start_bins();
  empty_slabs_ = nullptr;
  empty_count_ = 0;
  for (std::uint32_t number = newest_slab_; number != 0; number = slab_table[number].older)
    keep_empty(slab_table[number]);
  carved_bytes_ = free_bytes_ = cached_bytes_ = 0;
  carved_hint_.store(0, std::memory_order_relaxed);
  stop_shrinking(0);
  release_empty_slabs(kept);
  release_runs();
  runs_.recount(domain.pages.table());
}

void Heap::release_runs() noexcept {
  const pages::PageTable& table = domain.pages.table();
  while (const pages::PageId first = runs_.take(table))
    domain.pages.give(first, table[first].length());
}

// Returns: blocks that went back, `most` and a few if there are as many.
std::uint32_t Heap::drain_magazines(SizeClass size_class, std::uint32_t most) noexcept {
  Lanes lanes;
  std::uint32_t drained = 0;
  while (drained < most && class_[size_class.index].magazines != nullptr) {
    const BlockList list = pop_magazine(size_class);
    drained += list.length;
    distribute_later(size_class, list.head, lanes);
  }
  distribute(size_class, lanes);
  return drained;
}

void Heap::drain_bin(SizeClass size_class) noexcept {
  Bin& bin = bins[size_class];
  Block* const list = bin.head;
  bin.head = nullptr;
  bins.set_limit(size_class, class_[size_class.index].limit);
  distribute(size_class, list);
}

// All magazines go back: some now, more with the next slow paths until all have. No call has to
// wait for what may be a million cache misses.
void Heap::start_draining(bool bins_too) noexcept {
  if (!bins_too && cached_bytes_ == 0) return;
  if (!draining()) ++counts_.drains;
  for (unsigned i = 1; i < kClassCount; ++i) {
    if (bins_too && bins.bin[i].head != nullptr) drain_bin(SizeClass(i));
    start_draining(SizeClass(i));
  }
  drain_some();
}

// The heap is about to grow.
void Heap::drain_if_many() noexcept {
  if (draining()) {
    drain_some();
  } else if (cached_bytes_ > cache_limit()) {
    start_draining(true);
  }
}

void Heap::start_draining(SizeClass size_class) noexcept {
  if (class_[size_class.index].magazines == nullptr) return;
  class_[size_class.index].draining = true;
  draining_.store(true, std::memory_order_relaxed);
}

// Large blocks go first: they are pages again with the least work.
void Heap::drain_some() noexcept {
  std::uint32_t drained = 0;
  for (unsigned i = kClassCount; --i != 0;) {
    if (!class_[i].draining) continue;
    if (drained >= kDrainedBlocks) return;
    drained += drain_magazines(SizeClass(i), kDrainedBlocks - drained);
    class_[i].draining = class_[i].magazines != nullptr;
    if (class_[i].draining) return;
  }
  draining_.store(false, std::memory_order_relaxed);
}

void Heap::drain_all() noexcept {
  start_draining(true);
  while (draining()) drain_some();
}

void Heap::drain_for_growth() noexcept {
  const std::uint32_t events = slow_events_.load(std::memory_order_relaxed);
  if (events != looked_events_.load(std::memory_order_relaxed)) {
    looked_events_.store(events, std::memory_order_relaxed);
    return;  // its owner is at work and may need it again soon
  }
  if (!lock_.try_lock()) return;
  take_all_inboxes();
  if (cached_bytes_ > cache_limit()) {
    std::uint32_t drained = 0;
    for (unsigned i = kClassCount; --i != 0 && drained < kDrainedBlocks;)
      drained += drain_magazines(SizeClass(i), kDrainedBlocks - drained);
    release_empty_slabs();
  }
  lock_.unlock();
}

void Heap::drain_depot() noexcept {
  if (depot.bytes() == 0) return;
  for (unsigned i = 1; i < kClassCount; ++i) {
    Lanes lanes;
    while (Block* const head = depot.take(SizeClass(i)).head)
      distribute_later(SizeClass(i), head, lanes);
    distribute(SizeClass(i), lanes);
  }
}

void Heap::empty_depot() noexcept {
  const port::ScopedLock guard(lock_);
  drain_depot();
}

void Heap::drain_idle_depot() noexcept {
  const port::ScopedLock guard(lock_);
  for (unsigned i = 1; i < kClassCount; ++i) {
    while (Block* const head = depot.take_idle(SizeClass(i)).head) distribute(SizeClass(i), head);
  }
}

// Blocks have gone back to slabs: decides anew whether the heap shrinks. When it begins to, and
// each time that what is live has halved since, its caches are emptied, so that slabs close.
// `bins_too`: the caller has the bins. Returns: whether the heap shrinks.
bool Heap::settle(bool bins_too) noexcept {
  const std::size_t live = live_bytes();
  if (!shrinking_.load(std::memory_order_relaxed)) {
    if (live > turning_live_) turning_live_ = live;
    if (turning_live_ - live < turn(turning_live_)) return false;
    if (!domain.pages.would_purge(turning_live_ - live)) return false;
    shrinking_.store(true, std::memory_order_relaxed);
  } else {
    if (live < turning_live_) turning_live_ = live;
    if (live - turning_live_ >= turn(turning_live_) || !domain.pages.would_purge(kLeastPurge)) {
      stop_shrinking(live);
      return false;
    }
    if (live >= settled_live_ / 2) return true;
  }
  turning_live_ = settled_live_ = live;
  drain_depot();
  start_draining(bins_too);
  release_empty_slabs();
  // The bins of a sleeping owner hold slabs, each by a few blocks.
  if (!bins_too) purge_idle_pages();
  return true;
}

void Heap::stop_shrinking(std::size_t live) noexcept {
  shrinking_.store(false, std::memory_order_relaxed);
  turning_live_ = live;
}

void Heap::flush() noexcept {
  send_all();
  const port::ScopedLock guard(lock_);
  take_all_inboxes();
  drain_all();
  start_bins();
  release_empty_slabs();
  release_runs();
  runs_.recount(domain.pages.table());
}

// Gives the pages back that no block in use touches, of slabs that are mostly free.
void Heap::purge_idle_pages() noexcept {
  IdlePages idle(IdlePages::Cost::kCredit);
  for (unsigned i = 1; i < kClassCount; ++i) {
    for (Slab* slab = class_[i].available; slab != nullptr; slab = slab->next) {
      if (slab->free > slab->carved / 8 * 7) idle.collect(*slab);
    }
  }
}

// The footprint is about to grow although half of what was carved is free: free blocks do not serve
// other classes, but pages that no block in use touches can go back. Looks at a few slabs at a
// time, in turns, so that each new slab costs about the same.
void Heap::purge_sparse_slabs() noexcept {
  if (free_bytes_ < carved_bytes_ / 2 || free_bytes_ < kLeastTurn) return;
  IdlePages idle(IdlePages::Cost::kCredit);
  for (int i = 0; i < kSweptSlabs; ++i) {
    Slab* const slab = next_in_turn();
    if (slab == nullptr) return;
    if (slab->free > slab->carved / 2) idle.collect(*slab);
  }
}

// The slabs of the heap one after another; null if it has none.
Slab* Heap::next_in_turn() noexcept {
  if (sweep_ == 0) sweep_ = newest_slab_;
  if (sweep_ == 0) return nullptr;
  Slab& slab = slab_table[sweep_];
  sweep_ = slab.older;
  return &slab;
}

bool Heap::trim() noexcept {
  if (!lock_.try_lock()) return false;
  IdlePages idle(IdlePages::Cost::kAny);
  for (ClassState& state : class_) {
    for (Slab* slab = state.available; slab != nullptr; slab = slab->next) idle.collect(*slab);
  }
  const bool any = idle.give_back() != 0;
  lock_.unlock();
  return any;
}

}  // namespace mete::heap

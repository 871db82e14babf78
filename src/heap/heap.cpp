// What a heap does now and then: start, look at the clock, give idle things back, count.

#include "heap/heap.hpp"

#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/slab_blocks.hpp"
#include "heap/thread_heaps.hpp"
#include "port/clock.hpp"

namespace mete::heap {
namespace {

constexpr std::uint32_t kEventsPerLook =
    8;  // slow paths between two looks at the clock, a power of two
constexpr std::uint64_t kStillTicks = 2;  // a heap without a tick for this long is still

std::uint64_t still_milliseconds() noexcept {
  return kStillTicks * domain.tick_milliseconds.load(std::memory_order_relaxed);
}

}  // namespace

void Heap::start(std::uint32_t id, SharedHeap* shared) noexcept METE_NO_LOCK_ANALYSIS {
  bins.owner_word = id << kOwnerShift | (shared != nullptr ? kSharedMark : 0);
  bins.heap = this;
  shared_ = shared;
  if (shared != nullptr) next_tick_ = ~std::uint64_t{0};  // its users' own heaps have ticks
  start_bins();
}

void Heap::start_bins() noexcept {
  for (unsigned i = 1; i < kClassCount; ++i) {
    class_[i].limit = first_bin_limit(SizeClass(i));
    bins.bin[i].head = nullptr;
    bins.bin[i].word = slab_word(id(), SizeClass(i)) | (bins.owner_word & kSharedMark);
    class_[i].wanted = bins.borrows[i] = false;
    bins.set_limit(SizeClass(i), class_[i].limit);
  }
}

std::byte* Heap::memory_of(const Slab& slab) const noexcept {
  return domain.pages.window().address_of(pages::PageId(slab.number << domain.slab_page_shift()));
}

void Heap::slow_event() noexcept {
  const std::uint32_t events = slow_events_.load(std::memory_order_relaxed) + 1;
  slow_events_.store(events, std::memory_order_relaxed);
  if (METE_LIKELY((events & (kEventsPerLook - 1)) != 0)) return;
  if (inbox_bytes_.load(std::memory_order_relaxed) > inbox_limit() || draining()) {
    const port::ScopedLock guard(lock_);
    take_all_inboxes();
    drain_some();
    settle(true);
  }
  const std::uint64_t now = port::coarse_milliseconds();
  if (now >= next_tick_) {
    tick(now);
  } else if (METE_UNLIKELY(collecting_)) {
    collecting_ = collect_idle_heaps(now, still_milliseconds());
  }
}

void Heap::tick(std::uint64_t now) noexcept {
  const std::uint64_t interval = domain.tick_milliseconds.load(std::memory_order_relaxed);
  const bool was_still = next_tick_ != 0 && now > next_tick_ + still_milliseconds();
  next_tick_ = now + interval;
  last_active_.store(now, std::memory_order_relaxed);
  send_all();
  {
    const port::ScopedLock guard(lock_);
    if (was_still) start_draining(true);
    for (unsigned i = 1; i < kClassCount; ++i) {
      ClassState& state = class_[i];
      const Bin& bin = bins.bin[i];
      // A bin that nobody touched since the last tick, and magazines that nobody needed, go back.
      if (bin.head != nullptr && bin.head == state.idle_head && bin.room == state.idle_room)
        drain_bin(SizeClass(i));
      state.idle_head = bin.head;
      state.idle_room = bin.room;
      if (state.low_water != 0 && state.low_water >= state.magazine_blocks / 2)
        start_draining(SizeClass(i));
      state.low_water = state.magazine_blocks;
    }
    drain_some();
    if (settle(true)) purge_idle_pages();
    runs_.recount(domain.pages.table());
  }
  drain_idle_depot_by(*this);
  collecting_ = collect_idle_heaps(now, still_milliseconds());
  domain.pages.tick(now);
  // acquire: pairs with the release of whoever asked to be called.
  if (auto* call = domain.on_tick.load(std::memory_order_acquire)) call();
}

bool Heap::collect_if_still(std::uint64_t now, std::uint64_t milliseconds) noexcept {
  if (last_active_.load(std::memory_order_relaxed) + milliseconds > now) return false;
  if (!collect_for_owner()) return false;
  if (!lock_.try_lock()) return false;
  start_draining(false);
  release_empty_slabs();
  release_runs();
  const bool more = draining();
  lock_.unlock();
  return more;
}

// In the child of a fork: what the bins of another thread held at that moment cannot be trusted. It
// is lost.
void Heap::abandon_bins() noexcept {
  for (unsigned i = 1; i < kClassCount; ++i) {
    bins.bin[i].head = nullptr;
    bins.set_limit(SizeClass(i), bin_limit(SizeClass(i)));
  }
  bins.outbox = Outbox{};
}

METE_RACY_READ void Heap::add_to(HeapStatistics& sum) noexcept {
  lock_.lock();
  std::uint64_t in_bins = 0;
  for (unsigned i = 1; i < kClassCount; ++i) {
    // Not by a function: it would be looked at by the thread sanitizer, which this is hidden from.
    const std::int32_t length = bins.limit[i] - bins.bin[i].room;
    if (bins.bin[i].head != nullptr && length > 0)
      in_bins += static_cast<std::uint64_t>(length) * kClassBytes[i];
  }
  sum.carved += carved_bytes_;
  sum.free += free_bytes_ + cached_bytes_ + in_bins + inbox_bytes_.load(std::memory_order_relaxed);
  sum.slabs += slabs_;
  sum.slabs_opened += counts_.slabs_opened;
  sum.large_allocated += large_taken_ + runs_.reused();
  sum.cached_runs += domain.pages.window().bytes_of(runs_.pages());
  sum.batches += batches_;
  sum.slabs_adopted += counts_.slabs_adopted;
  sum.guests += counts_.guests;
  sum.drains += counts_.drains;
  sum.moves += counts_.moves;
  lock_.unlock();
}

}  // namespace mete::heap

// Slabs change hands: before the footprint grows, a heap takes a slab from one that has blocks to
// spare.
//
// From then on the slab word names the new owner. Blocks of the slab that still go to the one
// before, since somebody looked at the word earlier or has them in a bin, are borrowed ones there
// as any other: whoever puts them back looks the slab up again (put_back.cpp) and sends them on.

#include "base/check.hpp"
#include "heap/guests.hpp"
#include "heap/heap.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {
namespace {

// Heaps that are asked before the footprint grows, and that are looked at for them: shared heaps
// give nothing.
constexpr std::uint32_t kAskedHeaps = 16;
constexpr std::uint32_t kLookedAtHeaps = 64;

// Slabs with free blocks that are looked at for the one with the most.
constexpr int kComparedSlabs = 4;

// Free bytes that a slab must have: with less it would not be worth the locks and cache misses.
constexpr std::uint32_t kLeastSpare = 2048;

// Of blocks below this all but few share a cache line with another; of larger ones one in two at
// most.
constexpr std::uint32_t kCacheLine = 64;

}  // namespace

// The slab of the class that another heap may have, the freest of some. What is left to carve
// counts only in a heap without a thread, since one at work will carve it itself; unless any slab
// is needed. Blocks that share a cache line with those of another thread at work make both slow: of
// such classes only a slab that is half free. Returns: null if there is none.
Slab* Heap::spare_slab(SizeClass size_class, Need need) const noexcept {
  const ClassState& state = class_[size_class.index];
  const bool idle = this->idle();
  const bool rest_too = idle || need == Need::kAny;
  const auto spare = [rest_too](const Slab& slab) {
    return std::uint32_t{rest_too ? slab.capacity : slab.carved} - slab.carved + slab.free;
  };
  Slab* best = rest_too && state.carvable() ? state.current : nullptr;
  Slab* slab = state.available;
  for (int i = 0; i < kComparedSlabs && slab != nullptr; ++i, slab = slab->next) {
    if (best == nullptr || spare(*slab) > spare(*best)) best = slab;
  }
  if (best == nullptr || need == Need::kAny) return best;
  const std::uint32_t bytes = bytes_of(size_class);
  if (spare(*best) * bytes < kLeastSpare) return nullptr;
  return idle || bytes >= kCacheLine || spare(*best) >= best->capacity / 2 ? best : nullptr;
}

// Takes a slab of another heap of a thread that has free blocks of the class, or is empty, which is
// opened then. Asks some heaps, beginning with the last one that gave one, or all of them if it
// needs any slab at all. Returns: false if none has been found.
bool Heap::adopt_slab(SizeClass size_class, Need need) noexcept {
  if (shared_ != nullptr) return false;
  const std::uint32_t count = heap_count();
  const std::uint32_t most = need == Need::kAny || count < kLookedAtHeaps ? count : kLookedAtHeaps;
  std::uint32_t asked = 0;
  for (std::uint32_t i = 0; i < most; ++i, ++next_donor_) {
    Heap* const other = heap_of(next_donor_ % count + 1);
    if (other == this || other->shared() != nullptr) continue;
    if (adopt_from(*other, size_class, need)) return true;
    if (++asked == kAskedHeaps && need != Need::kAny) return false;
  }
  return false;
}

// False also when somebody is at work there.
bool Heap::adopt_from(Heap& other, SizeClass size_class, Need need) noexcept {
  if (!other.lock_.try_lock()) return false;
  Slab* slab = other.spare_slab(size_class, need);
  if (slab == nullptr) slab = other.empty_slabs_;
  if (slab != nullptr) {
    other.part_with(*slab);
    // Under both locks: each of them suffices to know that a slab is one's own.
    slab_map.set(memory_of(*slab), bins[size_class].word);
  }
  other.lock_.unlock();
  return slab != nullptr && take_in(*slab, size_class);
}

void Heap::part_with(Slab& slab) noexcept {
  --slabs_;
  unlink_slab(slab);
  if (sparse_ == &slab) sparse_ = nullptr;
  if (&slab == empty_slabs_) {
    empty_slabs_ = slab.next;
    --empty_count_;
    return;
  }
  ClassState& state = class_[slab.size_class.index];
  if (state.current == &slab) state.current = nullptr;
  if (slab.available) unlink_available(slab);
  const std::size_t live = slab.live_bytes();
  state.joined -= joined_blocks(slab);
  carved_bytes_ -= slab.carved_bytes();
  free_bytes_ -= slab.free_bytes();
  carved_hint_.store(carved_bytes_, std::memory_order_relaxed);
  // What is live goes with the slab; the heap does not shrink by that.
  turning_live_ -= turning_live_ < live ? turning_live_ : live;
}

// Returns: false if it is an empty slab that could not be opened and is kept.
bool Heap::take_in(Slab& slab, SizeClass size_class) noexcept {
  ++slabs_;
  ++counts_.slabs_adopted;
  link_slab(slab);
  if (slab.carved == 0) {
    keep_empty(slab);
    return open_empty_slab(size_class, false);
  }
  METE_ASSERT(slab.size_class == size_class);
  class_[size_class.index].joined += joined_blocks(slab);
  hosts_ = hosts_ || slab.hosts.load(std::memory_order_relaxed);
  carved_bytes_ += slab.carved_bytes();
  free_bytes_ += slab.free_bytes();
  carved_hint_.store(carved_bytes_, std::memory_order_relaxed);
  turning_live_ += slab.live_bytes();
  if (slab.free != 0) link_available(slab);
  if (slab.carved < slab.capacity) class_[size_class.index].current = &slab;
  return true;
}

}  // namespace mete::heap

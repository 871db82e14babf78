// Heaps for threads: attaching, detaching, and the thread that is about to end.

#include "heap/thread_heaps.hpp"

#include <new>

#include "heap/depot.hpp"
#include "heap/domain.hpp"
#include "heap/registry.hpp"
#include "heap/shared_heap.hpp"
#include "heap/slow_path.hpp"
#include "port/thread.hpp"

namespace mete::heap {
namespace {

constexpr std::size_t kCacheLine = 64;

// Heaps that are asked for what they have cached each time that one grows by a slab.
constexpr std::uint32_t kDrainedHeaps = 2;

// A new heap; null when there is no memory.
Heap* make_heap() noexcept METE_REQUIRES(registry.lock) {
  Registry::Slot* const slot = registry.next_slot();
  if (slot == nullptr) return nullptr;
  void* memory = Registry::metadata(sizeof(Heap));
  if (memory == nullptr) return nullptr;
  auto* heap = new (memory) Heap;
  heap->start(registry.next_id());
  registry.publish(slot, *heap);
  return heap;
}

void end_thread(void*) noexcept {
  Heap* const heap = current_bins->heap;
  if (heap != nullptr) heap->flush();
  current_bins = &dead_bins;
  global_bins = &no_bins;
  if (heap != nullptr) heap->set_idle(true);
  const port::ScopedLock guard(registry.lock);
  depot.set_open(--registry.threads_now > 1);
  if (heap == nullptr) return;
  heap->next_idle = registry.idle;
  registry.idle = heap;
}

// Calls that one counts as which finds all common heaps in use. That happens to many at once when
// those who hold them wait for a core.
constexpr std::uint32_t kCrowdedCall = kYoungCalls / 8;

// What is known of a thread that has no heap.
struct Youth {
  bool begun = false;                 // it has called and is counted
  std::uint32_t calls = kYoungCalls;  // that are left
  std::uint32_t common = 0;           // the common heap that it uses at the moment
};
constinit thread_local Youth youth;

// Counts the thread, at its first call. What it owns goes back when it ends, even if that is a heap
// which it gets while it ends.
void begin_thread() noexcept {
  youth.begun = true;
  {
    const port::ScopedLock guard(registry.lock);
    ++registry.threads.started;
    if (++registry.threads_now > registry.threads.most)
      registry.threads.most = registry.threads_now;
    depot.set_open(registry.threads_now > 1);
  }
  // Last: it may allocate.
  port::arm_thread_exit(&no_bins);
}

// The common heap that the thread uses at the moment; null when there is no memory.
SharedHeap* common_heap() noexcept {
  std::atomic<SharedHeap*>& common = registry.common[youth.common];
  // acquire: pairs with the release below.
  SharedHeap* heap = common.load(std::memory_order_acquire);
  if (heap != nullptr) return heap;
  SharedHeap* const fresh = begin_shared_heap({});
  if (fresh == nullptr) return nullptr;
  if (common.compare_exchange_strong(heap, fresh, std::memory_order_acq_rel)) return fresh;
  fresh->end();  // another thread was faster
  return heap;
}

// Turns to a common heap that nobody is using just now. Returns: false if there is none.
bool find_common() noexcept {
  for (std::uint32_t i = 0; i < Registry::kCommonHeaps; ++i) {
    const SharedHeap* const heap = registry.common[youth.common].load(std::memory_order_acquire);
    if (heap == nullptr || !heap->busy()) return true;
    youth.common = (youth.common + 1) % Registry::kCommonHeaps;
  }
  return false;
}

// What one thread at a time does; another one that wants to at the same moment need not.
struct OnlyCollector {
  const bool granted = registry.collecting.exchange(1, std::memory_order_acquire) == 0;
  OnlyCollector() noexcept = default;
  ~OnlyCollector() {
    if (granted) registry.collecting.store(0, std::memory_order_release);
  }
  OnlyCollector(const OnlyCollector&) = delete;
  OnlyCollector& operator=(const OnlyCollector&) = delete;
};

}  // namespace

bool start_thread_heaps() noexcept { return port::on_thread_exit(end_thread); }

HeapStatistics heap_statistics() noexcept {
  HeapStatistics sum;
  for (std::uint32_t id = 1; id <= heap_count(); ++id) heap_of(id)->add_to(sum);
  sum.free += depot.bytes();
  sum.large_allocated += registry.large_without_heap.load(std::memory_order_relaxed);
  return sum;
}

bool thread_is_counted() noexcept { return youth.begun && current_bins != &dead_bins; }

ThreadCounts thread_counts() noexcept {
  const port::ScopedLock guard(registry.lock);
  return registry.threads;
}

METE_NOINLINE Heap* attach_thread() noexcept {
  if (current_bins == &dead_bins) return nullptr;
  Heap* heap = nullptr;
  {
    const port::ScopedLock guard(registry.lock);
    heap = registry.idle;
    if (heap != nullptr) {
      registry.idle = heap->next_idle;
    } else {
      heap = make_heap();
    }
    if (heap == nullptr) {
      youth.calls = kYoungCalls;  // until it tries again
      return nullptr;
    }
    heap->set_idle(false);
  }
  current_bins = &heap->bins;
  if (!youth.begun) begin_thread();
  return heap;
}

METE_NOINLINE Heap* grow_up() noexcept {
  if (current_bins == &dead_bins) return nullptr;
  if (heap_count() == 0) return attach_thread();
  const std::uint32_t cost = find_common() ? 1 : kCrowdedCall;
  if (youth.calls < cost) return attach_thread();
  youth.calls -= cost;
  if (!youth.begun) begin_thread();
  return nullptr;
}

void* allocate_without_heap(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  if (bytes > kLargestClassBytes || alignment > kLargestClassBytes) {
    registry.large_without_heap.fetch_add(1, std::memory_order_relaxed);
    return allocate_pages(bytes, alignment, zero);
  }
  if (SharedHeap* const heap = common_heap()) {
    const std::size_t least = alignment > kCacheLine ? alignment : kCacheLine;
    if (void* const block = heap->allocate(bytes, least, zero)) return block;
  }
  // At the limit a heap of a thread still finds what others have free (adopt.cpp).
  if (attach_thread() == nullptr) return nullptr;
  return zero ? allocate_zeroed(alignment, bytes) : allocate_aligned(alignment, bytes);
}

void free_without_heap(Block* block, SlabWord word) noexcept {
  Heap* const heap = own_heap();
  Heap* const owner = heap_of(owner_of(word));
  if (heap != nullptr && owner != heap) {
    heap->free_remote(block, word);
    return;
  }
  if (is_shared(word)) return owner->shared()->take_back(block, class_in(word));
  // The thread is young or about to end, or has just taken over the heap that owns the block.
  block->next = nullptr;
  owner->post(class_in(word), {block, 1});
}

void drain_idle_depot_by(Heap& heap) noexcept {
  const OnlyCollector only;
  if (only.granted) heap.drain_idle_depot();
}

bool collect_idle_heaps(std::uint64_t now, std::uint64_t milliseconds) noexcept {
  const OnlyCollector only;
  if (!only.granted) return false;
  bool more = false;
  const std::uint32_t count = heap_count();
  for (std::uint32_t id = 1; id <= count; ++id) {
    Heap* const heap = heap_of(id);
    if (SharedHeap* const shared = heap->shared()) {
      shared->collect_if_still(now, milliseconds);
    } else if (&heap->bins != current_bins) {
      more |= heap->collect_if_still(now, milliseconds);
    }
  }
  return more;
}

void collect_all_but(const Heap* heap) noexcept {
  const std::uint32_t count = heap_count();
  for (std::uint32_t id = 1; id <= count; ++id) {
    Heap* const other = heap_of(id);
    if (other == heap || other->shared() != nullptr) continue;
    while (other->collect_if_still(~std::uint64_t{0}, 0)) continue;
  }
}

void drain_for_growth_of(const Heap& heap) noexcept {
  const std::uint32_t count = heap_count();
  for (std::uint32_t i = 0; i < kDrainedHeaps && i < count; ++i) {
    const std::uint32_t turn = registry.drained.fetch_add(1, std::memory_order_relaxed);
    Heap* const other = heap_of(turn % count + 1);
    if (other != &heap && other->shared() == nullptr) other->drain_for_growth();
  }
}

}  // namespace mete::heap

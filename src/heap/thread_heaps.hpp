// Which heap a thread has: none for its first calls, then one made for it or taken over, which it
// leaves to a pool when it ends. There the heap of an ended thread waits, emptied of everything
// that is free.
//
// A young thread uses a *common heap*, one of a few shared ones. Many threads make a few calls
// only, and live for a moment or sleep for ever: what such a thread frees is there for the others,
// no heap is set up when it begins, flushed when it ends, or kept while it sleeps. Blocks of a
// common heap are whole cache lines, since threads that begin together must not share one.

#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#include "heap/heap.hpp"

namespace mete::heap {

// The heap of a number that a slab word holds.
Heap* heap_of(std::uint32_t id) noexcept;

// Calls that a thread makes without a heap of its own, slow ones counted twice. The first thread of
// the process makes none, and one that finds all common heaps in use again and again few.
inline constexpr std::uint32_t kYoungCalls = 512;

// A heap for the calling thread, which has none. Null when there is no memory for one, and in a
// thread that is about to end.
Heap* attach_thread() noexcept;

// The heap of the calling thread, attached now if it has none; null as above.
METE_INLINE Heap* attached_heap() noexcept {
  Heap* heap = current_bins->heap;
  return METE_LIKELY(heap != nullptr) ? heap : attach_thread();
}

// Notes a call of a thread without a heap. Returns: the heap that it has from now on, or null.
Heap* grow_up() noexcept;

// As attached_heap, but null also for a young thread, which makes one of its calls with that.
METE_INLINE Heap* own_heap() noexcept {
  Heap* heap = current_bins->heap;
  return METE_LIKELY(heap != nullptr) ? heap : grow_up();
}

// A block for a thread without a heap: from a common heap, a large one straight from the pages.
// Null when there is no memory.
void* allocate_without_heap(std::size_t bytes, std::size_t alignment, bool zero) noexcept;

// Takes a block of any slab in a thread that has no heap.
void free_without_heap(Block* block, SlabWord word) noexcept;

// Heaps made so far, numbers 1 to heap_count().
std::uint32_t heap_count() noexcept;

// The numbers of all heaps together.
HeapStatistics heap_statistics() noexcept;

struct ThreadCounts {
  std::uint64_t started = 0;  // threads that ever called
  std::uint64_t most = 0;     // at a time
};
ThreadCounts thread_counts() noexcept;
bool thread_is_counted() noexcept;  // the calling one, among those of the moment

// Puts those magazines of the depot that nobody has touched since the last call back into slabs and
// inboxes, by way of a heap of the calling thread. Any thread, one at a time.
void drain_idle_depot_by(Heap& heap) noexcept;

// Gives back some of what heaps that have been still for `milliseconds` hold; any thread, one at a
// time. Returns: whether there is more, which the next call gives back.
bool collect_idle_heaps(std::uint64_t now, std::uint64_t milliseconds) noexcept;

// The footprint is about to grow for `heap`: other heaps, a few at a time and in turns, put some of
// what they have cached back into their slabs. The lock of `heap` may be held.
void drain_for_growth_of(const Heap& heap) noexcept;

// There is no memory: gives back what all heaps of threads hold but this one, which may be null and
// whose lock may be held.
void collect_all_but(const Heap* heap) noexcept;

// Once at the start of the process, before the first heap. Returns: false when there is no memory.
bool start_thread_heaps() noexcept;

// Around a fork, in the forking thread: no structure is half changed in the child.
void prepare_fork() noexcept;
void after_fork_in_parent() noexcept;
void after_fork_in_child() noexcept;

}  // namespace mete::heap

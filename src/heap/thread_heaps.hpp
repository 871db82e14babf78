// Which heap a thread has: made or adopted at its first allocation, left to a pool when it ends.
// The heap of an ended thread waits, emptied of everything that is free, for the next new thread.

#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#include "heap/heap.hpp"

namespace mete::heap {

// The heap of a number that a slab word holds.
Heap* heap_of(std::uint32_t id) noexcept;

// The heap of the calling thread, attaching one if it has none. Returns: null when there is no
// memory for one, and in a thread that is about to end (see allocate_in_dead_thread).
Heap* attach_thread() noexcept;
METE_INLINE Heap* own_heap() noexcept {
  Heap* heap = current_bins->heap;
  return METE_LIKELY(heap != nullptr) ? heap : attach_thread();
}

// A block for a thread that has given up its heap: from a heap that such threads share. Null when
// there is no memory.
void* allocate_in_dead_thread(std::size_t bytes, std::size_t alignment, bool zero) noexcept;

// Takes a block of any slab in a thread that has no heap.
void free_without_heap(Block* block, SlabWord word) noexcept;

// Heaps made so far, numbers 1 to heap_count().
std::uint32_t heap_count() noexcept;

struct ThreadCounts {
  std::uint64_t started = 0;  // threads that ever had a heap
  std::uint64_t most = 0;     // at a time
};
ThreadCounts thread_counts() noexcept;

// Gives back what heaps that have been still for `milliseconds` hold; any thread, one at a time.
void collect_idle_heaps(std::uint64_t now, std::uint64_t milliseconds) noexcept;

// Once at the start of the process, before the first heap. Returns: false when there is no memory.
bool start_thread_heaps() noexcept;

// Around a fork, in the forking thread: no structure is half changed in the child.
void prepare_fork() noexcept;
void after_fork_in_parent() noexcept;
void after_fork_in_child() noexcept;

}  // namespace mete::heap

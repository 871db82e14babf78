// All heaps of the process by number, and the pools of those that nobody uses at the moment. For
// the files that make heaps and end them, and for fork.cpp.
//
// Heaps are numbered from 1 and live as long as the process; a number is what slab words say.
// A heap of a thread stays one, and a shared heap, too: so a thread can go on collecting blocks for
// the owner that a slab word names, whoever has the heap by then.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/heap.hpp"
#include "heap/thread_heaps.hpp"
#include "port/mutex.hpp"

namespace mete::heap {

class SharedHeap;

struct Registry {
  static constexpr unsigned kTableShift = 10;
  static constexpr std::uint32_t kTableSize = 1u << kTableShift;

  using Slot = std::atomic<Heap*>;

  port::Mutex lock{port::LockRank::kRegistry};
  std::atomic<Slot*> table[kTableSize]{};
  std::atomic<std::uint32_t> count{0};
  Heap* idle METE_GUARDED_BY(lock) = nullptr;         // without a thread
  SharedHeap* ended METE_GUARDED_BY(lock) = nullptr;  // empty, for the next
  ThreadCounts threads METE_GUARDED_BY(lock);
  std::uint64_t threads_now METE_GUARDED_BY(lock) = 0;
  // What threads without a heap of their own use, the first of them that is not busy.
  static constexpr std::uint32_t kCommonHeaps = 8;
  std::atomic<SharedHeap*> common[kCommonHeaps]{};
  std::atomic<std::size_t> large_without_heap{0};  // large blocks handed to such threads
  std::atomic<std::uint32_t> drained{0};           // heaps asked by drain_for_growth_of() so far
  std::atomic<std::uint32_t> collecting{0};        // a word: of a byte RISC-V has no exchange

  // Metadata for a heap. Free pages are in the way of the addresses that it needs at the limit of
  // the process: they go back then. Null when there is no memory.
  static void* metadata(std::size_t bytes) noexcept;

  // The place of the next heap, null when there is no memory for it or no number.
  Slot* next_slot() noexcept METE_REQUIRES(lock);

  // Makes a heap known that has the number next_id() and the place next_slot().
  void publish(Slot* slot, Heap& heap) noexcept METE_REQUIRES(lock);
  std::uint32_t next_id() const noexcept { return count.load(std::memory_order_relaxed) + 1; }
};

extern constinit Registry registry;

}  // namespace mete::heap

// Heaps for threads: attaching, detaching, and the thread that is about to end.

#include "heap/thread_heaps.hpp"

#include <new>

#include "heap/domain.hpp"
#include "heap/registry.hpp"
#include "heap/shared_heap.hpp"
#include "pages/metadata.hpp"
#include "port/thread.hpp"

namespace mete::heap {
namespace {

// A new heap; null when there is no memory.
Heap* make_heap() noexcept METE_REQUIRES(registry.lock) {
  Registry::Slot* const slot = registry.next_slot();
  if (slot == nullptr) return nullptr;
  void* memory = pages::allocate_metadata(sizeof(Heap));
  if (memory == nullptr) return nullptr;
  auto* heap = new (memory) Heap;
  heap->start(registry.next_id());
  registry.publish(slot, *heap);
  return heap;
}

void detach_thread(void* argument) noexcept {
  auto* heap = static_cast<Heap*>(argument);
  heap->flush();
  current_bins = &dead_bins;
  global_bins = &no_bins;
  heap->set_idle(true);
  const port::ScopedLock guard(registry.lock);
  heap->next_idle = registry.idle;
  registry.idle = heap;
  --registry.attached;
}

// The heap of threads that are about to end; null when there is no memory.
SharedHeap* orphan() noexcept {
  // acquire: pairs with the release below.
  SharedHeap* heap = registry.orphan.load(std::memory_order_acquire);
  if (heap != nullptr) return heap;
  SharedHeap* const fresh = begin_shared_heap({});
  if (fresh == nullptr) return nullptr;
  if (registry.orphan.compare_exchange_strong(heap, fresh, std::memory_order_acq_rel)) return fresh;
  fresh->end();  // another thread was faster
  return heap;
}

}  // namespace

bool start_thread_heaps() noexcept { return port::on_thread_exit(detach_thread); }

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
    if (heap == nullptr) return nullptr;
    heap->set_idle(false);
    ++registry.threads.started;
    if (++registry.attached > registry.threads.most) registry.threads.most = registry.attached;
  }
  current_bins = &heap->bins;
  // Last: it may allocate, and finds the heap in place then.
  port::arm_thread_exit(heap);
  return heap;
}

void* allocate_in_dead_thread(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  SharedHeap* const heap = orphan();
  return heap != nullptr ? heap->allocate(bytes, alignment, zero) : nullptr;
}

void free_without_heap(Block* block, SlabWord word) noexcept {
  Heap* const heap = attach_thread();
  Heap* const owner = heap_of(owner_of(word));
  if (heap != nullptr && owner != heap) {
    heap->free_remote(block, word);
    return;
  }
  if (is_shared(word)) return owner->shared()->take_back(block, class_in(word));
  // The thread is about to end, or has just adopted the heap that owns the block.
  block->next = nullptr;
  owner->post(class_in(word), {block, 1});
}

void collect_idle_heaps(std::uint64_t now, std::uint64_t milliseconds) noexcept {
  if (registry.collecting.exchange(1, std::memory_order_acquire) != 0) return;
  const std::uint32_t count = heap_count();
  for (std::uint32_t id = 1; id <= count; ++id) {
    Heap* const heap = heap_of(id);
    if (SharedHeap* const shared = heap->shared()) {
      shared->collect_if_still(now, milliseconds);
    } else if (&heap->bins != current_bins) {
      heap->collect_if_still(now, milliseconds);
    }
  }
  registry.collecting.store(0, std::memory_order_release);
}

}  // namespace mete::heap

// The table of heaps, the pool of those without a thread, and what happens to them at thread exit
// and fork.

#include "heap/thread_heaps.hpp"

#include <new>

#include "base/check.hpp"
#include "heap/domain.hpp"
#include "pages/metadata.hpp"
#include "port/thread.hpp"

namespace mete::heap {
namespace {

constexpr unsigned kTableShift = 10;
constexpr std::uint32_t kTableSize = 1u << kTableShift;

struct Registry {
  port::Mutex lock{port::LockRank::kRegistry};
  std::atomic<std::atomic<Heap*>*> table[kTableSize]{};
  std::atomic<std::uint32_t> count{0};
  Heap* idle METE_GUARDED_BY(lock) = nullptr;
  ThreadCounts threads METE_GUARDED_BY(lock);
  std::uint64_t attached METE_GUARDED_BY(lock) = 0;
  port::Mutex orphan_lock{port::LockRank::kOrphan};
  Heap* orphan METE_GUARDED_BY(orphan_lock) = nullptr;
  std::atomic<bool> collecting{false};
  std::atomic<const void*> forking{nullptr};  // mark of the thread that holds all locks for a fork
  unsigned fork_depth METE_GUARDED_BY(lock) = 0;
};

constinit Registry registry;

// A mark of the calling thread.
const void* current_bins_address() noexcept { return &current_bins; }

// A new heap with the next number; null when there is no memory. Requires: the registry's lock.
Heap* make_heap() noexcept {
  const std::uint32_t id = registry.count.load(std::memory_order_relaxed) + 1;
  if (id >= kMostOwners) return nullptr;
  std::atomic<std::atomic<Heap*>*>& slot = registry.table[id >> kTableShift];
  if (slot.load(std::memory_order_relaxed) == nullptr) {
    void* part = pages::allocate_metadata(kTableSize * sizeof(std::atomic<Heap*>));
    if (part == nullptr) return nullptr;
    slot.store(static_cast<std::atomic<Heap*>*>(part), std::memory_order_release);
  }
  void* memory = pages::allocate_metadata(sizeof(Heap));
  if (memory == nullptr) return nullptr;
  auto* heap = new (memory) Heap;
  heap->start(id);
  // release: pairs with the acquire in heap_of().
  slot.load(std::memory_order_relaxed)[id & (kTableSize - 1)].store(heap,
                                                                    std::memory_order_release);
  registry.count.store(id, std::memory_order_release);
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

// The heap of threads that are about to end. Returns: whether there is one.
bool make_orphan() noexcept METE_REQUIRES(registry.orphan_lock) {
  if (registry.orphan != nullptr) return true;
  const port::ScopedLock guard(registry.lock);
  registry.orphan = make_heap();
  return registry.orphan != nullptr;
}

}  // namespace

bool start_thread_heaps() noexcept { return port::on_thread_exit(detach_thread); }

Heap* heap_of(std::uint32_t id) noexcept {
  // acquire: pairs with the releases in make_heap().
  return registry.table[id >> kTableShift]
      .load(std::memory_order_acquire)[id & (kTableSize - 1)]
      .load(std::memory_order_acquire);
}

std::uint32_t heap_count() noexcept { return registry.count.load(std::memory_order_acquire); }

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

void* allocate_large_in_dead_thread(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  const port::ScopedLock guard(registry.orphan_lock);
  return make_orphan() ? registry.orphan->allocate_large(bytes, alignment, zero) : nullptr;
}

void* allocate_in_dead_thread(SizeClass size_class) noexcept {
  const port::ScopedLock guard(registry.orphan_lock);
  if (!make_orphan()) return nullptr;
  Bin& bin = registry.orphan->bins[size_class];
  if (Block* block = bin.head) {
    bin.head = block->next;
    ++bin.room;
    return block;
  }
  bool zeroed;
  return registry.orphan->refill(size_class, zeroed);
}

void free_without_heap(Block* block, SlabWord word) noexcept {
  Heap* heap = attach_thread();
  if (heap != nullptr && owner_of(word) != heap->id()) {
    heap->free_remote(block, word);
    return;
  }
  // The thread is about to end, or has just adopted the heap that owns the block.
  block->next = nullptr;
  heap_of(owner_of(word))->post(class_of(word), {block, 1});
}

void collect_idle_heaps(std::uint64_t now, std::uint64_t milliseconds) noexcept {
  if (registry.collecting.exchange(true, std::memory_order_acquire)) return;
  const std::uint32_t count = heap_count();
  for (std::uint32_t id = 1; id <= count; ++id) {
    Heap* heap = heap_of(id);
    if (&heap->bins != current_bins) heap->collect_if_still(now, milliseconds);
  }
  registry.collecting.store(false, std::memory_order_release);
}

void prepare_fork() noexcept METE_NO_LOCK_ANALYSIS {
  // The handlers may be called twice for one fork (abi/fork_hooks.cpp). Only the holder of the
  // locks can find itself here as the one who forks.
  if (registry.forking.load(std::memory_order_relaxed) == current_bins_address()) {
    ++registry.fork_depth;
    return;
  }
  registry.orphan_lock.lock();
  registry.lock.lock();
  for (std::uint32_t id = 1; id <= heap_count(); ++id) heap_of(id)->lock_for_fork();
  domain.pages.lock_for_fork();
  pages::lock_metadata_for_fork();
  registry.forking.store(current_bins_address(), std::memory_order_relaxed);
  port::Mutex::own_all();
}

void after_fork_in_parent() noexcept METE_NO_LOCK_ANALYSIS {
  if (registry.fork_depth != 0) {
    --registry.fork_depth;
    return;
  }
  registry.forking.store(nullptr, std::memory_order_relaxed);
  port::Mutex::disown_all();
  pages::unlock_metadata_after_fork();
  domain.pages.unlock_after_fork();
  for (std::uint32_t id = heap_count(); id != 0; --id) heap_of(id)->unlock_after_fork();
  registry.lock.unlock();
  registry.orphan_lock.unlock();
}

// Only the forking thread lives on: the heaps of the others are left to the pool.
void after_fork_in_child() noexcept METE_NO_LOCK_ANALYSIS {
  if (registry.fork_depth != 0) {
    --registry.fork_depth;
    return;
  }
  registry.forking.store(nullptr, std::memory_order_relaxed);
  port::Mutex::disown_all();
  pages::reset_metadata_lock_in_child();
  domain.pages.recover_in_child();
  registry.lock.reset_in_child();
  registry.orphan_lock.reset_in_child();
  registry.collecting.store(false, std::memory_order_relaxed);
  registry.idle = nullptr;
  registry.attached = current_bins->heap != nullptr ? 1 : 0;
  for (std::uint32_t id = heap_count(); id != 0; --id) {
    Heap* heap = heap_of(id);
    heap->recover_in_child();
    if (&heap->bins == current_bins || heap == registry.orphan) continue;
    heap->abandon_bins();
    heap->set_idle(true);
    heap->next_idle = registry.idle;
    registry.idle = heap;
  }
}

}  // namespace mete::heap

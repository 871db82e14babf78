// What happens to heaps when the process forks: the child has one thread, and no structure is half
// changed in it, since the forking thread holds every lock meanwhile.

#include <atomic>

#include "heap/depot.hpp"
#include "heap/domain.hpp"
#include "heap/registry.hpp"
#include "heap/shared_heap.hpp"
#include "heap/thread_heaps.hpp"
#include "pages/metadata.hpp"

namespace mete::heap {
namespace {

// A mark of the calling thread.
const void* this_thread() noexcept { return &current_bins; }

constinit std::atomic<const void*> forking{nullptr};  // the thread that holds all locks for a fork
constinit unsigned fork_depth = 0;                    // of that thread

constinit const Elsewhere* locked_elsewhere = nullptr;

template <class Function>
void for_each_heap(Function function) noexcept {
  for (std::uint32_t id = 1; id <= heap_count(); ++id) function(*heap_of(id));
}

// The handlers may be called twice for one fork (abi/malloc.cpp). Only the holder of the locks
// can find itself here as the one who forks.
bool leave_inner() noexcept {
  if (fork_depth == 0) return false;
  --fork_depth;
  return true;
}

}  // namespace

void prepare_fork() noexcept METE_NO_LOCK_ANALYSIS {
  if (forking.load(std::memory_order_relaxed) == this_thread()) {
    ++fork_depth;
    return;
  }
  locked_elsewhere = domain.elsewhere.load(std::memory_order_acquire);
  if (locked_elsewhere != nullptr) locked_elsewhere->lock_for_fork();
  registry.lock.lock();
  for_each_heap([](Heap& heap) {
    if (SharedHeap* const shared = heap.shared()) shared->lock_for_fork();
  });
  for_each_heap([](Heap& heap) { heap.lock_for_fork(); });
  domain.pages.lock_for_fork();
  pages::lock_metadata_for_fork();
  forking.store(this_thread(), std::memory_order_relaxed);
  port::Mutex::own_all();
}

void after_fork_in_parent() noexcept METE_NO_LOCK_ANALYSIS {
  if (leave_inner()) return;
  forking.store(nullptr, std::memory_order_relaxed);
  port::Mutex::disown_all();
  pages::unlock_metadata_after_fork();
  domain.pages.unlock_after_fork();
  for_each_heap([](Heap& heap) {
    heap.unlock_after_fork();
    if (SharedHeap* const shared = heap.shared()) shared->unlock_after_fork();
  });
  registry.lock.unlock();
  if (locked_elsewhere != nullptr) locked_elsewhere->unlock_after_fork();
}

// Only the forking thread lives on: the heaps of the others are left to the pool.
void after_fork_in_child() noexcept METE_NO_LOCK_ANALYSIS {
  if (leave_inner()) return;
  forking.store(nullptr, std::memory_order_relaxed);
  port::Mutex::disown_all();
  pages::reset_metadata_lock_in_child();
  domain.pages.recover_in_child();
  if (locked_elsewhere != nullptr) locked_elsewhere->recover_in_child();
  registry.lock.reset_in_child();
  registry.collecting.store(0, std::memory_order_relaxed);
  registry.idle = nullptr;
  registry.threads_now = thread_is_counted() ? 1 : 0;
  depot.set_open(false);
  for_each_heap([](Heap& heap) METE_NO_LOCK_ANALYSIS {
    heap.recover_in_child();
    if (SharedHeap* const shared = heap.shared()) {
      shared->recover_in_child();
      return;
    }
    if (&heap.bins == current_bins) return;
    heap.abandon_bins();
    heap.set_idle(true);
    heap.next_idle = registry.idle;
    registry.idle = &heap;
  });
}

}  // namespace mete::heap

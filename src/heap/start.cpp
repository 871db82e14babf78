// Starting the engine once.

#include "heap/start.hpp"

#include "heap/domain.hpp"
#include "heap/slab_map.hpp"
#include "heap/thread_heaps.hpp"
#include "port/mutex.hpp"
#include "port/thread.hpp"

namespace mete::heap {

constinit std::atomic<bool> started{false};

METE_COLD bool start_slow() noexcept {
  static constinit port::Mutex lock{port::LockRank::kStart};
  const port::ScopedLock guard(lock);
  if (started.load(std::memory_order_relaxed)) return true;
  if (!slab_map.start()) return false;
  domain.pages.start();
  start_thread_heaps();
  // release: pairs with the acquire in start().
  started.store(true, std::memory_order_release);
  port::on_fork(prepare_fork, after_fork_in_parent, after_fork_in_child);
  return true;
}

}  // namespace mete::heap

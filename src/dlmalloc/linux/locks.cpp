// The port for Linux, its locks: a spinlock in the word itself, so there is nothing to make or to
// end.

#include <sched.h>

#include "mete/port.h"

extern "C" void init_lock(void** lock) { *lock = nullptr; }
extern "C" void final_lock(void**) {}
extern "C" void acquire_lock(void** lock) {
  while (__atomic_exchange_n(lock, static_cast<void*>(lock), __ATOMIC_ACQUIRE) != nullptr)
    sched_yield();
}
extern "C" void release_lock(void** lock) { __atomic_store_n(lock, nullptr, __ATOMIC_RELEASE); }

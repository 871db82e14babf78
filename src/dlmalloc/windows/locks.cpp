// The port for Windows, its locks: a slim reader/writer lock is one pointer, null at first, and
// there is nothing to end.

#include <windows.h>

#include "mete/port.h"

static_assert(sizeof(SRWLOCK) == sizeof(void*));

namespace {

SRWLOCK* of(void** lock) { return reinterpret_cast<SRWLOCK*>(lock); }

}  // namespace

extern "C" void init_lock(void** lock) { InitializeSRWLock(of(lock)); }
extern "C" void final_lock(void**) {}
extern "C" void acquire_lock(void** lock) { AcquireSRWLockExclusive(of(lock)); }
extern "C" void release_lock(void** lock) { ReleaseSRWLockExclusive(of(lock)); }

// The port for UEFI, its locks. There is one processor, and what may come between is an event: the
// level of task priority keeps it out, and the word holds the level from before.

#include "dlmalloc/uefi/firmware.hpp"
#include "mete/port.h"

using mete::uefi::firmware;
using mete::uefi::kNotify;
using mete::uefi::Level;

extern "C" void init_lock(void** lock) { *lock = nullptr; }
extern "C" void final_lock(void**) {}
extern "C" void acquire_lock(void** lock) {
  const Level before = firmware.boot->raise_level(kNotify);
  *lock = reinterpret_cast<void*>(before);  // after it is raised: nobody else writes the word now
}
extern "C" void release_lock(void** lock) {
  const auto before = reinterpret_cast<Level>(*lock);
  *lock = nullptr;
  firmware.boot->restore_level(before);
}

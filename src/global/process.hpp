// Start and end of the process as far as the heap has a part in them: options, statistics for a
// supervisor, summary.

#pragma once

#include <atomic>

#include "base/compiler.hpp"
#include "mete/process_stats.hpp"

namespace mete::global {

// The page that `mete run --stats` reads; null in a process that it does not watch. Set once.
extern constinit std::atomic<ProcessStats*> shared_statistics;

// Reads the options and attaches to the statistics file of `mete run --stats`, if there is one.
// Allocations may come before. Once.
void start_process() noexcept;

// Writes the last statistics, and the summary on stderr if METE_STATS asks for it. Allocations may
// come after.
void finish_process() noexcept;

// Writes the statistics for the supervisor; called at ticks.
void publish_statistics() noexcept;

// As publish_statistics, if slow paths were noted often enough since the last time it did.
void publish_if_due() noexcept;

// Called on the slow paths of exported functions, so that a process which ends by _exit or a signal
// leaves numbers however short it was: they lack 3 % of its slow paths at the most. Costs a
// load where nobody watches. Requires: no lock of the heap is held.
METE_INLINE void note_slow_path() noexcept {
  if (METE_UNLIKELY(shared_statistics.load(std::memory_order_relaxed) != nullptr)) publish_if_due();
}

}  // namespace mete::global

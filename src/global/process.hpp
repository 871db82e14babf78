// Start and end of the process as far as the heap has a part in them: options, statistics for a
// supervisor, summary.

#pragma once

#include <cstdint>

namespace mete::global {

// Reads the options and attaches to the statistics file of `mete run --stats`, if there is one.
// Allocations may come before. Once.
void start_process() noexcept;

// Writes the last statistics, and the summary on stderr if METE_STATS asks for it. Allocations may
// come after.
void finish_process() noexcept;

// Writes the statistics for the supervisor; called at ticks.
void publish_statistics() noexcept;

}  // namespace mete::global

// The summary of `mete run --stats`.
#pragma once

#include <mete/process_stats.hpp>
#include <string>

#include "supervise.hpp"

namespace mete::cli {

// Lines that all start with "mete: ", in a fixed order, with aligned values.
std::string stats_report(const Outcome& outcome, ProcessStats& stats);

}  // namespace mete::cli

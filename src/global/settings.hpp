// The run-time options as the process has them: read from the environment once, changed by mallopt.

#pragma once

#include <cstdint>

#include "mete/options.hpp"

namespace mete::global {

// Reads all METE_ variables, warns on stderr of those that are wrong, and configures the layers
// below. Once.
void read_options() noexcept;

std::int64_t option_value(OptionId id) noexcept;

// Changes an option while the process runs. Returns: false if the value is out of range.
bool set_option(OptionId id, std::int64_t value) noexcept;

}  // namespace mete::global

// Time, as coarse and as cheap as the system has it.

#pragma once

#include <cstdint>

namespace mete::port {

// Milliseconds of a clock that never goes back; its origin is arbitrary, its step up to 10 ms.
std::uint64_t coarse_milliseconds() noexcept;

}  // namespace mete::port

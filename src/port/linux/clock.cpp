// The coarse clock of Linux: read in the vdso without a system call, in about 5 ns.

#include "port/clock.hpp"

#include <time.h>

namespace mete::port {

std::uint64_t coarse_milliseconds() noexcept {
  timespec now;
  if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000000;
}

}  // namespace mete::port

// Seeded random numbers with the size distribution of the benchmark programs.
//
// A program's work must depend on nothing but its parameters, so every thread owns a Random seeded
// with its index.
#pragma once

#include <cstddef>

#include "support/random.hpp"

namespace bench {

class Random : public support::Random {
 public:
  using support::Random::Random;

  // As ordinary programs ask: 85 % up to 128 bytes, 92 % to 256, 96 % to 1 KiB, the rest to 32 KiB.
  constexpr std::size_t typical() noexcept {
    const std::size_t percent = below(100);
    if (percent < 85) return between(8, 128);
    if (percent < 92) return between(129, 256);
    if (percent < 96) return between(257, 1024);
    return log_uniform(1025, 32 * 1024);
  }
};

}  // namespace bench

// Random numbers without a library: a linear congruential generator (Numerical Recipes).

#pragma once

#include <cstdint>

namespace mete::platform {

class Random {
 public:
  explicit Random(std::uint32_t seed) noexcept : state_(seed) {}
  // A number from 0 to bound - 1. Requires: 0 < bound <= 65536.
  unsigned below(unsigned bound) noexcept {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<unsigned>((static_cast<std::uint64_t>(state_ >> 16) * bound) >> 16);
  }

 private:
  std::uint32_t state_;
};

}  // namespace mete::platform

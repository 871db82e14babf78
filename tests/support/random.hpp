// Repeatable random numbers for tests and benchmarks: splitmix64, one state per thread.
//
// No floating point, so a seed means the same sizes on every machine. It costs less than the malloc
// next to it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace support {

/// A bijection of 64-bit words that spreads every input bit over all output bits.
constexpr std::uint64_t mix(std::uint64_t word) noexcept {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31);
}

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) noexcept
      : state_(seed * 0x9e3779b97f4a7c15ULL + 0x1234567) {}

  /// One of many streams of the same seed.
  constexpr Random(std::uint64_t seed, std::uint64_t stream) noexcept
      : state_(mix(seed) ^ mix(~stream)) {}

  constexpr std::uint64_t next() noexcept { return mix(state_ += 0x9e3779b97f4a7c15ULL); }

  /// Uniform in [0, bound). Requires: 0 < bound <= 2^32.
  constexpr std::size_t below(std::size_t bound) noexcept {
    return static_cast<std::size_t>(((next() >> 32) * bound) >> 32);
  }

  /// Uniform in [low, high].
  constexpr std::size_t between(std::size_t low, std::size_t high) noexcept {
    return low + below(high - low + 1);
  }

  constexpr bool one_in(std::size_t n) noexcept { return below(n) == 0; }

  /// Every power-of-two octave between `low` and `high` equally likely, uniform inside it.
  /// Requires: 1 <= low <= high.
  constexpr std::size_t log_uniform(std::size_t low, std::size_t high) noexcept {
    const auto first = static_cast<std::size_t>(std::bit_width(low));
    const auto last = static_cast<std::size_t>(std::bit_width(high));
    const std::size_t floor = std::size_t{1} << (between(first, last) - 1);
    const std::size_t size = between(floor, 2 * floor - 1);
    return size < low ? low : size > high ? high : size;
  }

 private:
  std::uint64_t state_;
};

}  // namespace support

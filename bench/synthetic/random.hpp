// Seeded random numbers and the size distributions of the benchmark programs.
//
// A program's work must depend on nothing but its parameters, so every thread owns a Random seeded
// with its index. splitmix64 is enough: it is short, and costs less than the malloc next to it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) noexcept
      : state_(seed * 0x9e3779b97f4a7c15u + 0x1234567) {}

  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  // Uniform in [0, limit). The high product half instead of a division; limit < 2^32.
  constexpr std::size_t below(std::size_t limit) noexcept { return ((next() >> 32) * limit) >> 32; }

  // Uniform in [low, high].
  constexpr std::size_t between(std::size_t low, std::size_t high) noexcept {
    return low + below(high - low + 1);
  }

  // True once in n calls, on average.
  constexpr bool one_in(std::size_t n) noexcept { return below(n) == 0; }

  // In [low, high], every doubling equally likely: many small sizes, few large ones. low >= 1.
  constexpr std::size_t skewed(std::size_t low, std::size_t high) noexcept {
    const auto first = static_cast<std::size_t>(std::bit_width(low));
    const auto last = static_cast<std::size_t>(std::bit_width(high));
    const std::size_t top = std::size_t{1} << (between(first, last) - 1);
    const std::size_t size = top + below(top);
    return size < low ? low : (size > high ? high : size);
  }

  // As ordinary programs ask: 85 % up to 128 bytes, 92 % to 256, 96 % to 1 KiB, the rest to 32 KiB.
  constexpr std::size_t typical() noexcept {
    const std::size_t percent = below(100);
    if (percent < 85) return between(8, 128);
    if (percent < 92) return between(129, 256);
    if (percent < 96) return between(257, 1024);
    return skewed(1025, 32 * 1024);
  }

 private:
  std::uint64_t state_;
};

}  // namespace bench

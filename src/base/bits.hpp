// Arithmetic on powers of two. Everything here is constexpr and touches no memory.

#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace mete::base {

template <std::unsigned_integral T>
constexpr bool is_power_of_two(T value) noexcept {
  return value != 0 &&
         (value & (value - 1)) == 0;  // without a population count, a call on old processors
}

// Requires: alignment is a power of two and value + alignment - 1 does not overflow.
template <std::unsigned_integral T>
constexpr T round_up(T value, T alignment) noexcept {
  return (value + alignment - 1) & ~(alignment - 1);
}

template <std::unsigned_integral T>
constexpr T round_down(T value, T alignment) noexcept {
  return value & ~(alignment - 1);
}

// Floor of the binary logarithm. Requires: value != 0.
template <std::unsigned_integral T>
constexpr unsigned log2_floor(T value) noexcept {
  // Not bit_width - 1: x86 counts from this end, and GCC 12 folds only this form back.
  constexpr unsigned kHighest = std::numeric_limits<T>::digits - 1;
  return kHighest ^ static_cast<unsigned>(std::countl_zero(value));
}

// A word with bits [first, first + count) set. Requires: first + count <= 64.
constexpr std::uint64_t bit_span(unsigned first, unsigned count) noexcept {
  const std::uint64_t ones = count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  return ones << first;
}

static_assert(round_up(1u, 16u) == 16u && round_up(16u, 16u) == 16u && round_down(31u, 16u) == 16u);
static_assert(bit_span(0, 64) == ~std::uint64_t{0} && bit_span(4, 2) == 0x30);

}  // namespace mete::base

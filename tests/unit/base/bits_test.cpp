// Powers of two, rounding and spans of bits.

#include "base/bits.hpp"

#include <gtest/gtest.h>

namespace mete::base {
namespace {

TEST(Bits, PowersOfTwoAreRecognised) {
  EXPECT_FALSE(is_power_of_two(0u));
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    EXPECT_TRUE(is_power_of_two(power));
    if (power > 2) {
      EXPECT_FALSE(is_power_of_two(power - 1));
      EXPECT_FALSE(is_power_of_two(power + 1));
    }
  }
}

TEST(Bits, RoundingGoesToTheNearestMultiple) {
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (std::size_t value = 0; value < 3 * alignment; value += alignment / 4 + 1) {
      EXPECT_EQ((value + alignment - 1) / alignment * alignment, round_up(value, alignment));
      EXPECT_EQ(value / alignment * alignment, round_down(value, alignment));
    }
  }
}

TEST(Bits, LogarithmIsTheHighestBit) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    EXPECT_EQ(bit, log2_floor(power));
    EXPECT_EQ(bit, log2_floor(power | (power - 1)));
  }
}

TEST(Bits, SpansHaveTheBitsAskedFor) {
  for (unsigned first = 0; first < 64; ++first) {
    for (unsigned count = 0; first + count <= 64; ++count) {
      const std::uint64_t span = bit_span(first, count);
      for (unsigned bit = 0; bit < 64; ++bit) {
        ASSERT_EQ(bit >= first && bit < first + count, (span >> bit & 1) != 0)
            << first << " " << count << " " << bit;
      }
    }
  }
}

}  // namespace
}  // namespace mete::base

// Lines of text in a fixed buffer.

#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mete::base {
namespace {

std::string string_of(const Text& text) { return {text.data(), text.size()}; }

TEST(TextLine, NumbersAreDecimal) {
  EXPECT_EQ("0", string_of(Text().add(std::uint64_t{0})));
  EXPECT_EQ("18446744073709551615", string_of(Text().add(~std::uint64_t{0})));
}

TEST(TextLine, SignedNumbersReachBothEnds) {
  EXPECT_EQ("-9223372036854775808", string_of(Text().add_signed(INT64_MIN)));
  EXPECT_EQ("9223372036854775807", string_of(Text().add_signed(INT64_MAX)));
  EXPECT_EQ("0", string_of(Text().add_signed(0)));
  EXPECT_EQ("-1", string_of(Text().add_signed(-1)));
}

TEST(TextLine, AddressesAreHexadecimal) {
  EXPECT_EQ("0x0", string_of(Text().add_address(nullptr)));
  EXPECT_EQ("0x7f00de10", string_of(Text().add_address(reinterpret_cast<void*>(0x7f00de10))));
}

TEST(TextLine, HundredthsHaveTwoDecimals) {
  EXPECT_EQ("12.05", string_of(Text().add_hundredths(1205)));
  EXPECT_EQ("0.00", string_of(Text().add_hundredths(0)));
  EXPECT_EQ("0.99", string_of(Text().add_hundredths(99)));
}

TEST(TextLine, EndsWithANullCharacterWhereThatIsNeeded) {
  Text text;
  EXPECT_STREQ("", text.terminated());
  EXPECT_STREQ("ab", text.add("ab").terminated());
  EXPECT_STREQ("abc", text.add("c").terminated());
  while (text.size() < 1024) text.add("0123456789");
  EXPECT_EQ(1024u, std::string(text.add("more").terminated()).size());
}

TEST(TextLine, PartsFollowOneAnother) {
  EXPECT_EQ("a1b-2", string_of(Text().add("a").add(std::uint64_t{1}).add("b").add_signed(-2)));
}

TEST(TextLine, WhatDoesNotFitIsDropped) {
  Text text;
  for (int i = 0; i < 3000; ++i) text.add("x");
  EXPECT_EQ(std::string(1024, 'x'), string_of(text));
}

}  // namespace
}  // namespace mete::base

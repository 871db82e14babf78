// Sizes on the command line and in the summary.
#include "sizes.hpp"

#include <gtest/gtest.h>

namespace mete::cli {
namespace {

TEST(ParseMebibytes, KnowsTheUnits) {
  EXPECT_EQ(parse_mebibytes("512M"), 512);
  EXPECT_EQ(parse_mebibytes("2G"), 2048);
  EXPECT_EQ(parse_mebibytes("1T"), 1048576);
  EXPECT_EQ(parse_mebibytes("3MiB"), 3);
  EXPECT_EQ(parse_mebibytes("3MB"), 3);
  EXPECT_EQ(parse_mebibytes("0"), 0);
  EXPECT_EQ(parse_mebibytes("0M"), 0);
}

TEST(ParseMebibytes, RoundsUp) {
  EXPECT_EQ(parse_mebibytes("1K"), 1);
  EXPECT_EQ(parse_mebibytes("1024K"), 1);
  EXPECT_EQ(parse_mebibytes("1025K"), 2);
}

TEST(ParseMebibytes, RefusesTheRest) {
  for (const char* text : {"", "M", "512", "-1M", "+1M", " 1M", "1M ", "1.5G", "1X", "1Mi", "1MBB",
                           "9223372036854775807G", "99999999999999999999M"}) {
    EXPECT_EQ(parse_mebibytes(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(FormatBytes, PicksTheUnit) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(format_bytes(1 << 20), "1.0 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(format_bytes(UINT64_MAX), "16777216.0 TiB");
}

}  // namespace
}  // namespace mete::cli

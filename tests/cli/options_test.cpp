// The parser of METE_… values: whole decimal integers within the option's range, and nothing else.
#include <gtest/gtest.h>

#include <cstdint>
#include <mete/options.hpp>
#include <optional>
#include <string>

namespace mete {
namespace {

std::optional<std::int64_t> parse(const char* text, std::int64_t min, std::int64_t max) {
  constexpr std::int64_t kUntouched = -987654321;
  std::int64_t value = kUntouched;
  const Option option{"METE_X", 0, min, max, "", ""};
  if (!parse_option(text, option, value)) {
    EXPECT_EQ(value, kUntouched) << "a refused value was stored";
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> parse(const char* text) { return parse(text, INT64_MIN, INT64_MAX); }

TEST(ParseOption, TakesDecimalIntegers) {
  EXPECT_EQ(parse("0"), 0);
  EXPECT_EQ(parse("1"), 1);
  EXPECT_EQ(parse("-1"), -1);
  EXPECT_EQ(parse("007"), 7);
  EXPECT_EQ(parse("-0"), 0);
  EXPECT_EQ(parse("1073741824"), 1073741824);
}

TEST(ParseOption, RefusesEverythingElse) {
  for (const char* text :
       {"", "-", "--1", "+1", " 1", "1 ", "1\n", "1k", "1.0", "0x10", "one", "1-", "１"}) {
    EXPECT_EQ(parse(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseOption, ReachesTheEndsOfTheType) {
  EXPECT_EQ(parse("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(parse("18446744073709551617"), std::nullopt);
  EXPECT_EQ(parse("100000000000000000000000000000000000000"), std::nullopt);
}

TEST(ParseOption, KeepsToTheRange) {
  EXPECT_EQ(parse("9", 10, 20), std::nullopt);
  EXPECT_EQ(parse("10", 10, 20), 10);
  EXPECT_EQ(parse("20", 10, 20), 20);
  EXPECT_EQ(parse("21", 10, 20), std::nullopt);
  EXPECT_EQ(parse("-1", 0, 20), std::nullopt);
}

TEST(ParseOption, WorksAtCompileTime) {
  constexpr auto kParsed = [] {
    std::int64_t value = 0;
    const bool good = parse_option("42", option(OptionId::kRetainKib), value);
    return good ? value : -1;
  }();
  static_assert(kParsed == 42);
}

TEST(OptionTable, AcceptsItsOwnNumbers) {
  for (const Option& option : kOptions) {
    for (const std::int64_t number : {option.default_value, option.min, option.max}) {
      std::int64_t value = -1;
      EXPECT_TRUE(parse_option(std::to_string(number).c_str(), option, value)) << option.name;
      EXPECT_EQ(value, number) << option.name;
    }
    std::int64_t value = -1;
    EXPECT_FALSE(parse_option(std::to_string(option.max + 1).c_str(), option, value))
        << option.name;
    EXPECT_FALSE(parse_option(std::to_string(option.min - 1).c_str(), option, value))
        << option.name;
  }
}

TEST(OptionTable, IdsNameTheirRows) {
  EXPECT_STREQ(option(OptionId::kRetainKib).name, "METE_RETAIN_KIB");
  EXPECT_STREQ(option(OptionId::kRetainPercent).name, "METE_RETAIN_PERCENT");
  EXPECT_STREQ(option(OptionId::kPurgeRate).name, "METE_PURGE_RATE");
  EXPECT_STREQ(option(OptionId::kPurgeIntervalMs).name, "METE_PURGE_INTERVAL_MS");
  EXPECT_STREQ(option(OptionId::kHugePages).name, "METE_HUGE_PAGES");
  EXPECT_STREQ(option(OptionId::kLimitMib).name, "METE_LIMIT_MIB");
  EXPECT_STREQ(option(OptionId::kStats).name, "METE_STATS");
}

}  // namespace
}  // namespace mete

// Options from the environment and while the process runs, and what they change below.

#include "global/settings.hpp"

#include <gtest/gtest.h>

#include <string>

#include "global/process.hpp"
#include "global/process_heap.hpp"
#include "heap/domain.hpp"
#include "unit/fake_port/fake_port.hpp"
#include "unit/fake_port/fresh_process.hpp"

namespace mete::global {
namespace {

TEST(ParseOption, TakesWholeDecimalIntegersInRange) {
  constexpr Option kOption{"METE_TEST", 5, -10, 1000, "", ""};
  const auto parse = [&](const char* text) {
    std::int64_t value = -99;
    return parse_option(text, kOption, value) ? value : std::int64_t{-99};
  };
  EXPECT_EQ(0, parse("0"));
  EXPECT_EQ(1000, parse("1000"));
  EXPECT_EQ(-10, parse("-10"));
  EXPECT_EQ(7, parse("0007"));
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "0x10", "1k", "1.0", "1001", "-11", "--1",
        "99999999999999999999999", "-99999999999999999999999", "9223372036854775808"}) {
    EXPECT_EQ(-99, parse(text)) << text;
  }
}

TEST(ParseOption, ReachesBothEndsOfTheType) {
  constexpr Option kAll{"METE_TEST", 0, INT64_MIN, INT64_MAX, "", ""};
  std::int64_t value = 0;
  ASSERT_TRUE(parse_option("9223372036854775807", kAll, value));
  EXPECT_EQ(INT64_MAX, value);
  ASSERT_TRUE(parse_option("-9223372036854775808", kAll, value));
  EXPECT_EQ(INT64_MIN, value);
  EXPECT_FALSE(parse_option("-9223372036854775809", kAll, value));
}

TEST(Options, HaveTheirDefaults) {
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    EXPECT_EQ(kOptions[i].default_value, option_value(static_cast<OptionId>(i)))
        << kOptions[i].name;
  }
}

TEST(Options, ComeFromTheEnvironment) {
  fake_port::set_environment("METE_RETAIN_KIB", "1024");
  fake_port::set_environment("METE_PURGE_INTERVAL_MS", "50");
  read_options();
  EXPECT_EQ(1024, option_value(OptionId::kRetainKib));
  EXPECT_EQ(50, option_value(OptionId::kPurgeIntervalMs));
  EXPECT_EQ(50u, heap::domain.tick_milliseconds.load());
  EXPECT_EQ("", fake_port::written_errors());
}

TEST(Options, WrongValuesAreNamedAndIgnored) {
  fake_port::set_environment("METE_RETAIN_KIB", "much");
  fake_port::set_environment("METE_RETAIN_PERCENT", "101");
  read_options();
  const std::string kept = std::to_string(option(OptionId::kRetainKib).default_value);
  EXPECT_EQ(option(OptionId::kRetainKib).default_value, option_value(OptionId::kRetainKib));
  EXPECT_EQ(6, option_value(OptionId::kRetainPercent));
  EXPECT_EQ(
      "mete: METE_RETAIN_KIB=much ignored: expected an integer from 0 to 1048576, using " + kept +
          "\n"
          "mete: METE_RETAIN_PERCENT=101 ignored: expected an integer from 0 to 100, using 6\n",
      fake_port::written_errors());
}

TEST(Options, VeryLongValuesStayOneLine) {
  const std::string value(5000, '7');
  fake_port::set_environment("METE_RETAIN_KIB", value.c_str());
  read_options();
  const std::string errors = fake_port::written_errors();
  EXPECT_LE(errors.size(), 1024u);
  EXPECT_EQ('\n', errors.back()) << "the next message starts on a line of its own";
}

TEST(Options, CanBeSetWithinTheirRange) {
  EXPECT_FALSE(set_option(OptionId::kRetainPercent, 101));
  EXPECT_FALSE(set_option(OptionId::kRetainPercent, -1));
  EXPECT_EQ(6, option_value(OptionId::kRetainPercent));
  EXPECT_TRUE(set_option(OptionId::kRetainPercent, 100));
  EXPECT_EQ(100, option_value(OptionId::kRetainPercent));
}

TEST(Options, LimitIsKept) {
  ASSERT_NE(nullptr, allocate(1));
  ASSERT_TRUE(set_option(OptionId::kLimitMib, 16));
  EXPECT_EQ(nullptr, allocate(std::size_t{20} << 20));
  EXPECT_NE(nullptr, allocate(std::size_t{8} << 20));
  ASSERT_TRUE(set_option(OptionId::kLimitMib, 0));
  EXPECT_NE(nullptr, allocate(std::size_t{20} << 20));
}

// A program may read its options before it allocates for the first time, or after.
TEST(Options, HoldWhateverCameFirst) {
  for (const bool allocate_first : {false, true}) {
    fake_port::in_fresh_process(allocate_first ? "allocation first" : "options first", [&] {
      fake_port::set_environment("METE_LIMIT_MIB", "16");
      if (allocate_first) {
        EXPECT_NE(nullptr, allocate(1));
      }
      start_process();
      EXPECT_EQ(nullptr, allocate(std::size_t{20} << 20));
      EXPECT_NE(nullptr, allocate(std::size_t{8} << 20));
    });
  }
}

}  // namespace
}  // namespace mete::global

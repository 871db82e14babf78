// The run-time options: one table, read by the library when the process heap starts and printed by
// `mete options`.
//
// An option is an environment variable METE_… that holds one decimal integer. The table is the only
// place that knows names, defaults and ranges: the library parses with parse_option(), the program
// prints kOptions, so the two cannot disagree. Not here: what an option does (src/global) and
// METE_STATS_FILE, which is a private channel between `mete run --stats` and the library
// (process_stats.hpp).
//
// Freestanding: no allocation, no locale, no libc, so it may be used before constructors run.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mete {

struct Option {
  const char* name;
  std::int64_t default_value;
  std::int64_t min;
  std::int64_t max;
  const char* unit;  // "" for switches and plain numbers
  const char* text;  // one line, for people
};

// Index into kOptions.
enum class OptionId : std::size_t {
  kRetainKib,
  kRetainPercent,
  kPurgeRate,
  kPurgeIntervalMs,
  kHugePages,
  kLimitMib,
  kStats,
  kCount,
};

inline constexpr std::size_t kOptionCount = static_cast<std::size_t>(OptionId::kCount);

inline constexpr Option kOptions[kOptionCount] = {
    {"METE_RETAIN_KIB", 128, 0, 1048576, "KiB", "free dirty memory that is always kept"},
    {"METE_RETAIN_PERCENT", 6, 0, 100, "%", "further free dirty memory kept, of what is in use"},
    {"METE_PURGE_RATE", 16, 0, 1048576, "MiB/s", "purging at once beyond the first time, at most"},
    {"METE_PURGE_INTERVAL_MS", 200, 10, 60000, "ms",
     "time between two looks at what can be purged"},
    {"METE_HUGE_PAGES", 0, 0, 1, "", "1: ask the system for huge pages where they fit"},
    {"METE_LIMIT_MIB", 0, 0, 1073741824, "MiB", "address space for blocks, at most; 0: no limit"},
    {"METE_STATS", 0, 0, 1, "", "1: print a summary on stderr when the program exits"},
};

constexpr const Option& option(OptionId id) noexcept {
  return kOptions[static_cast<std::size_t>(id)];
}

// Reads `text` as the value of `option`.
// Effects: sets `value` and returns true if all of `text` is one decimal integer (an optional '-',
// then digits) within the option's range; otherwise returns false and leaves `value` alone. Blanks,
// '+' and units are refused.
constexpr bool parse_option(const char* text, const Option& option, std::int64_t& value) noexcept {
  const bool negative = text[0] == '-';
  const char* digit = negative ? text + 1 : text;
  if (*digit == '\0') return false;
  // Counts downwards, where the range of the type has one value more: INT64_MIN parses without
  // overflow.
  std::int64_t sum = 0;
  for (; *digit != '\0'; ++digit) {
    if (*digit < '0' || *digit > '9') return false;
    const std::int64_t unit = *digit - '0';
    if (sum < (INT64_MIN + unit) / 10) return false;
    sum = sum * 10 - unit;
  }
  if (!negative) {
    if (sum == INT64_MIN) return false;
    sum = -sum;
  }
  if (sum < option.min || sum > option.max) return false;
  value = sum;
  return true;
}

// Every name starts with METE_, every default lies in its range, and no name stands twice.
consteval bool options_are_sound() {
  constexpr char kPrefix[] = "METE_";
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const Option& here = kOptions[i];
    for (std::size_t c = 0; c + 1 < sizeof(kPrefix); ++c) {
      if (here.name[c] != kPrefix[c]) return false;
    }
    if (here.min > here.default_value || here.default_value > here.max) return false;
    for (std::size_t j = 0; j < i; ++j) {
      std::size_t c = 0;
      while (here.name[c] != '\0' && here.name[c] == kOptions[j].name[c]) ++c;
      if (here.name[c] == kOptions[j].name[c]) return false;
    }
  }
  return true;
}
static_assert(options_are_sound());

}  // namespace mete

// Options from the environment to the layers that obey them.

#include "global/settings.hpp"

#include <atomic>
#include <utility>

#include "base/text.hpp"
#include "heap/domain.hpp"
#include "port/process.hpp"

namespace mete::global {
namespace {

struct Value {
  std::atomic<std::int64_t> now;
};

template <std::size_t... kIndex>
struct Values {
  Value of[sizeof...(kIndex)]{{kOptions[kIndex].default_value}...};
};

template <std::size_t... kIndex>
constexpr Values<kIndex...> defaults(std::index_sequence<kIndex...>) noexcept;

using AllValues = decltype(defaults(std::make_index_sequence<kOptionCount>()));

constinit AllValues values;

std::uint64_t value_of(OptionId id) noexcept {
  return static_cast<std::uint64_t>(option_value(id));
}

// An option in units of 2^shift bytes; at most as many as there are addresses.
std::size_t bytes_of(OptionId id, unsigned shift) noexcept {
  const std::uint64_t bytes = value_of(id) << shift;
  return bytes < SIZE_MAX ? static_cast<std::size_t>(bytes) : SIZE_MAX;
}

void apply() noexcept {
  pages::PageAllocator::Settings pages;
  pages.retain_bytes = bytes_of(OptionId::kRetainKib, 10);
  pages.retain_percent = static_cast<std::uint32_t>(value_of(OptionId::kRetainPercent));
  pages.purge_bytes_per_second = value_of(OptionId::kPurgeRate) << 20;
  pages.tick_milliseconds = value_of(OptionId::kPurgeIntervalMs);
  pages.limit_bytes = bytes_of(OptionId::kLimitMib, 20);
  pages.huge_pages = value_of(OptionId::kHugePages) != 0;
  heap::domain.pages.configure(pages);
  heap::domain.tick_milliseconds.store(value_of(OptionId::kPurgeIntervalMs),
                                       std::memory_order_relaxed);
}

// A value may be anything; the line ends all the same.
constexpr std::size_t kMostShown = 100;

void warn(const Option& option, const char* text) noexcept {
  base::Text line;
  line.add("mete: ")
      .add(option.name)
      .add("=")
      .add(text, kMostShown)
      .add(" ignored: expected an integer from ");
  line.add_signed(option.min)
      .add(" to ")
      .add_signed(option.max)
      .add(", using ")
      .add_signed(option.default_value);
  line.add("\n");
  port::write_error(line.data(), line.size());
}

}  // namespace

void read_options() noexcept {
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const char* text = port::environment(kOptions[i].name);
    if (text == nullptr) continue;
    std::int64_t value = 0;
    if (parse_option(text, kOptions[i], value)) {
      values.of[i].now.store(value, std::memory_order_relaxed);
    } else {
      warn(kOptions[i], text);
    }
  }
  apply();
}

std::int64_t option_value(OptionId id) noexcept {
  return values.of[static_cast<std::size_t>(id)].now.load(std::memory_order_relaxed);
}

bool set_option(OptionId id, std::int64_t value) noexcept {
  if (value < option(id).min || value > option(id).max) return false;
  values.of[static_cast<std::size_t>(id)].now.store(value, std::memory_order_relaxed);
  apply();
  return true;
}

}  // namespace mete::global

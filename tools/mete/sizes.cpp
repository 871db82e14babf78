// Powers of two only, since that is what pages and blocks come in.
#include "sizes.hpp"

#include <charconv>
#include <cstdio>
#include <system_error>

namespace mete::cli {

std::optional<std::int64_t> parse_mebibytes(std::string_view text) {
  if (text == "0") return 0;
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0 || rest == end) return std::nullopt;
  const std::string_view tail(rest + 1, static_cast<std::size_t>(end - rest - 1));
  if (!tail.empty() && tail != "B" && tail != "iB") return std::nullopt;
  std::int64_t factor = 1;
  switch (*rest) {
    case 'K':
      return number / 1024 + (number % 1024 != 0);
    case 'M':
      break;
    case 'G':
      factor = std::int64_t{1} << 10;
      break;
    case 'T':
      factor = std::int64_t{1} << 20;
      break;
    default:
      return std::nullopt;
  }
  if (number > INT64_MAX / factor) return std::nullopt;
  return number * factor;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  char text[48];
  if (bytes < 1024) {
    std::snprintf(text, sizeof(text), "%llu B", static_cast<unsigned long long>(bytes));
    return text;
  }
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (amount >= 1023.95 && unit + 1 < std::size(kUnits)) {
    amount /= 1024;
    ++unit;
  }
  std::snprintf(text, sizeof(text), "%.1f %s", amount, kUnits[unit]);
  return text;
}

}  // namespace mete::cli

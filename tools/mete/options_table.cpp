// Each column is as wide as its widest cell; numbers are aligned to the right, the last column is
// not padded.
#include "options_table.hpp"

#include <algorithm>
#include <array>
#include <mete/options.hpp>
#include <vector>

namespace mete::cli {
namespace {

constexpr std::size_t kColumns = 6;
constexpr std::array<bool, kColumns> kToTheRight = {false, true, true, true, false, false};
using Row = std::array<std::string, kColumns>;

std::vector<Row> rows() {
  std::vector<Row> rows = {{"OPTION", "DEFAULT", "MIN", "MAX", "UNIT", "MEANING"}};
  for (const Option& option : kOptions) {
    rows.push_back({option.name, std::to_string(option.default_value), std::to_string(option.min),
                    std::to_string(option.max), option.unit, option.text});
  }
  return rows;
}

}  // namespace

std::string options_table() {
  const std::vector<Row> all = rows();
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : all) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : all) {
    for (std::size_t i = 0; i + 1 < kColumns; ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      text += kToTheRight[i] ? gap + row[i] : row[i] + gap;
      text += "  ";
    }
    text += row.back() + '\n';
  }
  return text;
}

}  // namespace mete::cli

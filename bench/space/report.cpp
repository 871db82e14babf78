// Tables and JSON.

#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "replay.hpp"

namespace space_bench {
namespace {

using Number = std::optional<double>;

constexpr const char* kNames[kKinds] = {"allocate", "deallocate", "reallocate"};

void raise(Number& most, double value) { most = most ? std::max(*most, value) : value; }

Number kib(std::optional<std::size_t> bytes) {
  return bytes ? Number(static_cast<double>(*bytes) / 1024) : Number();
}

}  // namespace

void Result::set_worst(const Sequence& sequence, std::span<const std::uint32_t> ticks,
                       std::span<const std::uint32_t> null_ticks, double ticks_per_ns) {
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const Operation& operation = sequence.operations[sequence.measured_from + i];
    raise(worst_ns[static_cast<std::size_t>(operation.kind)],
          (static_cast<double>(ticks[i]) - null_ticks[i]) / ticks_per_ns);
  }
}

void Result::set_steps(const Sequence& sequence, std::span<const std::uint64_t> steps,
                       std::span<const std::uint64_t> null_steps) {
  double sum = 0;
  std::size_t count = 0;
  std::array<double, kKinds> sums{};
  std::array<std::size_t, kKinds> counts{};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (null_steps[i] == 0 || steps[i] >= kMostSteps) continue;
    const auto kind =
        static_cast<std::size_t>(sequence.operations[sequence.measured_from + i].kind);
    const double taken = static_cast<double>(steps[i]) - static_cast<double>(null_steps[i]);
    raise(worst_steps[kind], taken);
    sum += taken;
    ++count;
    sums[kind] += taken;
    ++counts[kind];
  }
  if (count != 0) mean_steps = sum / static_cast<double>(count);
  for (std::size_t kind = 0; kind < kKinds; ++kind)
    if (counts[kind] != 0) mean_steps_of[kind] = sums[kind] / static_cast<double>(counts[kind]);
}

void Report::add(const Sequence& sequence, std::vector<Result> results) {
  rows_.push_back({sequence.name, sequence.live_bytes, std::move(results)});
}

// A row for each sequence that has such a value; the last: by how much it is more than the least
// one of its row, the geometric mean.
template <class Value>
void Report::print_table(const std::string& title, Value value, bool with_live) const {
  const bool any = std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return std::any_of(row.results.begin(), row.results.end(),
                       [&](const Result& result) { return value(result).has_value(); });
  });
  if (!any) return;
  const auto print_number = [](Number number) {
    number ? std::printf(" %10.1f |", *number) : std::printf(" %10s |", "-");
  };
  std::printf("\n%s\n\n| %-18s |", title.c_str(), "");
  if (with_live) std::printf(" %10s |", "asked for");
  for (const Allocator& allocator : allocators_) std::printf(" %10s |", allocator.name.c_str());
  std::printf("\n|---|");
  for (std::size_t i = 0; i < allocators_.size() + with_live; ++i) std::printf("---|");
  std::printf("\n");
  std::vector<double> logs(allocators_.size());
  std::vector<std::size_t> counts(allocators_.size());
  for (const Row& row : rows_) {
    Number least;
    for (const Result& result : row.results)
      if (const Number number = value(result)) least = least ? std::min(*least, *number) : number;
    if (!least) continue;
    std::printf("| %-18s |", row.name.c_str());
    if (with_live) print_number(kib(row.live_bytes));
    for (std::size_t i = 0; i < row.results.size(); ++i) {
      const Number number = value(row.results[i]);
      print_number(number);
      if (!number || *least <= 0) continue;
      logs[i] += std::log(*number / *least);
      ++counts[i];
    }
    std::printf("\n");
  }
  std::printf("| %-18s |", "ratio to the least");
  if (with_live) std::printf(" %10s |", "");
  for (std::size_t i = 0; i < allocators_.size(); ++i)
    counts[i] != 0 ? std::printf(" %10.2f |", std::exp(logs[i] / static_cast<double>(counts[i])))
                   : std::printf(" %10s |", "-");
  std::printf("\n");
}

void Report::print() const {
  print_table("Nanoseconds by operation, least of all rounds",
              [](const Result& result) { return result.least_ns; });
  print_table("Nanoseconds by operation, median of all rounds",
              [](const Result& result) { return result.median_ns; });
  print_table("Instructions by operation, mean",
              [](const Result& result) { return result.mean_steps; });
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const std::string name = kNames[kind];
    print_table("Instructions of " + name + ", mean",
                [&](const Result& result) { return result.mean_steps_of[kind]; });
    print_table("Instructions of " + name + ", most",
                [&](const Result& result) { return result.worst_steps[kind]; });
    print_table("Nanoseconds of the longest " + name,
                [&](const Result& result) { return result.worst_ns[kind]; });
  }
  print_table(
      "Highest byte in use, KiB", [](const Result& result) { return kib(result.highest); }, true);
  print_table(
      "Least memory that is enough, KiB", [](const Result& result) { return kib(result.least); },
      true);
  print_table(
      "Most memory taken from the system, KiB",
      [](const Result& result) { return kib(result.grown); }, true);
}

bool Report::write_json(const std::string& path) const {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  const auto field = [&](const std::string& name, Number number) {
    std::fprintf(file, ", \"%s\": ", name.c_str());
    number ? std::fprintf(file, "%.10g", *number) : std::fprintf(file, "null");
  };
  const auto by_kind = [&](const std::string& name, const Result::ByKind<double>& numbers) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) field(name + kNames[kind], numbers[kind]);
  };
  const char* separator = "[";
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.results.size(); ++i) {
      const Result& result = row.results[i];
      std::fprintf(file, "%s\n{\"sequence\": \"%s\", \"allocator\": \"%s\"", separator,
                   row.name.c_str(), allocators_[i].name.c_str());
      separator = ",";
      field("least_ns", result.least_ns);
      field("median_ns", result.median_ns);
      field("mean_instructions", result.mean_steps);
      by_kind("mean_instructions_", result.mean_steps_of);
      by_kind("worst_instructions_", result.worst_steps);
      by_kind("worst_ns_", result.worst_ns);
      field("live_kib", kib(row.live_bytes));
      field("highest_kib", kib(result.highest));
      field("least_memory_kib", kib(result.least));
      field("grown_kib", kib(result.grown));
      std::fprintf(file, "}");
    }
  }
  std::fprintf(file, "\n]\n");
  return std::fclose(file) == 0;
}

}  // namespace space_bench

// Tables and JSON.

#include "report.hpp"

#include <algorithm>
#include <cstdio>

#include "replay.hpp"

namespace space_bench {
namespace {

using Number = std::optional<double>;

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void raise(Number& most, double value) { most = most ? std::max(*most, value) : value; }

Number kib(std::optional<std::size_t> bytes) {
  return bytes ? Number(static_cast<double>(*bytes) / 1024) : Number();
}

}  // namespace

void Result::set_times(std::vector<double> times, std::vector<double> null_times) {
  if (times.empty()) return;
  median_ns = median(times) - median(null_times);
  least_ns = times.front() - null_times.front();
}

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

template <class Value>
void Report::print_table(const char* title, Value value, bool with_live) const {
  std::printf("\n%s\n\n| %-18s |", title, "");
  if (with_live) std::printf(" %10s |", "asked for");
  for (std::size_t i = 1; i < allocators_.size(); ++i)
    std::printf(" %10s |", allocators_[i].name.c_str());
  std::printf("\n|---|");
  for (std::size_t i = with_live ? 0 : 1; i < allocators_.size(); ++i) std::printf("---|");
  std::printf("\n");
  for (const Row& row : rows_) {
    bool any = false;
    for (std::size_t i = 1; i < row.results.size(); ++i) any |= value(row.results[i]).has_value();
    if (!any) continue;
    std::printf("| %-18s |", row.name.c_str());
    if (with_live) std::printf(" %10.1f |", static_cast<double>(row.live_bytes) / 1024);
    for (std::size_t i = 1; i < row.results.size(); ++i) {
      const Number number = value(row.results[i]);
      number ? std::printf(" %10.1f |", *number) : std::printf(" %10s |", "-");
    }
    std::printf("\n");
  }
}

void Report::print() const {
  constexpr const char* kNames[kKinds] = {"allocate", "deallocate", "reallocate"};
  print_table("Nanoseconds by operation, least of all rounds",
              [](const Result& result) { return result.least_ns; });
  print_table("Nanoseconds by operation, median of all rounds",
              [](const Result& result) { return result.median_ns; });
  print_table("Instructions by operation, mean",
              [](const Result& result) { return result.mean_steps; });
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const std::string name = kNames[kind];
    print_table(("Instructions of " + name + ", mean").c_str(),
                [&](const Result& result) { return result.mean_steps_of[kind]; });
    print_table(("Instructions of " + name + ", most").c_str(),
                [&](const Result& result) { return result.worst_steps[kind]; });
    print_table(("Nanoseconds of the longest " + name).c_str(),
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
  const auto field = [&](const char* name, Number number) {
    std::fprintf(file, ", \"%s\": ", name);
    number ? std::fprintf(file, "%.6g", *number) : std::fprintf(file, "null");
  };
  const auto bytes = [&](const char* name, std::optional<std::size_t> number) {
    std::fprintf(file, ", \"%s\": ", name);
    number ? std::fprintf(file, "%zu", *number) : std::fprintf(file, "null");
  };
  const char* separator = "[";
  for (const Row& row : rows_) {
    for (std::size_t i = 1; i < row.results.size(); ++i) {
      const Result& result = row.results[i];
      std::fprintf(file, "%s\n{\"sequence\": \"%s\", \"allocator\": \"%s\"", separator,
                   row.name.c_str(), allocators_[i].name.c_str());
      separator = ",";
      field("least_ns", result.least_ns);
      field("median_ns", result.median_ns);
      field("mean_instructions", result.mean_steps);
      for (std::size_t kind = 0; kind < kKinds; ++kind) {
        static constexpr const char* kNames[kKinds][2] = {
            {"worst_ns_allocate", "worst_instructions_allocate"},
            {"worst_ns_deallocate", "worst_instructions_deallocate"},
            {"worst_ns_reallocate", "worst_instructions_reallocate"}};
        field(kNames[kind][0], result.worst_ns[kind]);
        field(kNames[kind][1], result.worst_steps[kind]);
      }
      bytes("live_bytes", row.live_bytes);
      bytes("highest_byte", result.highest);
      bytes("least_memory", result.least);
      bytes("grown_bytes", result.grown);
      std::fprintf(file, "}");
    }
  }
  std::fprintf(file, "\n]\n");
  return std::fclose(file) == 0;
}

}  // namespace space_bench

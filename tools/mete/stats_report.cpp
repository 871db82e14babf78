// First what the kernel counted, then what the library reported. Sums and shares are left to the
// reader.
#include "stats_report.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>

#include "sizes.hpp"

namespace mete::cli {
namespace {

constexpr const char* kNoReport =
    "libmete.so did not report: the program ended, or became another one, before it could";
constexpr const char* kDidNotExit =
    "the program did not end by exit: the heap's numbers are the last it told";

class Lines {
 public:
  [[gnu::format(printf, 3, 4)]] void add(const char* label, const char* format, ...) {
    char value[160];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    char line[200];
    std::snprintf(line, sizeof(line), "mete: %-14s %s\n", label, value);
    text_ += line;
  }
  void add_sentence(const char* sentence) { (text_ += "mete: ") += sentence, text_ += '\n'; }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

unsigned long long count(std::uint64_t& field) { return read_stat(field); }
std::string bytes(std::uint64_t& field) { return format_bytes(read_stat(field)); }

void add_kernel_side(Lines& lines, const Outcome& outcome) {
  const rusage& usage = outcome.usage;
  lines.add("time", "%.3f s, %.3f s user, %.3f s system", outcome.wall_seconds,
            seconds(usage.ru_utime), seconds(usage.ru_stime));
  lines.add("peak resident", "%s",
            format_bytes(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024).c_str());
  lines.add("page faults", "%ld minor, %ld major", usage.ru_minflt, usage.ru_majflt);
}

void add_library_side(Lines& lines, ProcessStats& stats) {
  // Blocks are only sampled; the pages they lie in are counted, so a short peak shows there.
  const std::uint64_t peak = std::max(read_stat(stats.peak_active), read_stat(stats.peak_in_use));
  lines.add("peak in use", "%s, %s mapped at most", format_bytes(peak).c_str(),
            bytes(stats.peak_mapped).c_str());
  lines.add("at the end", "%s in use, %s active, %s mapped, %s retained",
            bytes(stats.bytes_in_use).c_str(), bytes(stats.bytes_active).c_str(),
            bytes(stats.bytes_mapped).c_str(), bytes(stats.bytes_retained).c_str());
  lines.add("given back", "%s in %llu calls", bytes(stats.purged_bytes).c_str(),
            count(stats.purge_calls));
  lines.add("threads", "%llu, %llu at a time, %llu heaps", count(stats.threads_started),
            count(stats.threads_peak), count(stats.heaps));
  lines.add("large blocks", "%llu, %llu grown by remapping", count(stats.large_allocated),
            count(stats.mremap_moves));
  lines.add("slabs", "%llu opened, %llu drains", count(stats.slabs_opened), count(stats.drains));
  lines.add("ranges", "%llu", count(stats.ranges));
  lines.add("remote frees", "%llu batches", count(stats.remote_batches));
}

}  // namespace

std::string stats_report(const Outcome& outcome, ProcessStats& stats) {
  Lines lines;
  add_kernel_side(lines, outcome);
  const auto state = static_cast<StatsState>(read_stat(stats.state));
  if (state == StatsState::kWaiting) {
    lines.add_sentence(kNoReport);
    return lines.take();
  }
  add_library_side(lines, stats);
  if (state == StatsState::kAttached) {
    lines.add_sentence(kDidNotExit);
  }
  return lines.take();
}

}  // namespace mete::cli

// How long one call of malloc, calloc, realloc and free takes, from the usual to the worst case.
//
// Threads work on tables of live blocks with sizes as programs ask for; one free in eight is of a
// block that another thread allocated. The same load runs twice: once undisturbed, which gives the
// requests per second, and once with a clock read around every call, which gives the percentiles.
// The cost of reading the clock is measured first and subtracted. Blocks are written outside the
// measured time, so a page fault counts only where the allocator itself takes it. One line for each
// operation:
//   malloc requests_per_second=… p50_ns=… p99_ns=… p99.9_ns=… max_ns=…
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "synthetic/arguments.hpp"
#include "synthetic/block.hpp"
#include "synthetic/random.hpp"
#include "synthetic/threads.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Ticks of the cheapest clock there is. The fences keep the measured call between the two reads.
std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_lfence();
  const std::uint64_t now = __builtin_ia32_rdtsc();
  __builtin_ia32_lfence();
  return now;
#else
  return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
#endif
}

struct Calibration {
  std::uint64_t overhead;  // ticks between two reads with nothing between them
  double ticks_per_ns;
};

Calibration calibrate() {
  std::vector<std::uint64_t> gaps(10001);
  const auto start = Clock::now();
  const std::uint64_t first = ticks();
  while (seconds_since(start) < 0.05) {
    for (std::uint64_t& gap : gaps) {
      const std::uint64_t begin = ticks();
      gap = ticks() - begin;
    }
  }
  const double rate = static_cast<double>(ticks() - first) / (seconds_since(start) * 1e9);
  std::nth_element(gaps.begin(), gaps.begin() + 5000, gaps.end());
  return {gaps[5000], rate};
}

// Counts of durations, 32 buckets to each doubling: 3 % resolution at any length, no allocation.
class Histogram {
 public:
  void add(std::uint64_t value) noexcept {
    ++counts_[bucket(value)];
    ++total_;
    largest_ = std::max(largest_, value);
  }

  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    largest_ = std::max(largest_, other.largest_);
  }

  std::uint64_t total() const noexcept { return total_; }
  std::uint64_t largest() const noexcept { return largest_; }

  // The lower end of the bucket that holds the value below which `share` of all values lie.
  std::uint64_t quantile(double share) const noexcept {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= rank) return lower_end(i);
    }
    return largest_;
  }

 private:
  static constexpr unsigned kBits = 5;

  static std::size_t bucket(std::uint64_t value) noexcept {
    if (value < (1u << kBits)) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return ((shift + 1) << kBits) + (value >> shift) - (1u << kBits);
  }

  static std::uint64_t lower_end(std::size_t index) noexcept {
    if (index < (1u << kBits)) return index;
    const std::size_t shift = (index >> kBits) - 1;
    return ((index & ((1u << kBits) - 1)) + (1u << kBits)) << shift;
  }

  std::array<std::uint64_t, 60u << kBits> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t largest_ = 0;
};

enum Operation : std::size_t { kMalloc, kCalloc, kRealloc, kFree, kOperations };
constexpr const char* kNames[kOperations] = {"malloc", "calloc", "realloc", "free"};

struct Record {
  std::array<std::uint64_t, kOperations> calls{};
  std::array<Histogram, kOperations> times;
};

// One thread's table and its load. With kTimed every call is measured.
template <bool kTimed>
class Load {
 public:
  Load(std::uint64_t seed, std::size_t live, std::vector<std::atomic<void*>>& passed,
       std::uint64_t overhead, Record& record)
      : random_(seed), blocks_(live), passed_(passed), overhead_(overhead), record_(record) {}

  ~Load() {
    for (void* block : blocks_) std::free(block);
  }

  void run(std::size_t steps) noexcept {
    for (std::size_t i = 0; i < steps; ++i) step(blocks_[random_.below(blocks_.size())]);
  }

 private:
  void step(void*& place) noexcept {
    if (place == nullptr) {
      const std::size_t size = random_.typical();
      place = random_.one_in(8) ? timed(kCalloc, [&] { return std::calloc(1, size); })
                                : timed(kMalloc, [&] { return std::malloc(size); });
      if (place == nullptr) bench::fail("null", nullptr, size);
      *static_cast<void**>(place) = place;
      return;
    }
    if (*static_cast<void**>(place) != place) bench::fail("content changed", place, 0);
    if (random_.one_in(16)) {
      const std::size_t size = random_.typical();
      void* before = place;
      place = timed(kRealloc, [&] { return std::realloc(before, size); });
      if (place == nullptr) bench::fail("null", nullptr, size);
      *static_cast<void**>(place) = place;
      return;
    }
    void* victim = place;
    if (random_.one_in(8)) {
      // acq_rel: a block belongs to whoever takes it out of the table.
      victim = passed_[random_.below(passed_.size())].exchange(place, std::memory_order_acq_rel);
    }
    place = nullptr;
    if (victim == nullptr) return;
    timed(kFree, [&] {
      std::free(victim);
      return victim;
    });
  }

  template <class Call>
  void* timed(Operation operation, Call call) noexcept {
    ++record_.calls[operation];
    if constexpr (!kTimed) return bench::opaque(call());
    const std::uint64_t begin = ticks();
    void* result = bench::opaque(call());
    const std::uint64_t taken = ticks() - begin;
    record_.times[operation].add(taken > overhead_ ? taken - overhead_ : 0);
    return result;
  }

  bench::Random random_;
  std::vector<void*> blocks_;
  std::vector<std::atomic<void*>>& passed_;
  const std::uint64_t overhead_;
  Record& record_;
};

// Runs the load on all threads; returns the seconds it took.
template <bool kTimed>
double run_all(std::vector<Record>& records, std::size_t live, std::size_t steps,
               std::uint64_t overhead) {
  std::vector<std::atomic<void*>> passed(live);
  const auto start = Clock::now();
  bench::run_threads(records.size(), [&](std::size_t self) {
    Load<kTimed>(self, live, passed, overhead, records[self]).run(steps);
  });
  const double seconds = seconds_since(start);
  for (std::atomic<void*>& place : passed) std::free(place.load());
  return seconds;
}

void print(const char* name, std::uint64_t calls, double seconds, const Histogram& times,
           double ticks_per_ns) {
  const auto ns = [&](std::uint64_t value) { return static_cast<double>(value) / ticks_per_ns; };
  std::printf("%s requests_per_second=%.0f p50_ns=%.0f p99_ns=%.0f p99.9_ns=%.0f max_ns=%.0f\n",
              name, static_cast<double>(calls) / seconds, ns(times.quantile(0.5)),
              ns(times.quantile(0.99)), ns(times.quantile(0.999)), ns(times.largest()));
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "latency of malloc and free under a mixed load");
  const std::size_t threads = arguments.threads();
  const std::size_t live = arguments.number("live", 20000, "places for blocks in a thread's table");
  const std::size_t steps =
      arguments.number("steps", 5000000, "of each thread, in each of two runs");
  arguments.finish();

  const Calibration calibration = calibrate();
  std::vector<Record> untimed(threads), timed(threads);
  const double seconds = run_all<false>(untimed, live, steps, 0);
  run_all<true>(timed, live, steps, calibration.overhead);

  std::uint64_t all_calls = 0;
  Histogram all_times;
  for (std::size_t operation = 0; operation < kOperations; ++operation) {
    std::uint64_t calls = 0;
    Histogram times;
    for (std::size_t i = 0; i < threads; ++i) {
      calls += untimed[i].calls[operation];
      times.add(timed[i].times[operation]);
    }
    print(kNames[operation], calls, seconds, times, calibration.ticks_per_ns);
    all_calls += calls;
    all_times.add(times);
  }
  print("all", all_calls, seconds, all_times, calibration.ticks_per_ns);
}

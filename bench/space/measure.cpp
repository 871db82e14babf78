// In which order allocators are measured: one after the other in every round, shuffled, so that
// what disturbs the machine for a while disturbs all of them.

#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "support/random.hpp"

namespace space_bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint32_t kNever = ~std::uint32_t{0};

double measure_ticks_per_ns() {
  const auto before = std::chrono::steady_clock::now();
  const std::uint64_t ticks = __builtin_ia32_rdtsc();
  std::chrono::duration<double, std::nano> took{};
  while (took.count() < 2e7) took = std::chrono::steady_clock::now() - before;
  return static_cast<double>(__builtin_ia32_rdtsc() - ticks) / took.count();
}

// Numbers below `count`, in another order every time.
class Order {
 public:
  explicit Order(std::size_t count) : numbers_(count) {
    for (std::size_t i = 0; i < count; ++i) numbers_[i] = i;
  }
  const std::vector<std::size_t>& shuffle() {
    for (std::size_t i = numbers_.size(); i > 1; --i)
      std::swap(numbers_[i - 1], numbers_[random_.below(i)]);
    return numbers_;
  }

 private:
  support::Random random_{kSeed};
  std::vector<std::size_t> numbers_;
};

// The times of one allocator in all rounds.
class Times {
 public:
  void add(const std::vector<double>& slices) {
    sums_.push_back(std::accumulate(slices.begin(), slices.end(), 0.0));
    if (least_.empty()) least_ = slices;
    for (std::size_t i = 0; i < slices.size(); ++i) least_[i] = std::min(least_[i], slices[i]);
  }
  explicit operator bool() const { return !sums_.empty(); }
  // Of each slice the least of all rounds: the same calls on the same state, so what is more in
  // another round is not the allocator's.
  double least() const { return std::accumulate(least_.begin(), least_.end(), 0.0); }
  double median() const {
    std::vector<double> sorted = sums_;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 != 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

 private:
  std::vector<double> least_;
  std::vector<double> sums_;
};

}  // namespace

std::vector<Result> measure(Replay& replay, const Sequence& sequence,
                            std::span<const Allocator> allocators, const Effort& effort) {
  static const double ticks_per_ns = measure_ticks_per_ns();
  const std::size_t operations = sequence.operations.size() - sequence.measured_from;
  std::vector<const space_peer*> peers;
  for (const Allocator& allocator : allocators) peers.push_back(allocator.peer);
  const std::size_t null = peers.size();
  peers.push_back(&null_peer);

  Order order(peers.size());
  std::vector<Times> times(peers.size());
  for (std::size_t round = 0; round < effort.rounds; ++round)
    for (const std::size_t i : order.shuffle())
      if (const auto slices = replay.time(*peers[i], sequence)) times[i].add(*slices);

  std::vector<std::vector<std::uint32_t>> ticks(peers.size());
  for (auto& least : ticks) least.resize(operations, kNever);
  for (std::size_t round = 0; round < effort.replays; ++round)
    for (const std::size_t i : order.shuffle())
      if (!ticks[i].empty() && !replay.time_each(*peers[i], sequence, ticks[i])) ticks[i].clear();

  std::vector<std::uint64_t> null_steps;
  std::vector<std::uint64_t> steps;
  if (effort.samples != 0) replay.count_steps(null_peer, sequence, effort.samples, null_steps);

  std::vector<Result> results(allocators.size());
  for (std::size_t i = 0; i < allocators.size(); ++i) {
    Result& result = results[i];
    if (times[i]) {
      const auto count = static_cast<double>(operations);
      result.least_ns = (times[i].least() - times[null].least()) / count;
      result.median_ns = (times[i].median() - times[null].median()) / count;
    }
    if (effort.replays != 0) result.set_worst(sequence, ticks[i], ticks[null], ticks_per_ns);
    if (effort.samples != 0 && replay.count_steps(*peers[i], sequence, effort.samples, steps))
      result.set_steps(sequence, steps, null_steps);
    result.highest = replay.highest_byte(*peers[i], sequence);
    result.least = replay.least_memory(*peers[i], sequence);
    result.grown = replay.grown(*peers[i], sequence);
  }
  return results;
}

}  // namespace space_bench

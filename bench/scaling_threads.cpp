// What a pair costs however many threads there are, on the cores there are (pair.hpp).
//
//   scaling_threads threads=512
//
// Every thread replaces blocks of a set of its own. The set has the same size however many threads
// there are, about 24 KiB, so that each does the same work: only as many sets as there are cores
// are in use at a time, and one fits the cache of a core, where it is back after some microseconds
// of a time slice of milliseconds. Sets that shared a fixed total would be too large for the cache
// with one thread and of no block at all with 512.
#include <pthread.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "pair.hpp"
#include "synthetic/arguments.hpp"
#include "synthetic/random.hpp"
#include "synthetic/threads.hpp"

namespace {

using bench::pair::Least;

constexpr std::size_t kSet = 100;
constexpr std::size_t kWarmUp = 10000;  // pairs: the thread has its heap, with all sizes in it

// What all threads do, each from a place of its own: drawn before, so that the loop is cheap next
// to the calls, and too long for a processor to foretell the branches of a malloc by it.
struct Draw {
  std::uint16_t place, size;
};
constexpr std::size_t kDraws = 8192;

std::array<Draw, kDraws> drawn() noexcept {
  std::array<Draw, kDraws> draws;
  bench::Random random(1);
  for (Draw& draw : draws) {
    draw = {static_cast<std::uint16_t>(random.below(kSet)),
            static_cast<std::uint16_t>(
                random.log_uniform(bench::pair::kSmallest, bench::pair::kLargest))};
  }
  return draws;
}

const std::array<Draw, kDraws> draws = drawn();

class Set {
 public:
  explicit Set(std::size_t self) noexcept : next_(self * 1000) {
    for (bench::Block& block : blocks_) block = bench::pair::allocate(bench::pair::kSmallest);
  }

  template <bool kCalls>
  void pair() noexcept {
    const Draw draw = draws[next_++ % kDraws];
    bench::Block& block = blocks_[draw.place];
    if (kCalls) {
      bench::pair::release(block);
      block = bench::pair::allocate(draw.size);
    } else {
      bench::pair::check_marks(block);
      bench::pair::write_marks(block);
    }
  }

  ~Set() {
    for (const bench::Block& block : blocks_) bench::pair::release(block);
  }

 private:
  std::size_t next_;
  bench::Block blocks_[kSet];
};

// Threads that start, warm up, and then wait to be measured as often as asked.
class Crew {
 public:
  explicit Crew(std::size_t threads) noexcept : threads_(threads) {
    const auto everyone = static_cast<unsigned>(threads + 1);
    if (pthread_barrier_init(&barrier_, nullptr, everyone) != 0) std::abort();
  }

  Least measure(double budget_ns) {
    Least least;
    std::thread lead([&] {
      wait();
      for (int turn = 0; turn < bench::pair::kTurns; ++turn) {
        least.loop = std::fmin(least.loop, phase(&Crew::churn<false>, budget_ns / 2));
        least.with = std::fmin(least.with, phase(&Crew::churn<true>, budget_ns));
      }
      work_ = nullptr;
      wait();
    });
    bench::run_threads(threads_, [this](std::size_t self) { follow(self); });
    lead.join();
    return least;
  }

 private:
  void wait() noexcept { pthread_barrier_wait(&barrier_); }

  double phase(void (Crew::*work)(Set&) noexcept, double budget_ns) noexcept {
    work_ = work;
    stop_ = false;
    pairs_ = 0;
    const double start = bench::pair::cpu_ns();
    wait();
    const timespec nap{0, 2000000};
    while (bench::pair::cpu_ns() - start < budget_ns) nanosleep(&nap, nullptr);
    stop_ = true;
    wait();
    return (bench::pair::cpu_ns() - start) / static_cast<double>(pairs_);
  }

  void follow(std::size_t self) noexcept {
    Set set(self);
    for (std::size_t i = 0; i < kWarmUp; ++i) set.pair<true>();
    wait();
    for (wait(); work_ != nullptr; wait()) {
      (this->*work_)(set);
      wait();
    }
  }

  template <bool kCalls>
  void churn(Set& set) noexcept {
    std::size_t done = 0;
    for (; !stop_.load(std::memory_order_relaxed); done += 64) {
      for (int i = 0; i < 64; ++i) set.pair<kCalls>();
    }
    pairs_ += done;
  }

  const std::size_t threads_;
  pthread_barrier_t barrier_;
  void (Crew::*work_)(Set&) noexcept = nullptr;  // written by the lead before a wait()
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> pairs_{0};
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "what a malloc and a free cost, by threads");
  Crew crew(arguments.threads());
  const std::size_t budget = arguments.number("cpu_ms", 400, "CPU time of a turn");
  arguments.finish();
  const Least least = crew.measure(static_cast<double>(budget) * 1e6);
  std::printf("pair with_ns=%.2f loop_ns=%.2f\n", least.with, least.loop);
  return 0;
}

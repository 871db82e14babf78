// How far the first two cores of the process are apart: nanoseconds for a cache line to travel from
// one to the other and back, the least of a few measurements. 0 where there is only one core.
//
//   distance
//
// Why: the cores of a virtual machine move between those of the real one, and may share a cache in
// one second and none in the next. Programs whose threads exchange memory take up to four times as
// long then, whatever the allocator.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <thread>

namespace {

constexpr unsigned kMeasurements = 5;
constexpr unsigned kTravels = 4000;  // there and back, in each

alignas(128) std::atomic<unsigned> ball{0};  // alone in its line, and in the one fetched with it

void run_on(std::size_t core) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// Waits for `expected` and answers with the next number. release/acquire: nothing else is sent.
void answer(unsigned expected) noexcept {
  while (ball.load(std::memory_order_acquire) != expected) {
  }
  ball.store(expected + 1, std::memory_order_release);
}

double measure(unsigned number) noexcept {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (unsigned i = 0; i < kTravels; ++i) answer(2 * (number * kTravels + i));
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kTravels;
}

}  // namespace

int main() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::size_t cores[2];
  int count = 0;
  for (std::size_t core = 0; core < CPU_SETSIZE && count < 2; ++core) {
    if (CPU_ISSET(core, &allowed)) cores[count++] = core;
  }
  if (count < 2) {
    std::puts("0");
    return 0;
  }
  std::thread other([&cores] {
    run_on(cores[1]);
    for (unsigned i = 0; i < kMeasurements * kTravels; ++i) answer(2 * i + 1);
  });
  run_on(cores[0]);
  double least = measure(0);
  for (unsigned i = 1; i < kMeasurements; ++i) least = std::min(least, measure(i));
  other.join();
  std::printf("%.0f\n", least);
}

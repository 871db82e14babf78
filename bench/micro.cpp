// The operations of bench/instructions in nanoseconds, with Google Benchmark, for whatever
// allocator is preloaded. The column `ns` is the time of one pair of malloc and free (or of one
// step of realloc); batches show malloc_ns and free_ns apart. Unlike there, blocks of the mixed
// load and of the working set are written, so that it shows where an allocator puts them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "synthetic/block.hpp"
#include "synthetic/random.hpp"

namespace {

using bench::opaque;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlocks = 1000;

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

std::size_t argument(const benchmark::State& state, std::size_t index) {
  return static_cast<std::size_t>(state.range(index));
}

void report(benchmark::State& state, Clock::time_point start, double operations_per_iteration) {
  state.counters["ns"] = nanoseconds_since(start) /
                         (static_cast<double>(state.iterations()) * operations_per_iteration);
}

void pair(benchmark::State& state) {
  const std::size_t size = argument(state, 0);
  const auto start = Clock::now();
  for (auto _ : state) std::free(opaque(std::malloc(size)));
  report(state, start, 1);
}
BENCHMARK(pair)->Arg(16)->Arg(64)->Arg(1024)->Arg(32 << 10)->Arg(128 << 10)->Arg(1 << 20);

void zeroed(benchmark::State& state) {
  const std::size_t size = argument(state, 0);
  const auto start = Clock::now();
  for (auto _ : state) std::free(opaque(std::calloc(1, size)));
  report(state, start, 1);
}
BENCHMARK(zeroed)->Arg(64)->Arg(1024);

void aligned(benchmark::State& state) {
  const std::size_t size = argument(state, 0);
  const auto start = Clock::now();
  for (auto _ : state) std::free(opaque(std::aligned_alloc(size, size)));
  report(state, start, 1);
}
BENCHMARK(aligned)->Arg(64)->Arg(4096);

void operator_new(benchmark::State& state) {
  const std::size_t size = argument(state, 0);
  const auto start = Clock::now();
  for (auto _ : state) ::operator delete(opaque(::operator new(size)), size);
  report(state, start, 1);
}
BENCHMARK(operator_new)->Arg(64);

enum Order { kForward, kReverse, kRandom };

std::vector<std::size_t> sequence(Order order) {
  std::vector<std::size_t> result(kBlocks);
  for (std::size_t i = 0; i < kBlocks; ++i) result[i] = order == kReverse ? kBlocks - 1 - i : i;
  bench::Random random(1);
  for (std::size_t i = kBlocks; order == kRandom && i > 1; --i) {
    std::swap(result[i - 1], result[random.below(i)]);
  }
  return result;
}

void batch(benchmark::State& state, Order order) {
  const std::size_t size = argument(state, 0);
  const std::vector<std::size_t> frees = sequence(order);
  std::vector<void*> blocks(kBlocks);
  double malloc_ns = 0, free_ns = 0;
  const auto start = Clock::now();
  for (auto _ : state) {
    auto part = Clock::now();
    for (void*& block : blocks) block = std::malloc(size);
    malloc_ns += nanoseconds_since(part);
    part = Clock::now();
    for (std::size_t which : frees) std::free(blocks[which]);
    free_ns += nanoseconds_since(part);
  }
  report(state, start, kBlocks);
  const double calls = static_cast<double>(state.iterations()) * kBlocks;
  state.counters["malloc_ns"] = malloc_ns / calls;
  state.counters["free_ns"] = free_ns / calls;
}
BENCHMARK_CAPTURE(batch, forward, kForward)->Arg(64)->Arg(1024)->Arg(32 << 10);
BENCHMARK_CAPTURE(batch, reverse, kReverse)->Arg(64)->Arg(1024);
BENCHMARK_CAPTURE(batch, random, kRandom)->Arg(64)->Arg(1024);

// A random block of the live ones is freed, and one of another size allocated and written.
void replace(benchmark::State& state) {
  const std::size_t live = argument(state, 0);
  const std::size_t largest = argument(state, 1);
  bench::Random random(1);
  std::vector<void*> blocks(live);
  for (void*& block : blocks) block = std::malloc(random.between(16, largest));
  const auto start = Clock::now();
  for (auto _ : state) {
    void*& block = blocks[random.below(live)];
    std::free(block);
    const std::size_t size = random.between(16, largest);
    block = opaque(std::malloc(size));
    std::memset(block, 1, size);
  }
  report(state, start, 1);
  for (void* block : blocks) std::free(block);
}
BENCHMARK(replace)
    ->ArgNames({"live", "largest"})
    ->Args({1000, 1024})
    ->Args({30000, 512})
    ->Args({400000, 512});

void realloc_doubling(benchmark::State& state) {
  const std::size_t limit = argument(state, 0);
  double steps = 0;
  const auto start = Clock::now();
  for (auto _ : state) {
    steps = 0;
    void* block = std::malloc(16);
    for (std::size_t size = 32; size <= limit; size *= 2, ++steps) {
      block = opaque(std::realloc(block, size));
    }
    std::free(block);
  }
  report(state, start, steps);
}
BENCHMARK(realloc_doubling)->Arg(1 << 20)->Arg(64 << 20);

void realloc_steps(benchmark::State& state) {
  const std::size_t limit = argument(state, 0);
  const auto start = Clock::now();
  for (auto _ : state) {
    void* block = std::malloc(64);
    for (std::size_t size = 128; size <= limit; size += 64) {
      block = opaque(std::realloc(block, size));
    }
    std::free(block);
  }
  report(state, start, static_cast<double>(limit / 64 - 1));
}
BENCHMARK(realloc_steps)->Arg(64 << 10);

// Allocated by one thread, freed by another, a batch at a time; each thread times its own part.
void across(benchmark::State& state) {
  const std::size_t size = argument(state, 0);
  std::vector<void*> blocks(kBlocks);
  std::barrier turn(2);
  bool done = false;
  double malloc_ns = 0, free_ns = 0;
  std::thread other([&] {
    for (;;) {
      turn.arrive_and_wait();
      if (done) return;
      const auto start = Clock::now();
      for (void* block : blocks) std::free(block);
      free_ns += nanoseconds_since(start);
      turn.arrive_and_wait();
    }
  });
  for (auto _ : state) {
    const auto start = Clock::now();
    for (void*& block : blocks) block = std::malloc(size);
    malloc_ns += nanoseconds_since(start);
    turn.arrive_and_wait();
    turn.arrive_and_wait();
  }
  done = true;
  turn.arrive_and_wait();
  other.join();
  const double calls = static_cast<double>(state.iterations()) * kBlocks;
  state.counters["malloc_ns"] = malloc_ns / calls;
  state.counters["free_ns"] = free_ns / calls;
}
BENCHMARK(across)->Arg(64)->Arg(1024)->Arg(32 << 10)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

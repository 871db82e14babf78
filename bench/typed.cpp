// What mete's C++ interface costs beside plain malloc in nanoseconds, with Google Benchmark: typed
// allocation inlined in the caller, batches, heaps as objects. Linked with libmete.a; malloc is
// that of the system, or of what is preloaded. The column `ns` is the time of a pair of allocating
// and freeing.
//
//   LD_PRELOAD=build/release/lib/libmete.so build/release/bench/typed --benchmark_filter=pair
#include <benchmark/benchmark.h>

#include <barrier>
#include <chrono>
#include <cstdlib>
#include <span>
#include <thread>
#include <vector>

#include "mete/global.hpp"
#include "mete/heap.hpp"
#include "mete/typed.hpp"
#include "synthetic/block.hpp"
#include "synthetic/random.hpp"

namespace {

using bench::opaque;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlocks = 1000;

template <std::size_t bytes>
constexpr mete::Layout kLayout = mete::Layout::from_size_align_unchecked(bytes, 8);

// Reports the time since it was made, for `pairs` pairs in each iteration.
class Timer {
 public:
  Timer(benchmark::State& state, double pairs) : state_(state), pairs_(pairs) {}
  ~Timer() {
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start_;
    state_.counters["ns"] = elapsed.count() / (static_cast<double>(state_.iterations()) * pairs_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  benchmark::State& state_;
  double pairs_;
  Clock::time_point start_ = Clock::now();
};

void pair_malloc(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const Timer timer(state, 1);
  for (auto _ : state) std::free(opaque(std::malloc(size)));
}
BENCHMARK(pair_malloc)->Arg(24)->Arg(64)->Arg(1024);

template <std::size_t bytes>
void pair_typed(benchmark::State& state) {
  const Timer timer(state, 1);
  for (auto _ : state) mete::dealloc<kLayout<bytes>>(opaque(mete::alloc<kLayout<bytes>>()));
}
BENCHMARK_TEMPLATE(pair_typed, 24);
BENCHMARK_TEMPLATE(pair_typed, 64);
BENCHMARK_TEMPLATE(pair_typed, 1024);

void pair_layout(benchmark::State& state) {
  const auto layout =
      mete::Layout::from_size_align_unchecked(static_cast<std::size_t>(state.range(0)), 8);
  const Timer timer(state, 1);
  for (auto _ : state) mete::dealloc(opaque(mete::alloc(layout)), layout);
}
BENCHMARK(pair_layout)->Arg(24)->Arg(64)->Arg(1024);

void pair_heap(benchmark::State& state) {
  mete::Heap heap;
  const auto layout =
      mete::Layout::from_size_align_unchecked(static_cast<std::size_t>(state.range(0)), 8);
  const Timer timer(state, 1);
  for (auto _ : state) heap.dealloc(opaque(heap.alloc(layout)), layout);
}
BENCHMARK(pair_heap)->Arg(64)->Arg(1024);

// A thousand blocks, all allocated before they are freed.
template <class Allocate, class Free>
void thousand(benchmark::State& state, Allocate allocate, Free free_all) {
  std::vector<void*> blocks(kBlocks);
  const Timer timer(state, kBlocks);
  for (auto _ : state) {
    allocate(std::span(blocks));
    benchmark::ClobberMemory();
    free_all(std::span<void* const>(blocks));
  }
}

constexpr mete::Layout k64 = kLayout<64>;

void thousand_malloc(benchmark::State& state) {
  thousand(
      state,
      [](std::span<void*> blocks) {
        for (void*& b : blocks) b = std::malloc(64);
      },
      [](std::span<void* const> blocks) {
        for (void* b : blocks) std::free(b);
      });
}
BENCHMARK(thousand_malloc);

void thousand_typed(benchmark::State& state) {
  thousand(
      state,
      [](std::span<void*> blocks) {
        for (void*& b : blocks) b = mete::alloc<k64>();
      },
      [](std::span<void* const> blocks) {
        for (void* b : blocks) mete::dealloc<k64>(b);
      });
}
BENCHMARK(thousand_typed);

void thousand_loop(benchmark::State& state) {
  thousand(
      state,
      [](std::span<void*> blocks) {
        for (void*& b : blocks) b = mete::alloc(k64);
      },
      [](std::span<void* const> blocks) {
        for (void* b : blocks) mete::dealloc(b, k64);
      });
}
BENCHMARK(thousand_loop);

void thousand_batch(benchmark::State& state) {
  thousand(
      state,
      [](std::span<void*> blocks) { benchmark::DoNotOptimize(mete::alloc_batch(k64, blocks)); },
      [](std::span<void* const> blocks) { mete::dealloc_batch(blocks, k64); });
}
BENCHMARK(thousand_batch);

void thousand_heap_loop(benchmark::State& state) {
  mete::Heap heap;
  thousand(
      state,
      [&](std::span<void*> blocks) {
        for (void*& b : blocks) b = heap.alloc(k64);
      },
      [&](std::span<void* const> blocks) {
        for (void* b : blocks) heap.dealloc(b, k64);
      });
}
BENCHMARK(thousand_heap_loop);

void thousand_heap_batch(benchmark::State& state) {
  mete::Heap heap;
  thousand(
      state,
      [&](std::span<void*> blocks) { benchmark::DoNotOptimize(heap.alloc_batch(k64, blocks)); },
      [&](std::span<void* const> blocks) { heap.dealloc_batch(blocks, k64); });
}
BENCHMARK(thousand_heap_batch);

// Blocks that another thread has allocated.
void thousand_of_another_thread(benchmark::State& state, bool batch) {
  std::vector<void*> blocks(kBlocks);
  std::barrier turn(2);
  bool done = false;
  std::thread other([&] {
    for (;;) {
      turn.arrive_and_wait();
      if (done) return;
      for (void*& block : blocks) block = mete::alloc(k64);
      turn.arrive_and_wait();
    }
  });
  double free_ns = 0;
  for (auto _ : state) {
    turn.arrive_and_wait();
    turn.arrive_and_wait();
    const auto start = Clock::now();
    if (batch) {
      mete::dealloc_batch(blocks, k64);
    } else {
      for (void* const block : blocks) mete::dealloc(block, k64);
    }
    free_ns += std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  }
  done = true;
  turn.arrive_and_wait();
  other.join();
  state.counters["ns"] = free_ns / (static_cast<double>(state.iterations()) * kBlocks);
}
BENCHMARK_CAPTURE(thousand_of_another_thread, loop, false)->UseRealTime();
BENCHMARK_CAPTURE(thousand_of_another_thread, batch, true)->UseRealTime();

// A request: blocks of mixed sizes, all ended at once or one by one.
void request(benchmark::State& state, bool one_by_one) {
  bench::Random random(1);
  std::vector<mete::Layout> layouts(200, k64);
  for (mete::Layout& layout : layouts)
    layout = mete::Layout::from_size_align_unchecked(random.between(16, 512), 8);
  std::vector<void*> blocks(layouts.size());
  mete::Heap heap;
  const Timer timer(state, static_cast<double>(layouts.size()));
  for (auto _ : state) {
    if (one_by_one) {
      for (std::size_t i = 0; i < layouts.size(); ++i) blocks[i] = mete::alloc(layouts[i]);
      for (std::size_t i = 0; i < layouts.size(); ++i) mete::dealloc(blocks[i], layouts[i]);
    } else {
      for (std::size_t i = 0; i < layouts.size(); ++i) blocks[i] = heap.alloc(layouts[i]);
      heap.reset();
    }
  }
}
BENCHMARK_CAPTURE(request, heap_reset, false);
BENCHMARK_CAPTURE(request, process, true);

void begin_and_end_of_a_heap(benchmark::State& state) {
  const Timer timer(state, 1);
  for (auto _ : state) {
    mete::Heap heap;
    benchmark::DoNotOptimize(heap.alloc(k64));
  }
}
BENCHMARK(begin_and_end_of_a_heap);

}  // namespace

BENCHMARK_MAIN();

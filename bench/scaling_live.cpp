// What a pair costs however much is live, in nanoseconds and instructions (pair.hpp).
//
//   scaling_live live=1024m      prints a third figure, instructions=…
//
// Random blocks of all that is live are replaced, a batch at a time. Before the clock starts a
// batch reads the marks of what it is going to free, as a program has used what it frees; after it
// has stopped it writes those of the new blocks. So the misses that count are the allocator's: on
// its own records, and on free blocks if it keeps something in them. They grow with live memory in
// any allocator; the instructions need not.
#include <sys/mman.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "pair.hpp"
#include "synthetic/arguments.hpp"
#include "synthetic/random.hpp"
#if defined(__x86_64__)
#include "support/step_count.hpp"
#endif

namespace {

using bench::pair::kLargest;
using bench::pair::kSmallest;

constexpr std::size_t kBatch = 128;

struct Exchange {
  std::size_t place;
  void* data;
  std::size_t size;  // of the new block
};

template <bool kCalls>
[[gnu::noinline]] void exchange(std::span<Exchange> batch) noexcept {
  for (Exchange& one : batch) {
    if (kCalls) std::free(one.data);
    one.data = kCalls ? std::malloc(one.size) : bench::opaque(one.data);
  }
}

class Live {
 public:
  explicit Live(std::size_t bytes) noexcept {
    // Not from the allocator under test; pages that are never written do not exist.
    const std::size_t room = bytes / kSmallest * sizeof(bench::Block) + sizeof(bench::Block);
    void* memory = mmap(nullptr, room, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) bench::fail("no memory for the records", nullptr, room);
    blocks_ = static_cast<bench::Block*>(memory);
    for (std::size_t live = 0; live < bytes; live += blocks_[count_++].size) {
      blocks_[count_] = bench::pair::allocate(random_.log_uniform(kSmallest, kLargest));
    }
    if (count_ < kBatch) bench::fail("too little to be live", nullptr, bytes);
  }

  template <bool kCalls>
  double nanoseconds(std::size_t pairs) noexcept {
    double total = 0;
    const std::size_t batches = (pairs + kBatch - 1) / kBatch;
    for (std::size_t i = 0; i < batches; ++i) {
      replace<kCalls>(kBatch, [&](std::span<Exchange> batch) {
        const double start = bench::pair::cpu_ns();
        exchange<kCalls>(batch);
        total += bench::pair::cpu_ns() - start;
      });
    }
    return total / static_cast<double>(batches * kBatch);
  }

  // Of a pair, the two calls included. While steps are counted a thousand times as much time
  // passes, so that what an allocator does at fixed times, such as a purge, would be in the mean
  // far too often: between any two batches there are so many pairs at full speed that it is done
  // there. Not a number where instructions cannot be counted one by one: on other processors, and
  // if a call begins anew after every signal and so would never end (restartable sequences).
  double instructions(std::size_t pairs) noexcept {
#if defined(__x86_64__)
    constexpr std::size_t kSteps = 16;  // pairs at a time
    constexpr std::size_t kBetween = 8192;
    constexpr std::uint64_t kEndless = 8000 * kSteps;
    const support::StepCount count;
    std::uint64_t with = 0;
    std::uint64_t without = 0;
    std::size_t counted = 0;
    for (std::size_t done = 0; done < pairs; done += kSteps) {
      nanoseconds<true>(kBetween);
      std::uint64_t steps = 0;
      replace<true>(kSteps,
                    [&](auto batch) { steps = count([&] { exchange<true>(batch); }, kEndless); });
      if (steps >= kEndless && counted == 0) return NAN;
      if (steps >= kEndless) continue;  // at a fixed time all the same
      counted += kSteps;
      with += steps;
      replace<false>(kSteps,
                     [&](auto batch) { without += count([&] { exchange<false>(batch); }); });
    }
    return static_cast<double>(with - without) / static_cast<double>(counted);
#else
    static_cast<void>(pairs);
    return NAN;
#endif
  }

 private:
  // Has run() free the old blocks of `number` exchanges and allocate the new ones; without kCalls
  // the blocks stay as they are.
  template <bool kCalls, class Run>
  void replace(std::size_t number, Run run) noexcept {
    const std::span<Exchange> batch(batch_, number);
    const std::size_t share = count_ / number;  // so that no block is in a batch twice
    for (std::size_t i = 0; i < number; ++i) {
      const std::size_t place = i * share + random_.below(share);
      bench::pair::check_marks(blocks_[place]);
      batch[i] = {place, blocks_[place].data, random_.log_uniform(kSmallest, kLargest)};
    }
    run(batch);
    for (const Exchange& one : batch) {
      bench::Block& block = blocks_[one.place];
      if (one.data == nullptr) bench::fail("malloc returned null", nullptr, one.size);
      block = {one.data, kCalls ? one.size : block.size};
      bench::pair::write_marks(block);
    }
  }

  bench::Random random_{1};
  bench::Block* blocks_ = nullptr;
  std::size_t count_ = 0;
  Exchange batch_[kBatch];
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "what a malloc and a free cost, by live memory");
  const std::size_t bytes = arguments.number("live", 1 << 20, "bytes live, 64k at least");
  const std::size_t age = arguments.number("age", 4 << 20, "pairs before measuring");
  const std::size_t pairs = arguments.number("pairs", 1 << 18, "pairs of a turn");
  const std::size_t stepped = arguments.number("stepped", 2048, "pairs with instructions counted");
  arguments.finish();
  Live live(bytes);
  live.nanoseconds<true>(age);
  bench::pair::Least least;
  for (int turn = 0; turn < bench::pair::kTurns; ++turn) {
    least.loop = std::fmin(least.loop, live.nanoseconds<false>(pairs / 4 + 1));
    least.with = std::fmin(least.with, live.nanoseconds<true>(pairs));
  }
  std::printf("pair with_ns=%.2f loop_ns=%.2f instructions=%.1f\n", least.with, least.loop,
              live.instructions(stepped));
  return 0;
}

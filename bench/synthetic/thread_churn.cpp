// Short-lived threads: each allocates some 50 KiB in small blocks, frees half of it and leaves the
// other half to the main thread. What a thread costs an allocator to set up and to tear down, and
// whether the memory of threads that have ended is used again.
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "threads that live for a moment");
  const std::size_t rounds = arguments.number("rounds", 1000, "one after another");
  const std::size_t threads = arguments.number("threads", 8, "in each round");
  const std::size_t blocks = arguments.number("blocks", 400, "allocated by a thread");
  arguments.finish();

  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<std::vector<bench::Block>> left(threads);
    bench::run_threads(threads, [&](std::size_t self) {
      bench::Random random(round * threads + self);
      std::vector<bench::Block> mine(blocks);
      for (bench::Block& block : mine) block = bench::allocate(random.typical() % 1024 + 1);
      for (std::size_t i = 0; i < blocks; i += 2) bench::release(mine[i]);
      left[self] = std::move(mine);
    });
    for (auto& blocks_of_thread : left) {
      for (bench::Block& block : blocks_of_thread) bench::release(block);
    }
  }
  std::printf("thread_churn: %zu threads\n", rounds * threads);
}

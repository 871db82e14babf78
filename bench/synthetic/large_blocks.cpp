// Churn of large blocks, 128 KiB to 8 MiB. One word of every page is written, as a program would
// that fills a buffer, so an allocator that gives memory back to the system with every free pays
// for the page faults, and one that keeps everything shows it in its peak.
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "random replacement of large blocks, every page written");
  const std::size_t threads = arguments.number("threads", 1, "each with blocks of its own");
  const std::size_t live = arguments.number("live", 16, "blocks");
  const std::size_t replacements = arguments.number("replacements", 2000, "by each thread");
  const std::size_t smallest = arguments.number("smallest", 128 << 10, "bytes");
  const std::size_t largest = arguments.number("largest", 8 << 20, "bytes");
  arguments.finish();

  bench::run_threads(threads, [&](std::size_t self) {
    bench::Random random(self);
    std::vector<bench::Block> blocks(live);
    for (std::size_t i = 0; i < replacements; ++i) {
      bench::Block& block = blocks[random.below(live)];
      bench::release(block);
      block = bench::allocate(random.log_uniform(smallest, largest));
      auto* bytes = static_cast<volatile char*>(block.data);
      for (std::size_t at = 4096; at + 64 < block.size; at += 4096) bytes[at] = 1;
    }
    for (bench::Block& block : blocks) bench::release(block);
  });
  std::printf("large_blocks: %zu replacements\n", threads * replacements);
}

// One size at a time, 16 bytes to 4 KiB, in batches of 25, 100, 400 and 1600 blocks that are freed
// in the order of their allocation: short enough for some caches, too long for others.
#include <cstdio>

#include "arguments.hpp"
#include "block.hpp"
#include "threads.hpp"

namespace {

constexpr std::size_t kBatches[] = {25, 100, 400, 1600};
constexpr std::size_t kLongest = 1600;

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "each size in batches of several lengths");
  const std::size_t threads = arguments.number("threads", 1, "all doing the same");
  const std::size_t pairs = arguments.number("pairs", 600000, "malloc and free of each size");
  arguments.finish();

  bench::run_threads(threads, [&](std::size_t) {
    static thread_local bench::Block blocks[kLongest];
    for (std::size_t size = 16; size <= 4096; size *= 2) {
      for (std::size_t batch : kBatches) {
        for (std::size_t done = 0; done < pairs / std::size(kBatches); done += batch) {
          for (std::size_t i = 0; i < batch; ++i) blocks[i] = bench::allocate(size);
          for (std::size_t i = 0; i < batch; ++i) bench::release(blocks[i]);
        }
      }
    }
  });
  std::printf("fixed_sizes: %zu pairs of each size\n", threads * pairs);
}

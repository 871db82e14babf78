// A set of live blocks of random sizes; a random one is freed and replaced, and the new one written
// from end to end. Three of four replacements hit a hot part of the set, as programs do. With a
// small set this measures the allocator's own work, with one beyond the L2 cache where its blocks
// lie.
#include <cstdio>
#include <cstring>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "random replacement in a set of live blocks");
  const std::size_t threads = arguments.number("threads", 1, "each with a set of its own");
  const std::size_t live = arguments.number("live", 30000, "blocks in the set");
  const std::size_t replacements = arguments.number("replacements", 10000000, "by each thread");
  const std::size_t smallest = arguments.number("smallest", 16, "bytes");
  const std::size_t largest = arguments.number("largest", 512, "bytes");
  arguments.finish();

  const std::size_t hot = live / 64 + 1;
  bench::run_threads(threads, [&](std::size_t self) {
    bench::Random random(self);
    std::vector<bench::Block> blocks(live);
    for (std::size_t i = 0; i < live + replacements; ++i) {
      const std::size_t place = i < live ? i : random.below(random.one_in(4) ? live : hot);
      bench::Block& block = blocks[place];
      bench::release(block);
      const std::size_t size = random.log_uniform(smallest, largest);
      block = {bench::opaque(std::malloc(size)), size};
      if (!block) bench::fail("malloc returned null", nullptr, size);
      std::memset(block.data, static_cast<int>(i), size);
      block.write_marks();
    }
    for (bench::Block& block : blocks) bench::release(block);
  });
  std::printf("working_set: %zu replacements\n", threads * replacements);
}

// Many blocks of one size are allocated, then all of them freed: in the order of allocation, in
// reverse, or at random. What a parser does with its tree. A cache of bounded length does not help.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

int main(int argc, char** argv) {
  static const char* const kOrders[] = {"random", "forward", "reverse", nullptr};
  bench::Arguments arguments(argc, argv, "allocate a batch, then free all of it");
  const char* order = arguments.choice("order", kOrders, "of the frees");
  const std::size_t size = arguments.number("size", 64, "bytes");
  const std::size_t count = arguments.number("count", 10000, "blocks in a batch");
  const std::size_t rounds = arguments.number("rounds", 3000, "batches");
  arguments.finish();

  bench::Random random(1);
  std::vector<std::size_t> sequence(count);
  for (std::size_t i = 0; i < count; ++i) sequence[i] = i;
  if (std::strcmp(order, "reverse") == 0) std::reverse(sequence.begin(), sequence.end());
  if (std::strcmp(order, "random") == 0) {
    for (std::size_t i = count; i > 1; --i) std::swap(sequence[i - 1], sequence[random.below(i)]);
  }

  std::vector<bench::Block> blocks(count);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (bench::Block& block : blocks) block = bench::allocate(size);
    for (std::size_t which : sequence) bench::release(blocks[which]);
  }
  std::printf("batch: %zu blocks\n", rounds * count);
}

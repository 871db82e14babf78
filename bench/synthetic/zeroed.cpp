// calloc, mostly of small blocks, some of them large. A block is found zero, written from end to
// end and freed, so memory comes back dirty: an allocator gains when it knows which of its memory
// is clean, and is wrong when it only thinks so.
#include <cstdio>
#include <cstring>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

void check_zero(const bench::Block& block) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(block.data);
  // Every byte of a small block, the ends and a byte in each 256 of a larger one.
  const std::size_t step = block.size <= 256 ? 1 : 251;
  for (std::size_t at = 0; at < block.size; at += step) {
    if (bytes[at] != 0) bench::fail("calloc is not zero", block.data, at);
  }
  if (bytes[block.size - 1] != 0) bench::fail("calloc is not zero", block.data, block.size - 1);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "calloc, checked, filled, freed");
  const std::size_t live = arguments.number("live", 2000, "blocks");
  const std::size_t replacements = arguments.number("replacements", 2000000, "of a random block");
  const std::size_t largest =
      arguments.number("largest", 4 << 20, "bytes; one block in 2000 is over 64k");
  arguments.finish();

  bench::Random random(1);
  std::vector<bench::Block> blocks(live);
  for (std::size_t i = 0; i < replacements; ++i) {
    bench::Block& block = blocks[random.below(live)];
    std::free(bench::opaque(block.data));
    std::size_t size = random.log_uniform(8, 1024);
    if (random.one_in(100)) size = random.log_uniform(1024, 64 << 10);
    if (random.one_in(2000)) size = random.log_uniform(64 << 10, largest);
    const std::size_t elements = size % 3 + 1;
    block = {bench::opaque(std::calloc(elements, size / elements)), size / elements * elements};
    if (!block) bench::fail("calloc returned null", nullptr, size);
    check_zero(block);
    std::memset(block.data, 0xa5, block.size);
  }
  for (bench::Block& block : blocks) std::free(bench::opaque(block.data));
  std::printf("zeroed: %zu replacements\n", replacements);
}

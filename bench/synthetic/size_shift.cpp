// The sizes a program asks for change over its life. Every phase fills up to the same amount of
// live memory with sizes of its own band; then 90 % of its blocks are freed at random, and the next
// phase asks for another band. What an allocator cannot reuse for another size shows in the peak.
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

struct Band {
  std::size_t smallest, largest;
};

constexpr Band kBands[] = {{16, 64},     {200, 400}, {24, 120},      {1000, 3000},
                           {4096, 9000}, {48, 512},  {10000, 40000}, {16, 1024}};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "phases with other sizes, 90 % freed in between");
  const std::size_t phases = arguments.number("phases", 16, "bands of sizes, one after another");
  const std::size_t live = arguments.number("live", 48 << 20, "bytes live at the end of a phase");
  arguments.finish();

  bench::Random random(1);
  std::vector<bench::Block> blocks;
  std::size_t bytes = 0;
  std::size_t allocations = 0;
  for (std::size_t phase = 0; phase < phases; ++phase) {
    const Band band = kBands[phase % std::size(kBands)];
    for (; bytes < live; ++allocations) {
      blocks.push_back(bench::allocate(random.between(band.smallest, band.largest)));
      bytes += blocks.back().size;
    }
    std::size_t kept = 0;
    for (bench::Block& block : blocks) {
      if (random.one_in(10)) {
        blocks[kept++] = block;
      } else {
        bytes -= block.size;
        bench::release(block);
      }
    }
    blocks.resize(kept);
  }
  for (bench::Block& block : blocks) bench::release(block);
  std::printf("size_shift: %zu allocations\n", allocations);
}

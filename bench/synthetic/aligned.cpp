// Aligned allocation: 32 bytes to 16 KiB through posix_memalign, aligned_alloc and the aligned
// operator new in turn, mixed with ordinary blocks.
#include <cstdint>
#include <cstdio>
#include <new>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

struct Aligned {
  bench::Block block;
  std::size_t alignment = 0;  // not 0: came from operator new
};

void* allocate(std::size_t which, std::size_t alignment, std::size_t size) {
  if (which == 0) return std::aligned_alloc(alignment, size);
  if (which == 1) return ::operator new (size, std::align_val_t{alignment});
  void* result = nullptr;
  return posix_memalign(&result, alignment, size) == 0 ? result : nullptr;
}

void release(Aligned& aligned) {
  if (!aligned.block) return;
  if (aligned.alignment == 0) {
    bench::release(aligned.block);
  } else {
    aligned.block.check_marks();
    ::operator delete (aligned.block.data, std::align_val_t{aligned.alignment});
    aligned = {};
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "aligned allocation, mixed with ordinary one");
  const std::size_t live = arguments.number("live", 5000, "blocks");
  const std::size_t replacements = arguments.number("replacements", 5000000, "of a random block");
  const std::size_t largest = arguments.number("largest", 16 << 10, "bytes of alignment");
  arguments.finish();

  bench::Random random(1);
  std::vector<Aligned> blocks(live);
  for (std::size_t i = 0; i < replacements; ++i) {
    Aligned& aligned = blocks[random.below(live)];
    release(aligned);
    if (random.one_in(4)) {
      aligned = {bench::allocate(random.log_uniform(16, 1024)), 0};
      continue;
    }
    // Most alignments are a cache line or less; one in 50 goes up to the largest.
    const std::size_t limit = random.one_in(50) ? largest : 64;
    std::size_t alignment = 32;
    while (alignment < limit && random.one_in(2)) alignment *= 2;
    const std::size_t size = (random.log_uniform(16, 1024) + alignment - 1) & ~(alignment - 1);
    const std::size_t which = i % 3;
    aligned.block = {bench::opaque(allocate(which, alignment, size)), size};
    aligned.alignment = which == 1 ? alignment : 0;
    if (!aligned.block) bench::fail("null", nullptr, size);
    if (reinterpret_cast<std::uintptr_t>(aligned.block.data) % alignment != 0) {
      bench::fail("not aligned", aligned.block.data, alignment);
    }
    aligned.block.write_marks();
  }
  for (Aligned& aligned : blocks) release(aligned);
  std::printf("aligned: %zu replacements\n", replacements);
}

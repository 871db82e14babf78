// Buffers that grow by realloc, the way strings and vectors do: half of them by small steps to 64
// KiB, half by half of their size to some MiB. One that reached its limit is given up and starts
// anew; some are shrunk first. The content must move along: a byte in every 64 is a function of its
// offset.
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

class Buffer {
 public:
  void resize(std::size_t size) noexcept {
    const std::size_t old = block_.size;
    block_ = {bench::opaque(std::realloc(block_.data, size)), size};
    if (!block_) bench::fail("realloc returned null", nullptr, size);
    const std::size_t kept = old < size ? old : size;
    if (kept != 0) check(0), check(kept / 2), check(kept - 1);
    for (std::size_t at = (old + kStep - 1) & ~(kStep - 1); at < size; at += kStep) {
      bytes()[at] = expected(at);
    }
  }

  void clear() noexcept {
    std::free(bench::opaque(block_.data));
    block_ = {};
  }

  std::size_t size() const noexcept { return block_.size; }

 private:
  static constexpr std::size_t kStep = 64;

  static unsigned char expected(std::size_t at) noexcept {
    return static_cast<unsigned char>(at * 7 + (at >> 12));
  }
  unsigned char* bytes() noexcept { return static_cast<unsigned char*>(block_.data); }
  // The written byte at or before `at`.
  void check(std::size_t at) noexcept {
    at &= ~(kStep - 1);
    if (bytes()[at] != expected(at)) bench::fail("content lost by realloc", block_.data, at);
  }

  bench::Block block_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "buffers that grow by realloc");
  const std::size_t buffers = arguments.number("buffers", 50, "growing at the same time");
  const std::size_t steps = arguments.number("steps", 200000, "calls of realloc");
  const std::size_t limit =
      arguments.number("limit", 4 << 20, "bytes to which those grow that grow by half");
  arguments.finish();

  bench::Random random(1);
  std::vector<Buffer> all(buffers);
  std::vector<std::size_t> limits(buffers);
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t which = random.below(buffers);
    Buffer& buffer = all[which];
    if (buffer.size() == 0) {
      limits[which] = random.log_uniform(64, which % 2 == 0 ? 64 << 10 : limit);
      buffer.resize(random.between(8, 64));
    } else if (buffer.size() >= limits[which]) {
      if (random.one_in(2)) buffer.resize(buffer.size() / 2 + 1);
      buffer.clear();
    } else {
      const std::size_t size = buffer.size();
      buffer.resize(which % 2 == 0 ? size + random.between(8, 256) : size + size / 2 + 1);
    }
  }
  for (Buffer& buffer : all) buffer.clear();
  std::printf("growth: %zu steps\n", steps);
}

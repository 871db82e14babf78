// Threads put blocks into random places of one shared table and free what was there. With t threads
// a block is freed by another thread than its owner in (t-1)/t of the cases, in no order at all:
// the worst case for caches that belong to threads.
#include <atomic>
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

namespace {

// The size travels in the block's first word, the check word in its last one.
void* make(std::size_t size, std::uint64_t salt) noexcept {
  auto* words = static_cast<std::uint64_t*>(bench::opaque(std::malloc(size)));
  if (words == nullptr) bench::fail("malloc returned null", nullptr, size);
  words[0] = (salt << 24) | size;
  words[size / 8 - 1] = words[0];
  return words;
}

void destroy(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* words = static_cast<std::uint64_t*>(pointer);
  const std::size_t size = words[0] & 0xffffff;
  if (size < 8 || words[size / 8 - 1] != words[0]) bench::fail("content changed", pointer, size);
  std::free(bench::opaque(pointer));
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "blocks go through a shared table; anybody frees them");
  const std::size_t threads = arguments.threads();
  const std::size_t places = arguments.number("places", 20000, "entries of the table");
  const std::size_t exchanges = arguments.number("exchanges", 5000000, "by each thread");
  const std::size_t largest = arguments.number("largest", 512, "bytes");
  arguments.finish();

  std::vector<std::atomic<void*>> table(places);
  bench::run_threads(threads, [&](std::size_t self) {
    bench::Random random(self);
    for (std::size_t i = 0; i < exchanges; ++i) {
      void* fresh = make((random.log_uniform(16, largest) + 7) & ~std::size_t{7}, self + i);
      // acq_rel: the content of a block belongs to whoever takes its pointer out of the table.
      destroy(table[random.below(places)].exchange(fresh, std::memory_order_acq_rel));
    }
  });
  for (std::atomic<void*>& place : table) destroy(place.load());
  std::printf("cross_free: %zu exchanges\n", threads * exchanges);
}

// Every thread writes to a small block of its own, over and over. That is fast unless two threads'
// blocks share a cache line. mode=active: the threads allocate the blocks themselves (does the
// allocator split a line between threads?). mode=passive: the main thread allocates neighbours,
// gives one to each thread, which frees it and allocates again (does a freed block stay with the
// thread?).
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "threads.hpp"

int main(int argc, char** argv) {
  static const char* const kModes[] = {"active", "passive", nullptr};
  bench::Arguments arguments(argc, argv, "threads write to small blocks: do they share a line?");
  const std::size_t threads = arguments.threads();
  const bool passive =
      std::strcmp(arguments.choice("mode", kModes, "who gave them"), "passive") == 0;
  const std::size_t blocks = arguments.number("blocks", 5000, "one after another, by each thread");
  const std::size_t writes = arguments.number("writes", 50000, "to each block");
  const std::size_t size = arguments.number("size", 8, "bytes of a block");
  arguments.finish();

  std::vector<void*> gifts(threads);
  if (passive) {
    for (void*& gift : gifts) gift = bench::opaque(std::malloc(size));
  }
  bench::run_threads(threads, [&](std::size_t self) {
    std::free(gifts[self]);
    for (std::size_t i = 0; i < blocks; ++i) {
      auto* counter = static_cast<volatile unsigned char*>(bench::opaque(std::malloc(size)));
      if (counter == nullptr) bench::fail("malloc returned null", nullptr, size);
      *counter = 0;
      for (std::size_t j = 0; j < writes; ++j) *counter = static_cast<unsigned char>(*counter + 1);
      if (*counter != writes % 256) bench::fail("lost a write", nullptr, size);
      std::free(const_cast<unsigned char*>(counter));
    }
  });
  std::printf("false_sharing: %zu writes\n", threads * blocks * writes);
}

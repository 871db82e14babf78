// What bench/scaling measures: a pair, that is, a free and a malloc of another size, 16 to 1024
// bytes, each doubling equally likely.
//
// The programs measure it in turns with a loop that leaves out the two calls, and print the least
// of all turns, since other work on the machine can only add to it: `pair with_ns=… loop_ns=…`. The
// difference is what the allocator costs. Times are CPU time, user and system, of the process: with
// more threads than cores a wall clock would show the scheduler.
#pragma once

#include <time.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "synthetic/block.hpp"

namespace bench::pair {

inline constexpr std::size_t kSmallest = 16;
inline constexpr std::size_t kLargest = 1024;

inline constexpr int kTurns = 5;

struct Least {
  double with = INFINITY;  // nanoseconds of a pair
  double loop = INFINITY;  // of one that leaves out the calls
};

inline double cpu_ns() noexcept {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// A block with marks at both ends. As allocate and release, but in no more than a few
// instructions, since no block is smaller than two marks.
inline void write_marks(const Block& block) noexcept {
  const std::uint64_t word = block.mark(0);
  std::memcpy(block.data, &word, sizeof word);
  std::memcpy(static_cast<char*>(block.data) + block.size - sizeof word, &word, sizeof word);
}

inline void check_marks(const Block& block) noexcept {
  std::uint64_t head;
  std::uint64_t tail;
  std::memcpy(&head, block.data, sizeof head);
  std::memcpy(&tail, static_cast<char*>(block.data) + block.size - sizeof tail, sizeof tail);
  if (head != block.mark(0) || tail != head) fail("content changed", block.data, block.size);
}

inline Block allocate(std::size_t size) noexcept {
  const Block block{opaque(std::malloc(size)), size};
  if (!block) fail("malloc returned null", nullptr, size);
  write_marks(block);
  return block;
}

inline void release(const Block& block) noexcept {
  check_marks(block);
  std::free(opaque(block.data));
}

}  // namespace bench::pair

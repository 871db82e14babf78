// What is replayed on every allocator: operations on numbered blocks, the same for all of them.
//
// A pattern makes one from a seed, a trace is read from what record.c wrote of a program. What lies
// before `measured_from` brings the allocator into the state that the rest is measured in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace space_bench {

enum class Kind : std::uint8_t { kAllocate, kDeallocate, kReallocate };
constexpr std::size_t kKinds = 3;

struct Operation {
  std::uint32_t block;  // its number; used again once the block is gone
  std::uint32_t bytes;  // not for kDeallocate
  Kind kind;
  std::uint8_t alignment_log = 0;  // 0: that of malloc
};
static_assert(sizeof(Operation) == 12);

struct Sequence {
  std::string name;
  std::vector<Operation> operations;
  std::size_t measured_from = 0;
  std::size_t blocks = 0;      // numbers below this one
  std::size_t live_bytes = 0;  // most that were asked for at the same time

  // Counts `blocks` and `live_bytes`; ends the program on an operation that makes no sense.
  void finish();
};

// All patterns that are made here.
std::vector<Sequence> make_patterns(std::uint64_t seed);

// The first `most` operations of a file by record.c, named for the file.
Sequence read_trace(const std::string& path, std::size_t most);

}  // namespace space_bench

// Everything that is measured of the allocators on one sequence.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "replay.hpp"
#include "report.hpp"

namespace space_bench {

struct Effort {
  std::size_t rounds = 10;    // replays that are timed as a whole
  std::size_t replays = 10;   // replays whose operations are timed one by one
  std::size_t samples = 300;  // operations whose instructions are counted; 0: none
};

// A result for each allocator. Times and instructions are less those of an allocator that does
// nothing, in the same loop.
std::vector<Result> measure(Replay& replay, const Sequence& sequence,
                            std::span<const Allocator> allocators, const Effort& effort);

}  // namespace space_bench

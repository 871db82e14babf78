// A sequence on an allocator, measured in five ways. Each begins anew on the same memory, so that
// the allocator is in the same state before an operation every time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "peer.h"
#include "sequence.hpp"

namespace space_bench {

constexpr std::size_t kSlice = 1000;
constexpr std::uint64_t kMostSteps = 1000;

class Replay {
 public:
  // `memory` is resident and aligned to a page.
  explicit Replay(std::span<std::byte> memory) : memory_(memory) {}

  // All of these: nothing if the allocator has no memory at some point or cannot begin at all.

  // Nanoseconds that the measured operations take, the loop included: kSlice of them each.
  std::optional<std::vector<double>> time(const space_peer& peer, const Sequence& sequence);
  // Lowers `least`, one for each measured operation, to the ticks of the time stamp counter that it
  // takes this time.
  bool time_each(const space_peer& peer, const Sequence& sequence, std::span<std::uint32_t> least);
  // The instructions of `samples` of the measured operations, at equal distances; by index. Those
  // that take kMostSteps or more copy: they are not counted further.
  bool count_steps(const space_peer& peer, const Sequence& sequence, std::size_t samples,
                   std::vector<std::uint64_t>& steps);
  // Checks the contents of all blocks. Returns: from the beginning of the memory to the highest end
  // of a block.
  std::optional<std::size_t> highest_byte(const space_peer& peer, const Sequence& sequence);
  // The smallest memory in which the sequence runs, to 1/256.
  std::optional<std::size_t> least_memory(const space_peer& peer, const Sequence& sequence);
  // The most bytes that the allocator takes from the system, in a process of its own.
  std::optional<std::size_t> grown(const space_peer& peer, const Sequence& sequence);

 private:
  void* begin(const space_peer& peer, const Sequence& sequence);
  bool run(const space_peer& peer, void* handle, std::span<const Operation> operations);

  std::span<std::byte> memory_;
  std::vector<void*> blocks_;
};

// An allocator that does nothing: what the loop costs.
extern const space_peer& null_peer;

}  // namespace space_bench

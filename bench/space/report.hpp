// What was measured of an allocator on a sequence, and how it is shown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "peer.h"
#include "sequence.hpp"

namespace space_bench {

struct Allocator {
  std::string name;
  const space_peer* peer;
};

// Nothing where the allocator cannot do the sequence.
struct Result {
  template <class T>
  using ByKind = std::array<std::optional<T>, kKinds>;

  // By operation, less what the loop takes.
  std::optional<double> least_ns, median_ns;
  std::optional<double> mean_steps;
  ByKind<double> mean_steps_of;
  ByKind<double> worst_steps;
  ByKind<double> worst_ns;
  // Bytes.
  std::optional<std::size_t> highest, least, grown;

  // Of each operation the least ticks of all replays, of the allocator and of the null one.
  void set_worst(const Sequence& sequence, std::span<const std::uint32_t> ticks,
                 std::span<const std::uint32_t> null_ticks, double ticks_per_ns);
  // Likewise instructions, where the null one has any.
  void set_steps(const Sequence& sequence, std::span<const std::uint64_t> steps,
                 std::span<const std::uint64_t> null_steps);
};

class Report {
 public:
  explicit Report(std::span<const Allocator> allocators) : allocators_(allocators) {}

  // One result for each allocator, in the same order.
  void add(const Sequence& sequence, std::vector<Result> results);
  void print() const;
  bool write_json(const std::string& path) const;

 private:
  struct Row {
    std::string name;
    std::size_t live_bytes;
    std::vector<Result> results;
  };
  template <class Value>
  void print_table(const std::string& title, Value value, bool with_live = false) const;

  std::span<const Allocator> allocators_;
  std::vector<Row> rows_;
};

}  // namespace space_bench

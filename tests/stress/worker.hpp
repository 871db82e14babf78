// One thread of a run: its random numbers, its count of operations and the checked operations on
// blocks.
//
// Every block is filled when it is taken and checked before it is given back or resized, whichever
// thread does that.
#pragma once

#include "run.hpp"
#include "support/random.hpp"

namespace stress {

using support::Random;

class Worker {
 public:
  /// `index` names the thread and its stream of random numbers.
  Worker(Run& run, unsigned index) noexcept;
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The worker that lives in the calling thread, or null.
  static const Worker* current() noexcept;

  Run& run() noexcept { return run_; }
  Random& random() noexcept { return random_; }
  unsigned index() const noexcept { return index_; }
  std::uint64_t operations() const noexcept { return operations_; }

  /// Counts one operation. False when this thread has done its share; looks at the clock every
  /// `look_every` operations.
  bool keep_going(unsigned look_every = 16) noexcept;

  // Each takes a block, checks its alignment and usable size, and fills it. Empty only if the run
  // allows null.
  Block take(std::size_t bytes) noexcept;
  Block take_zeroed(std::size_t bytes) noexcept;
  Block take_aligned(std::size_t alignment, std::size_t bytes) noexcept;

  /// Checks the content, resizes, checks what had to survive, fills anew. Requires: bytes > 0. If
  /// the run allows null and there is no memory, `block` stays as it was and the result is false.
  bool resize(Block& block, std::size_t bytes) noexcept;

  void check(const Block& block) const noexcept;
  void give_back(const Block& block) noexcept;

  /// Gives `block` to whoever finds it, and back what was in that mailbox.
  void exchange(Block block) noexcept;

 private:
  Block filled(void* address, std::size_t bytes, std::size_t alignment) noexcept;
  void check_out_of_memory() noexcept;
  void check_survivors(const Block& old, const void* now, std::size_t length) const noexcept;

  Run& run_;
  const Worker* const outer_;  // the one that was current in this thread before
  const unsigned index_;
  Random random_;
  std::uint64_t operations_ = 0;
};

}  // namespace stress

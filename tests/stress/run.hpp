// One run of the driver: what was asked for, what all its threads share, and how a failure is told.
#pragma once

#include <atomic>
#include <cstdint>

#include "mailboxes.hpp"

namespace stress {

struct Options {
  const char* profile = "mixed";
  std::uint64_t seed = 1;
  unsigned threads = 2;
  double seconds = 2;
  std::uint64_t operations = 0;  // per thread; 0: until `seconds` have passed
  std::size_t live_mib = 384;    // of all threads together, about
};

class Run {
 public:
  /// Requires: at most one Run at a time (a failure finds it by itself).
  /// `null_is_fine`: allocations may return null, because the profile takes the memory away.
  Run(const Options& options, bool null_is_fine) noexcept;
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const Options& options() const noexcept { return options_; }
  std::size_t live_bytes_per_thread() const noexcept;

  /// True when the time is over. With a number of operations it never is: each thread counts its
  /// own.
  bool time_is_over() noexcept;

  Mailboxes& mailboxes() noexcept { return mailboxes_; }
  Channel& channel(unsigned pair) noexcept { return channels_[pair]; }

  bool null_is_fine() const noexcept { return null_is_fine_; }
  void count_null() noexcept { nulls_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t nulls() const noexcept { return nulls_.load(std::memory_order_relaxed); }

  /// A worker's last act, and whether all have come to it. Release and acquire: their work is
  /// visible.
  void leave() noexcept { left_.fetch_add(1, std::memory_order_release); }
  bool all_left() const noexcept {
    return left_.load(std::memory_order_acquire) == options_.threads;
  }

  void add_operations(std::uint64_t count) noexcept {
    operations_.fetch_add(count, std::memory_order_relaxed);
  }
  std::uint64_t operations() const noexcept { return operations_.load(std::memory_order_relaxed); }

 private:
  const Options options_;
  const std::uint64_t deadline_;  // monotonic nanoseconds
  Mailboxes mailboxes_;
  Channel* channels_;  // one for every pair of threads
  const bool null_is_fine_;
  std::atomic<bool> over_{false};
  std::atomic<unsigned> left_{0};
  std::atomic<std::uint64_t> operations_{0};
  std::atomic<std::uint64_t> nulls_{0};
};

std::uint64_t monotonic_nanoseconds() noexcept;
void sleep_milliseconds(unsigned milliseconds) noexcept;

/// Prints the message, where it happened and the command that repeats it, then aborts. Allocates
/// nothing.
[[noreturn, gnu::format(printf, 1, 2)]] void fail(const char* format, ...) noexcept;

}  // namespace stress

// The clock of a run, and the one message that a failed check prints. Nothing here allocates after
// the start.
#include "run.hpp"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "allocator_under_test.hpp"
#include "worker.hpp"

namespace stress {

namespace {

constexpr std::size_t kMailboxes = 1024;
constexpr std::size_t kLeastLiveBytes = std::size_t{1} << 20;

const Run* current_run = nullptr;

}  // namespace

std::uint64_t monotonic_nanoseconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_milliseconds(unsigned milliseconds) noexcept {
  const timespec pause{static_cast<time_t>(milliseconds / 1000),
                       static_cast<long>(milliseconds % 1000) * 1'000'000};
  nanosleep(&pause, nullptr);
}

Run::Run(const Options& options, bool null_is_fine) noexcept
    : options_(options),
      deadline_(monotonic_nanoseconds() + static_cast<std::uint64_t>(options.seconds * 1e9)),
      mailboxes_(kMailboxes),
      channels_(new Channel[options.threads / 2 + 1]),
      null_is_fine_(null_is_fine) {
  current_run = this;
}

Run::~Run() {
  current_run = nullptr;
  delete[] channels_;
}

std::size_t Run::live_bytes_per_thread() const noexcept {
  return std::max(kLeastLiveBytes, (options_.live_mib << 20) / options_.threads);
}

bool Run::time_is_over() noexcept {
  if (options_.operations != 0) return false;
  if (over_.load(std::memory_order_relaxed)) return true;
  if (monotonic_nanoseconds() < deadline_) return false;
  over_.store(true, std::memory_order_relaxed);
  return true;
}

void fail(const char* format, ...) noexcept {
  char message[1024];
  int length = snprintf(message, sizeof message, "stress: FAILED: ");
  va_list arguments;
  va_start(arguments, format);
  length += vsnprintf(message + length, sizeof message - 512, format, arguments);
  va_end(arguments);
  const auto rest = [&] { return sizeof message - static_cast<std::size_t>(length); };
  if (const Worker* worker = Worker::current()) {
    length += snprintf(message + length, rest(), "\n  in thread %u after %llu operations",
                       worker->index(), static_cast<unsigned long long>(worker->operations()));
  }
  if (current_run != nullptr) {
    const Options& options = current_run->options();
    length += snprintf(message + length, rest(),
                       "\n  repeat: stress_%s --profile %s --seed %llu --threads %u",
                       under_test::kFlavour, options.profile,
                       static_cast<unsigned long long>(options.seed), options.threads);
    length += options.operations != 0
                  ? snprintf(message + length, rest(), " --operations %llu",
                             static_cast<unsigned long long>(options.operations))
                  : snprintf(message + length, rest(), " --seconds %g", options.seconds);
    length += snprintf(message + length, rest(), " --live-mib %zu", options.live_mib);
  }
  length += snprintf(message + length, rest(), "\n");
  [[maybe_unused]] const auto written =
      write(STDERR_FILENO, message, static_cast<std::size_t>(length));
  abort();
}

}  // namespace stress

// Start, tick and end of the process heap.

#include "global/process.hpp"

#include <atomic>

#include "base/text.hpp"
#include "global/settings.hpp"
#include "global/statistics.hpp"
#include "heap/domain.hpp"
#include "mete/process_stats.hpp"
#include "port/process.hpp"

namespace mete::global {

constinit std::atomic<ProcessStats*> shared_statistics{nullptr};

namespace {

// Slow paths that were noted, and how many there will have been when the statistics are due.
constinit std::atomic<std::uint64_t> slow_paths{0};
constinit std::atomic<std::uint64_t> due_at{0};

void attach_statistics_file() noexcept {
  const char* path = port::environment(kStatsFileVariable);
  if (path == nullptr) return;
  auto* stats = static_cast<ProcessStats*>(port::map_shared_file(path, kStatsFileBytes));
  if (stats == nullptr) return;
  if (read_stat(stats->magic) != kStatsMagic || read_stat(stats->version) != kStatsVersion ||
      read_stat(stats->pid) != port::process_id()) {
    return;  // of our parent: it is not for us
  }
  // A program that became this one has left its peaks.
  publish_stat(stats->peak_in_use, 0);
  publish_stat(stats->peak_mapped, 0);
  // release: pairs with the acquire in publish_statistics().
  shared_statistics.store(stats, std::memory_order_release);
  publish_statistics();
  publish_stat(stats->state, static_cast<std::uint32_t>(StatsState::kAttached));
  heap::domain.on_tick.store(publish_statistics, std::memory_order_release);
}

void print_summary() noexcept {
  const Statistics now = statistics();
  base::Text text;
  const auto add_bytes = [&text](const char* label, std::uint64_t bytes) {
    text.add(label).add_hundredths(bytes * 100 >> 20).add(" MiB");
  };
  const auto add_count = [&text](const char* label, std::uint64_t count) {
    text.add(label).add(count);
  };
  add_bytes("mete: in use ", now.allocated);
  add_bytes(", active ", now.active);
  add_bytes(", peak active ", now.peak_active);
  add_bytes(", mapped ", now.mapped);
  add_bytes(", retained ", now.retained);
  add_bytes(", given back ", now.purged);
  add_count(" in ", now.purge_calls);
  add_count(" calls\nmete: threads ", now.threads_started);
  add_count(" (at once ", now.threads_peak);
  add_count("), large blocks ", now.large_allocated);
  add_count(", slabs opened ", now.slabs_opened);
  add_count(", batches across threads ", now.remote_batches);
  text.add("\n");
  port::write_error(text.data(), text.size());
}

}  // namespace

void publish_statistics() noexcept {
  // acquire: pairs with the release in attach_statistics_file().
  ProcessStats* stats = shared_statistics.load(std::memory_order_acquire);
  if (stats == nullptr || read_stat(stats->pid) != port::process_id())
    return;  // not in the child of a fork
  const Statistics now = statistics();
  publish_stat(stats->bytes_in_use, now.allocated);
  publish_stat(stats->bytes_active, now.active);
  publish_stat(stats->bytes_mapped, now.mapped);
  publish_stat(stats->bytes_retained, now.retained);
  publish_stat(stats->peak_active, now.peak_active);
  if (now.allocated > read_stat(stats->peak_in_use))
    publish_stat(stats->peak_in_use, now.allocated);
  if (now.mapped > read_stat(stats->peak_mapped)) publish_stat(stats->peak_mapped, now.mapped);
  publish_stat(stats->purged_bytes, now.purged);
  publish_stat(stats->purge_calls, now.purge_calls);
  publish_stat(stats->threads_started, now.threads_started);
  publish_stat(stats->threads_peak, now.threads_peak);
  publish_stat(stats->heaps, now.heaps);
  publish_stat(stats->large_allocated, now.large_allocated);
  publish_stat(stats->slabs_opened, now.slabs_opened);
  publish_stat(stats->ranges, now.ranges);
  publish_stat(stats->remote_batches, now.remote_batches);
  publish_stat(stats->drains, now.drains);
  publish_stat(stats->mremap_moves, now.moves);
}

// At each of the first slow paths, later when there were 3 % more than the last time: 330 times in
// a million.
void publish_if_due() noexcept {
  const std::uint64_t now = slow_paths.fetch_add(1, std::memory_order_relaxed) + 1;
  if (now < due_at.load(std::memory_order_relaxed)) return;
  due_at.store(now + now / 32 + 1, std::memory_order_relaxed);
  publish_statistics();
}

void start_process() noexcept {
  read_options();
  attach_statistics_file();
}

void finish_process() noexcept {
  publish_statistics();
  ProcessStats* stats = shared_statistics.load(std::memory_order_acquire);
  if (stats != nullptr && read_stat(stats->pid) == port::process_id()) {
    publish_stat(stats->state, static_cast<std::uint32_t>(StatsState::kFinished));
  }
  if (option_value(OptionId::kStats) != 0) print_summary();
}

}  // namespace mete::global

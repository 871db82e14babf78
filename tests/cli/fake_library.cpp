// Stands in for libmete.so where a test wants to know the numbers beforehand: attaches to the
// statistics page by the rules of <mete/process_stats.hpp> and writes into each field a value of
// its own.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <mete/process_stats.hpp>

namespace {

mete::ProcessStats* page = nullptr;

void set_state(mete::StatsState state) {
  mete::publish_stat(page->state, static_cast<std::uint32_t>(state));
}

[[gnu::constructor]] void attach() {
  const char* const path = std::getenv(mete::kStatsFileVariable);
  if (path == nullptr || std::getenv("FAKE_SILENT") != nullptr) return;
  const int file = ::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0) return;
  struct stat info;
  void* start = MAP_FAILED;
  if (::fstat(file, &info) == 0 && info.st_size == mete::kStatsFileBytes) {
    start = ::mmap(nullptr, mete::kStatsFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  ::close(file);
  if (start == MAP_FAILED) return;
  auto* const found = static_cast<mete::ProcessStats*>(start);
  if (found->magic != mete::kStatsMagic || found->version != mete::kStatsVersion ||
      found->pid != static_cast<std::uint32_t>(::getpid())) {
    return;
  }
  page = found;
  set_state(mete::StatsState::kAttached);
  constexpr std::uint64_t kMiB = 1 << 20;
  mete::publish_stat(page->bytes_in_use, 1 * kMiB);
  mete::publish_stat(page->bytes_active, 2 * kMiB);
  mete::publish_stat(page->bytes_mapped, 3 * kMiB);
  mete::publish_stat(page->bytes_retained, 4 * kMiB);
  mete::publish_stat(page->peak_in_use, 1 * kMiB);
  mete::publish_stat(page->peak_active, 5 * kMiB);
  mete::publish_stat(page->peak_mapped, 6 * kMiB);
  mete::publish_stat(page->purged_bytes, 7 * kMiB);
  mete::publish_stat(page->purge_calls, 8);
  mete::publish_stat(page->threads_started, 9);
  mete::publish_stat(page->threads_peak, 10);
  mete::publish_stat(page->heaps, 11);
  mete::publish_stat(page->large_allocated, 12);
  mete::publish_stat(page->slabs_opened, 13);
  mete::publish_stat(page->ranges, 14);
  mete::publish_stat(page->remote_batches, 15);
  mete::publish_stat(page->drains, 16);
  mete::publish_stat(page->mremap_moves, 17);
}

[[gnu::destructor]] void finish() {
  if (page != nullptr && page->pid == static_cast<std::uint32_t>(::getpid())) {
    set_state(mete::StatsState::kFinished);
  }
}

}  // namespace

// Summing up heaps and pages.

#include "global/statistics.hpp"

#include "heap/domain.hpp"
#include "heap/thread_heaps.hpp"
#include "pages/metadata.hpp"

namespace mete::global {

Statistics statistics() noexcept {
  Statistics out;
  const heap::HeapStatistics sum = heap::heap_statistics();
  out.heaps = heap::heap_count();
  const pages::PageStatistics pages = heap::domain.pages.statistics();
  const auto bytes = [](std::uint64_t count) {
    return count << heap::domain.pages.window().page_shift();
  };
  const std::uint64_t slab_bytes = sum.slabs * heap::kSlabBytes;
  out.active = bytes(pages.in_use.value);
  // Each number is of its own moment, so a difference may come out below nothing.
  const auto without = [](std::uint64_t all, std::uint64_t part) {
    return part < all ? all - part : 0;
  };
  const std::uint64_t large = without(out.active, slab_bytes + sum.cached_runs);
  out.allocated = without(sum.carved, sum.free) + large;
  out.metadata = pages::metadata_bytes();
  out.mapped = bytes(pages.reserved.value) + out.metadata;
  out.retained = bytes(pages.free_dirty.value);
  out.peak_active = bytes(pages.peak_in_use);
  out.purged = bytes(pages.purged);
  out.purge_calls = pages.purge_calls;
  const heap::ThreadCounts threads = heap::thread_counts();
  out.threads_started = threads.started;
  out.threads_peak = threads.most;
  out.large_allocated = sum.large_allocated;
  out.slabs_opened = sum.slabs_opened;
  out.ranges = pages.growths;
  out.remote_batches = sum.batches;
  out.drains = sum.drains;
  out.moves = sum.moves;
  return out;
}

}  // namespace mete::global

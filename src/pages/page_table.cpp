// Giving back records that say nothing.

#include "pages/page_table.hpp"

#include "port/memory.hpp"

namespace mete::pages {

void PageTable::decommit_inside(const Run& run) noexcept {
  constexpr std::uint32_t kLeastPages = 512;  // 8 KiB of records
  if (run.count.value < kLeastPages) return;
  const std::uintptr_t page = port::page_size();
  std::uint32_t first = run.first.value + 1;
  const std::uint32_t end = run.end().value - 1;
  while (first < end) {
    const std::uint32_t chunk_end = (first | Records::kMask) + 1;
    const std::uint32_t here = end < chunk_end ? end : chunk_end;
    const auto from = base::round_up(reinterpret_cast<std::uintptr_t>(&records_[first]), page);
    const auto to =
        base::round_down(reinterpret_cast<std::uintptr_t>(&records_[first] + (here - first)), page);
    if (from < to) port::decommit(reinterpret_cast<void*>(from), to - from);
    first = here;
  }
}

}  // namespace mete::pages

// What the process heap can tell about itself, put together from all its layers at the time of
// asking.
//
//   allocated <= active <= mapped;   retained and metadata are the part of mapped that serves no
//   block

#pragma once

#include <cstdint>

namespace mete::global {

// Bytes unless said otherwise. Blocks in bins of other running threads are counted as they are
// read, a moment ago.
struct Statistics {
  std::uint64_t allocated =
      0;                     // blocks in the program's hands, rounded up to their class or to pages
  std::uint64_t active = 0;  // pages of slabs and large blocks
  std::uint64_t mapped = 0;  // address space taken from the system, metadata included
  std::uint64_t retained = 0;  // free pages that still have memory
  std::uint64_t metadata = 0;  // address space of tables; most of it has no memory
  std::uint64_t peak_active = 0;
  std::uint64_t purged = 0;
  std::uint64_t purge_calls = 0;
  std::uint64_t threads_started = 0;
  std::uint64_t threads_peak = 0;
  std::uint64_t heaps = 0;
  std::uint64_t large_allocated = 0;
  std::uint64_t slabs_opened = 0;
  std::uint64_t ranges = 0;
  std::uint64_t remote_batches = 0;
  std::uint64_t drains = 0;
  std::uint64_t moves = 0;
};

Statistics statistics() noexcept;

}  // namespace mete::global

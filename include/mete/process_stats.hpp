// What a running process tells `mete run --stats` about its heap: one page that both map.
//
//   mete run --stats           makes a memory file (zeros, magic, version), puts its path in
//                              METE_STATS_FILE, forks
//     child                    writes its own pid, becomes the program
//       libmete.so in there    maps the file if magic, version and pid fit; writes the counters
//   parent                     waits for the end, reads the counters
//
// The pid is the ticket: exec keeps it, so an interpreter or `env` that becomes the real program
// hands it on (the last image to attach starts from zero and wins), while children of the program
// have another one and stay silent. A forked child inherits the mapping: the library drops it
// there.
//
// The path leads through /proc/<pid of mete>/fd. The library opens it with O_RDWR, O_CLOEXEC,
// O_NOCTTY and O_NONBLOCK (not O_NOFOLLOW), wants a regular file of kStatsFileBytes, writes nothing
// if the header does not fit, never creates it, and ignores the variable where AT_SECURE is set.
//
// Counters are written when the library attaches, by slow paths whenever there were 3 % more of
// them, when they look at the clock anyway (METE_PURGE_INTERVAL_MS), and once at exit. So a process
// that is killed leaves values of shortly before. Each field is stored whole, relaxed, by any
// thread; fields need not be of one moment.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace mete {

inline constexpr const char* kStatsFileVariable = "METE_STATS_FILE";
inline constexpr std::uint64_t kStatsMagic =
    0x3153544154535f4d;  // "M_STATS1" in memory, little-endian
inline constexpr std::uint32_t kStatsVersion = 1;
inline constexpr std::size_t kStatsFileBytes = 4096;

enum class StatsState : std::uint32_t {
  kWaiting = 0,   // written by `mete run`: no library has attached
  kAttached = 1,  // the library runs in the process; counters are as last written
  kFinished = 2,  // the process came to its end by exit; counters are final
};

struct ProcessStats {
  // Header, written by `mete run` before the exec.
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t pid;  // the process that may attach

  // Written by the library from here on.
  std::uint32_t state;     // StatsState
  std::uint32_t reserved;  // 0

  // Bytes, now. In the order in_use <= active <= mapped; blocks that threads hold in their bins
  // count as in use.
  std::uint64_t bytes_in_use;    // blocks handed out, rounded up to their size class or pages
  std::uint64_t bytes_active;    // pages of slabs and large blocks
  std::uint64_t bytes_mapped;    // address space taken from the system, metadata included
  std::uint64_t bytes_retained;  // free pages whose memory is kept (dirty)

  // Bytes, the highest so far.
  std::uint64_t peak_in_use;  // of bytes_in_use, as ticks saw it: a short peak is missed
  std::uint64_t peak_mapped;  // of bytes_mapped
  std::uint64_t peak_active;  // of bytes_active; exact, the pages layer keeps it

  // Totals since the start of the process.
  std::uint64_t purged_bytes;     // given back to the system, each time counted
  std::uint64_t purge_calls;      // system calls that did it
  std::uint64_t threads_started;  // threads that have allocated, the first one included
  std::uint64_t threads_peak;     // of these, the most at one time
  std::uint64_t heaps;            // thread heaps ever made (ended threads leave theirs to new ones)
  std::uint64_t large_allocated;  // blocks above the last size class
  std::uint64_t slabs_opened;     // slabs taken from the pages layer
  std::uint64_t ranges;           // address ranges reserved from the system
  std::uint64_t remote_batches;   // batches of blocks handed to the thread that owns them
  std::uint64_t drains;  // times a heap gave its cached blocks back to their slabs before growing
  std::uint64_t mremap_moves;  // large blocks that grew by remapping instead of copying
};

static_assert(std::is_standard_layout_v<ProcessStats> &&
              std::is_trivially_copyable_v<ProcessStats>);
static_assert(offsetof(ProcessStats, magic) == 0 && offsetof(ProcessStats, version) == 8 &&
              offsetof(ProcessStats, pid) == 12 && offsetof(ProcessStats, state) == 16 &&
              offsetof(ProcessStats, bytes_in_use) == 24);
static_assert(sizeof(ProcessStats) == 24 + 18 * 8 && sizeof(ProcessStats) <= kStatsFileBytes);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

// Stores one field. Relaxed: the reader waits for the end of the process or lives with values of
// different moments.
template <class T>
inline void publish_stat(T& field, std::type_identity_t<T> value) noexcept {
  std::atomic_ref<T>(field).store(value, std::memory_order_relaxed);
}

// Loads one field; relaxed, as above.
template <class T>
inline T read_stat(T& field) noexcept {
  return std::atomic_ref<T>(field).load(std::memory_order_relaxed);
}

}  // namespace mete

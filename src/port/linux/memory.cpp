// Memory service on Linux: mmap, madvise, mremap.

#include "port/memory.hpp"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

// Of glibc from 2.32 on (sys/single_threaded.h); null elsewhere.
extern "C" __attribute__((weak)) char __libc_single_threaded;

namespace mete::port {
namespace {

// The calls below may fail inside a successful malloc: the caller of malloc must not see their
// errno.
class KeepErrno {
 public:
  KeepErrno() noexcept : saved_(errno) {}
  ~KeepErrno() { errno = saved_; }
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;

 private:
  int saved_;
};

void* map(std::size_t bytes, void* hint, int protection) noexcept {
  const KeepErrno keep;
  void* range = mmap(hint, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return range == MAP_FAILED ? nullptr : range;
}

#ifndef MREMAP_DONTUNMAP
constexpr int MREMAP_DONTUNMAP = 4;  // Linux 5.7
#endif
constexpr int kMove = MREMAP_MAYMOVE | MREMAP_FIXED;

// Moves a page and looks whether its old place is still there, and whether its new one can be given
// back. An older kernel refuses, and both are.
bool probe_moves() noexcept {
  const std::size_t page = page_size();
  auto* const from = static_cast<unsigned char*>(reserve(2 * page, nullptr));
  if (from == nullptr) return false;
  unsigned char* const to = from + page;
  *from = 1;
  unsigned char resident;
  mremap(from, page, page, kMove | MREMAP_DONTUNMAP, to);
  const bool unmapped = mincore(from, page, &resident) != 0 && errno == ENOMEM;
  const bool works =
      !unmapped && decommit(to, page) && *static_cast<volatile unsigned char*>(to) == 0;
  release(from, 2 * page);
  return works;
}

// Whether the system moves pages as Linux does; emulators of its system calls (qemu-user 7.2) do
// not.
bool moves_pages() noexcept {
  enum : unsigned char { kUnknown, kWorks, kBroken };
  static constinit std::atomic<unsigned char> state{kUnknown};
  unsigned char now = state.load(std::memory_order_relaxed);
  if (now == kUnknown) {
    now = probe_moves() ? kWorks : kBroken;
    state.store(now, std::memory_order_relaxed);
  }
  return now == kWorks;
}

// Each madvise interrupts all processors that run threads of the process, which takes 10 us and
// more; one process_madvise does so once for many ranges (docs/decisions/0014). New kernels, 6.18
// for one, take this name for the calling process and give memory back by it; older ones refuse.
constexpr int kThisProcess = -10001;  // PIDFD_SELF_THREAD_GROUP
constinit std::atomic<bool> knows_joined_calls{true};

// Where one thread runs there is nobody to interrupt, and where system calls are filtered, one that
// the filter does not know may be the end of the process.
bool may_join_calls() noexcept {
  return knows_joined_calls.load(std::memory_order_relaxed) && &__libc_single_threaded != nullptr &&
         __libc_single_threaded == 0 && prctl(PR_GET_SECCOMP) == 0;
}

// As decommit, by one call for all. What is left over was refused, by this call at least.
std::size_t decommit_joined(const Range* ranges, std::size_t count) noexcept {
  static_assert(sizeof(Range) == sizeof(iovec) && offsetof(iovec, iov_len) == sizeof(void*));
  long bytes = syscall(SYS_process_madvise, kThisProcess, ranges, count, MADV_DONTNEED, 0);
  // EINVAL: the first range is locked, perhaps.
  if (bytes < 0 && errno != EINVAL) knows_joined_calls.store(false, std::memory_order_relaxed);
  std::size_t done = 0;
  while (done < count && bytes >= static_cast<long>(ranges[done].bytes))
    bytes -= static_cast<long>(ranges[done++].bytes);
  return done;
}

}  // namespace

std::size_t page_size() noexcept {
  static constinit std::atomic<std::size_t> size{0};
  std::size_t value = size.load(std::memory_order_relaxed);
  if (value == 0) {
    value = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    size.store(value, std::memory_order_relaxed);
  }
  return value;
}

void* reserve(std::size_t bytes, void* hint) noexcept {
  return map(bytes, hint, PROT_READ | PROT_WRITE);
}

void* reserve_read_only(std::size_t bytes) noexcept { return map(bytes, nullptr, PROT_READ); }

bool release(void* address, std::size_t bytes) noexcept {
  const KeepErrno keep;
  return munmap(address, bytes) == 0;
}

// MADV_FREE would be cheaper but leaves the resident size where it is, and pages that may or may
// not be zero.
std::size_t decommit(const Range* ranges, std::size_t count) noexcept {
  const KeepErrno keep;
  std::size_t done = count > 1 && may_join_calls() ? decommit_joined(ranges, count) : 0;
  while (done < count && madvise(ranges[done].address, ranges[done].bytes, MADV_DONTNEED) == 0)
    ++done;
  return done;
}

Move move_pages(void* from, void* to, std::size_t bytes) noexcept {
  const KeepErrno keep;
  if (!moves_pages()) return Move::kRefused;
  if (mremap(from, bytes, bytes, kMove | MREMAP_DONTUNMAP, to) != MAP_FAILED) return Move::kDone;
  if (errno != EINVAL) return Move::kRefused;
  // An older kernel: move, then take the addresses back before anybody else does.
  if (mremap(from, bytes, bytes, kMove, to) == MAP_FAILED) return Move::kRefused;
  constexpr int kAgain = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  void* again = mmap(from, bytes, PROT_READ | PROT_WRITE, kAgain, -1, 0);
  if (again == from) return Move::kDone;
  if (again != MAP_FAILED) munmap(again, bytes);
  return Move::kVacated;
}

void prefer_huge_pages(void* address, std::size_t bytes) noexcept {
  const KeepErrno keep;
  madvise(address, bytes, MADV_HUGEPAGE);
}

}  // namespace mete::port

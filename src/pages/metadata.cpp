// The bump allocator behind allocate_metadata.

#include "pages/metadata.hpp"

#include <atomic>

#include "base/bits.hpp"
#include "port/memory.hpp"
#include "port/mutex.hpp"

namespace mete::pages {
namespace {

// Reserved, not touched: what is left over in a step costs addresses only.
constexpr std::size_t kStep = std::size_t{256} << 10;
// To a cache line, or to half of one what is no larger.
constexpr std::size_t kLine = 64;

struct Arena {
  port::Mutex lock{port::LockRank::kMetadata};
  std::byte* next METE_GUARDED_BY(lock) = nullptr;
  std::size_t left METE_GUARDED_BY(lock) = 0;
  std::atomic<std::size_t> reserved{0};
};

constinit Arena arena;

}  // namespace

void* allocate_metadata(std::size_t bytes) noexcept {
  bytes = base::round_up(bytes, bytes <= kLine / 2 ? kLine / 2 : kLine);
  if (bytes >= kStep / 2) {  // large tables get a range of their own
    const std::size_t rounded = base::round_up(bytes, port::page_size());
    void* range = port::reserve(rounded, nullptr);
    if (range != nullptr) count_metadata(rounded);
    return range;
  }
  const port::ScopedLock guard(arena.lock);
  if (bytes >= kLine && arena.left % kLine != 0) {
    arena.next += kLine / 2;
    arena.left -= kLine / 2;
  }
  if (arena.left < bytes) {
    void* range = port::reserve(kStep, nullptr);
    if (range == nullptr) return nullptr;
    arena.next = static_cast<std::byte*>(range);
    arena.left = kStep;
    count_metadata(kStep);
  }
  std::byte* block = arena.next;
  arena.next += bytes;
  arena.left -= bytes;
  return block;
}

std::size_t metadata_bytes() noexcept { return arena.reserved.load(std::memory_order_relaxed); }

void count_metadata(std::size_t bytes) noexcept {
  arena.reserved.fetch_add(bytes, std::memory_order_relaxed);
}

void lock_metadata_for_fork() noexcept METE_NO_LOCK_ANALYSIS { arena.lock.lock(); }
void unlock_metadata_after_fork() noexcept METE_NO_LOCK_ANALYSIS { arena.lock.unlock(); }
void reset_metadata_lock_in_child() noexcept { arena.lock.reset_in_child(); }

}  // namespace mete::pages

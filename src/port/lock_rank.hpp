// The order in which locks are taken: a lock is waited for only while every lock that the thread
// holds has a lower rank. So no two threads wait for each other.
//
//   source list < source < start < registry < shared < heap < purge < pages < metadata
//
// What is taken by try_lock is not waited for, and may have any rank. The audit build keeps count
// of what each thread holds and ends the process where the order is broken; other builds know
// nothing of ranks (mutex.hpp).

#pragma once

#include <cstdint>

namespace mete::port {

enum class LockRank : std::uint8_t {
  kSourceList,  // heaps on memory of their users
  kSource,      // one each; their users' functions are called meanwhile, and may allocate
  kStart,       // start of the engine
  kRegistry,    // numbers of heaps, the pools
  kShared,      // one each: the bins and large blocks of a shared heap
  kHeap,        // one each: magazines and slabs
  kPurge,       // whoever gives pages back to the system
  kPages,       // everything else in the pages layer
  kMetadata,    // the bump allocator
};
inline constexpr unsigned kLockRanks = 9;

const char* name_of(LockRank rank) noexcept;

// The locks that a thread holds, by rank.
class HeldLocks {
 public:
  constexpr void add(LockRank rank) noexcept { ++count_[static_cast<unsigned>(rank)]; }

  // Of what was not added nothing is removed: the child of a fork frees locks whoever held them.
  constexpr void remove(LockRank rank) noexcept {
    std::uint32_t& count = count_[static_cast<unsigned>(rank)];
    if (count != 0) --count;
  }

  // Whether a lock of the rank may be waited for.
  constexpr bool allow(LockRank rank) const noexcept { return highest() < static_cast<int>(rank); }
  // The same if others of its rank may be held: they are all taken in a fixed order of their own.
  constexpr bool allow_in_order(LockRank rank) const noexcept {
    return highest() <= static_cast<int>(rank);
  }

  // The highest rank that is held, -1 if none is.
  constexpr int highest() const noexcept {
    int rank = kLockRanks - 1;
    while (rank >= 0 && count_[rank] == 0) --rank;
    return rank;
  }

 private:
  std::uint32_t count_[kLockRanks]{};
};

// A rank that takes room and is known if `kIsKept`.
template <bool kIsKept>
class KeptRank {
 public:
  explicit constexpr KeptRank(LockRank) noexcept {}
  static constexpr LockRank value() noexcept { return LockRank::kStart; }
};
template <>
class KeptRank<true> {
 public:
  explicit constexpr KeptRank(LockRank rank) noexcept : rank_(rank) {}
  constexpr LockRank value() const noexcept { return rank_; }

 private:
  LockRank rank_;
};

// What the calling thread holds, and the end of a thread that is about to take a lock out of order.
// In the audit build only.
HeldLocks& held_locks() noexcept;
[[noreturn]] void panic_of_rank(LockRank rank) noexcept;

}  // namespace mete::port

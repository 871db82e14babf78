// What each thread holds, for the audit build.

#include "port/lock_rank.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

namespace mete::port {

const char* name_of(LockRank rank) noexcept {
  switch (rank) {
    case LockRank::kSourceList:
      return "source list";
    case LockRank::kSource:
      return "source";
    case LockRank::kStart:
      return "start";
    case LockRank::kRegistry:
      return "registry";
    case LockRank::kShared:
      return "shared";
    case LockRank::kHeap:
      return "heap";
    case LockRank::kPurge:
      return "purge";
    case LockRank::kPages:
      return "pages";
    case LockRank::kMetadata:
      return "metadata";
  }
  return "unknown";
}

HeldLocks& held_locks() noexcept {
  static constinit thread_local HeldLocks locks;
  return locks;
}

void panic_of_rank(LockRank rank) noexcept {
  const auto held = static_cast<LockRank>(held_locks().highest());
  base::Text line;
  line.add("internal error, please report: the lock of rank ").add(name_of(rank));
  line.add(" is taken while one of rank ").add(name_of(held)).add(" is held");
  base::panic(line.terminated());
}

}  // namespace mete::port

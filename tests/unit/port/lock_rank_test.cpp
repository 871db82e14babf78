// The order of locks: what a thread may take while it holds others. In the audit build a thread
// that breaks the order ends with a line that names both locks.

#include "port/lock_rank.hpp"

#include <gtest/gtest.h>

namespace mete::port {
namespace {

TEST(HeldLocks, AllowHigherRanksOnly) {
  HeldLocks held;
  EXPECT_TRUE(held.allow(LockRank::kStart));
  held.add(LockRank::kHeap);
  EXPECT_TRUE(held.allow(LockRank::kPurge));
  EXPECT_TRUE(held.allow(LockRank::kMetadata));
  EXPECT_FALSE(held.allow(LockRank::kHeap));
  EXPECT_FALSE(held.allow(LockRank::kRegistry));
  EXPECT_TRUE(held.allow_in_order(LockRank::kHeap));
  EXPECT_FALSE(held.allow_in_order(LockRank::kRegistry));
}

TEST(HeldLocks, AreCountedByRank) {
  HeldLocks held;
  held.add(LockRank::kHeap);
  held.add(LockRank::kHeap);
  held.add(LockRank::kPages);
  held.remove(LockRank::kHeap);
  EXPECT_FALSE(held.allow(LockRank::kPages)) << "in any order";
  held.remove(LockRank::kPages);
  EXPECT_FALSE(held.allow(LockRank::kHeap)) << "one of two";
  held.remove(LockRank::kHeap);
  held.remove(LockRank::kHeap);
  EXPECT_TRUE(held.allow(LockRank::kStart));
}

}  // namespace
}  // namespace mete::port

// The order of locks: what a thread may take while it holds others. In the audit build a thread
// that breaks the order ends with a line that names both locks.

#include "port/lock_rank.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/check.hpp"
#include "port/mutex.hpp"

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

class LockRankDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!base::kAudit) GTEST_SKIP() << "ranks are checked in the audit build";
  }

  Mutex heap_{LockRank::kHeap};
  Mutex other_heap_{LockRank::kHeap};
  Mutex pages_{LockRank::kPages};
  Mutex metadata_{LockRank::kMetadata};
};

TEST_F(LockRankDeathTest, LocksOutOfOrderAreNamed) {
  const ScopedLock guard(pages_);
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT),
              "mete: internal error, please report: the lock of rank heap is taken while one of "
              "rank pages is held\n$");
  const ScopedLock higher(metadata_);
}

TEST_F(LockRankDeathTest, TwoOfOneRankAreOutOfOrder) {
  const ScopedLock guard(heap_);
  EXPECT_EXIT(other_heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank heap");
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank heap")
      << "no deadlock";
  other_heap_.lock_in_order();
  other_heap_.unlock();
}

TEST_F(LockRankDeathTest, WhatIsTriedMayHaveAnyRankButCounts) {
  const ScopedLock guard(pages_);
  ASSERT_TRUE(heap_.try_lock());
  ASSERT_FALSE(heap_.try_lock());
  heap_.unlock();
  ASSERT_TRUE(metadata_.try_lock());
  EXPECT_EXIT(metadata_.lock(), testing::KilledBySignal(SIGABRT), "rank metadata");
  metadata_.unlock();
}

TEST_F(LockRankDeathTest, LocksMayBeFreedInAnyOrder) {
  heap_.lock();
  pages_.lock();
  heap_.unlock();
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank pages");
  pages_.unlock();
  heap_.lock();
  heap_.unlock();
}

TEST_F(LockRankDeathTest, LocksThatWereWaitedForCountOnce) {
  std::atomic<bool> taken{false};
  std::thread other([&] {
    for (int i = 0; i < 100'000; ++i) {
      const ScopedLock guard(pages_);
      taken = true;
    }
  });
  while (!taken) std::this_thread::yield();
  for (int i = 0; i < 100'000; ++i) const ScopedLock guard(pages_);
  other.join();
  heap_.lock();
  heap_.unlock();
}

TEST_F(LockRankDeathTest, ChildOfAForkHoldsNothing) {
  pages_.lock();
  pages_.reset_in_child();
  heap_.lock();
  heap_.unlock();
}

// Between its handlers a forking thread holds all locks, and passes through them.
TEST_F(LockRankDeathTest, ForkingThreadPassesThroughAllLocks) {
  heap_.lock();
  pages_.lock();
  Mutex::own_all();
  heap_.lock();
  heap_.unlock();
  pages_.lock();
  pages_.unlock();
  Mutex::disown_all();
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank pages");
  pages_.unlock();
  heap_.unlock();
}

}  // namespace
}  // namespace mete::port

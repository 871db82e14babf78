// In the audit build a thread that breaks the order of locks ends with a line that names both
// ranks.

#include "port/mutex.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace mete::port {
namespace {

class LockOrderDeathTest : public testing::Test {
 protected:
  Mutex heap_{LockRank::kHeap};
  Mutex other_heap_{LockRank::kHeap};
  Mutex pages_{LockRank::kPages};
  Mutex metadata_{LockRank::kMetadata};
};

TEST_F(LockOrderDeathTest, LocksOutOfOrderAreNamed) {
  const ScopedLock guard(pages_);
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT),
              "mete: internal error, please report: the lock of rank heap is taken while one of "
              "rank pages is held\n$");
  const ScopedLock higher(metadata_);
}

TEST_F(LockOrderDeathTest, TwoOfOneRankAreOutOfOrder) {
  const ScopedLock guard(heap_);
  EXPECT_EXIT(other_heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank heap");
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank heap")
      << "no deadlock";
  other_heap_.lock_in_order();
  other_heap_.unlock();
}

TEST_F(LockOrderDeathTest, WhatIsTriedMayHaveAnyRankButCounts) {
  const ScopedLock guard(pages_);
  ASSERT_TRUE(heap_.try_lock());
  ASSERT_FALSE(heap_.try_lock());
  heap_.unlock();
  ASSERT_TRUE(metadata_.try_lock());
  EXPECT_EXIT(metadata_.lock(), testing::KilledBySignal(SIGABRT), "rank metadata");
  metadata_.unlock();
}

TEST_F(LockOrderDeathTest, LocksMayBeFreedInAnyOrder) {
  heap_.lock();
  pages_.lock();
  heap_.unlock();
  EXPECT_EXIT(heap_.lock(), testing::KilledBySignal(SIGABRT), "rank heap .* rank pages");
  pages_.unlock();
  heap_.lock();
  heap_.unlock();
}

TEST_F(LockOrderDeathTest, LocksThatWereWaitedForCountOnce) {
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

TEST_F(LockOrderDeathTest, ChildOfAForkHoldsNothing) {
  pages_.lock();
  pages_.reset_in_child();
  heap_.lock();
  heap_.unlock();
}

// Between its handlers a forking thread holds all locks, and passes through them.
TEST_F(LockOrderDeathTest, ForkingThreadPassesThroughAllLocks) {
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

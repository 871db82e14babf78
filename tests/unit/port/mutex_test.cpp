// The lock itself: one holder at a time, and a thread that forks holds them all.

#include "port/mutex.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "unit/random.hpp"

namespace mete::port {
namespace {

TEST(Mutex, HasOneHolderAtATime) {
  Mutex mutex{LockRank::kPages};
  constexpr int kRounds = 50'000 / kSlowdown;
  int sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const ScopedLock guard(mutex);
        ++sum;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(4 * kRounds, sum);
}

TEST(Mutex, IsTakenByTryLockOnlyIfFree) {
  Mutex mutex{LockRank::kPages};
  EXPECT_TRUE(mutex.try_lock());
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock();
  mutex.lock();
  EXPECT_FALSE(mutex.try_lock());
  mutex.reset_in_child();
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

// Between its handlers a forking thread passes through the locks that it holds, and no other does.
TEST(Mutex, IsPassedThroughByAForkingThread) {
  Mutex mutex{LockRank::kPages};
  mutex.lock();
  Mutex::own_all();
  mutex.lock();
  mutex.unlock();
  std::thread([&] { EXPECT_FALSE(mutex.try_lock()); }).join();
  Mutex::disown_all();
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock();
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

}  // namespace
}  // namespace mete::port

// A mutual exclusion lock of four bytes, usable before constructors run and after destructors ran.
//
// Not recursive. No allocation may happen while one is held. Ranks, in the order in which they are
// taken: registry (1) < heap (2) < pages (3) < metadata (4); a lock of the same rank only by
// try_lock.

#pragma once

#include <atomic>
#include <cstdint>

#include "base/compiler.hpp"

#if defined(__clang__)
#define METE_CAPABILITY(x) __attribute__((capability(x)))
#define METE_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define METE_TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define METE_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define METE_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define METE_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define METE_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define METE_NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define METE_CAPABILITY(x)
#define METE_ACQUIRE(...)
#define METE_TRY_ACQUIRE(...)
#define METE_RELEASE(...)
#define METE_SCOPED_CAPABILITY
#define METE_REQUIRES(...)
#define METE_GUARDED_BY(x)
#define METE_NO_LOCK_ANALYSIS
#endif

namespace mete::port {

class METE_CAPABILITY("mutex") Mutex {
 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  METE_INLINE void lock() noexcept METE_ACQUIRE() {
    std::uint32_t expected = kFree;
    // acquire: pairs with the release in unlock().
    if (METE_UNLIKELY(!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                                      std::memory_order_relaxed))) {
      lock_slow();
    }
  }

  METE_INLINE bool try_lock() noexcept METE_TRY_ACQUIRE(true) {
    std::uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }

  // A thread that forks holds every lock from its first handler to its last. What other handlers of
  // the program do in between, in that thread, passes through the locks without taking or freeing
  // them.
  static void own_all() noexcept { all_owner_.store(self(), std::memory_order_relaxed); }
  static void disown_all() noexcept { all_owner_.store(0, std::memory_order_relaxed); }

  METE_INLINE void unlock() noexcept METE_RELEASE() {
    if (METE_UNLIKELY(all_owner_.load(std::memory_order_relaxed) != 0) && owned_by_fork()) return;
    // release: pairs with the acquires in lock(), lock_slow() and try_lock().
    if (METE_UNLIKELY(state_.exchange(kFree, std::memory_order_release) == kContended)) wake_one();
  }

  // Makes the lock free, whoever held it. For the child of a fork, which has one thread.
  void reset_in_child() noexcept METE_NO_LOCK_ANALYSIS {
    state_.store(kFree, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kContended = 2;  // held, and somebody sleeps

  static std::uintptr_t self() noexcept;
  static bool owned_by_fork() noexcept;
  void lock_slow() noexcept;
  void wake_one() noexcept;

  std::atomic<std::uint32_t> state_{kFree};
  static constinit std::atomic<std::uintptr_t> all_owner_;
};

class METE_SCOPED_CAPABILITY ScopedLock {
 public:
  explicit ScopedLock(Mutex& mutex) noexcept METE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~ScopedLock() METE_RELEASE() { mutex_.unlock(); }
  ScopedLock(const ScopedLock&) = delete;
  ScopedLock& operator=(const ScopedLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace mete::port

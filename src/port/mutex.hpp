// A mutual exclusion lock of four bytes, usable before constructors run and after destructors ran.
//
// Not recursive. No allocation may happen while one is held. Each has a rank, which says in which
// order locks are taken (lock_rank.hpp); the audit build remembers it and checks the order.

#pragma once

#include <atomic>
#include <cstdint>

#include "base/check.hpp"
#include "base/compiler.hpp"
#include "port/lock_rank.hpp"

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
  explicit constexpr Mutex(LockRank rank) noexcept : rank_(rank) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  METE_INLINE void lock() noexcept METE_ACQUIRE() {
    if constexpr (base::kAudit) note_wait(false);
    take();
  }

  // As lock, for a thread that takes several locks of this rank in an order that is always the
  // same.
  METE_INLINE void lock_in_order() noexcept METE_ACQUIRE() {
    if constexpr (base::kAudit) note_wait(true);
    take();
  }

  METE_INLINE bool try_lock() noexcept METE_TRY_ACQUIRE(true) {
    const bool taken = try_take();
    if constexpr (base::kAudit) {
      if (taken) note_taken();
    }
    return taken;
  }

  // Whether somebody held it just now.
  bool taken() const noexcept { return state_.load(std::memory_order_relaxed) != kFree; }

  // A thread that forks holds every lock from its first handler to its last. What other handlers of
  // the program do in between, in that thread, passes through the locks without taking or freeing
  // them.
  static void own_all() noexcept { all_owner_.store(self(), std::memory_order_relaxed); }
  static void disown_all() noexcept { all_owner_.store(0, std::memory_order_relaxed); }

  METE_INLINE void unlock() noexcept METE_RELEASE() {
    if (METE_UNLIKELY(all_owner_.load(std::memory_order_relaxed) != 0) && owned_by_fork()) return;
    if constexpr (base::kAudit) held_locks().remove(rank_.value());
    // release: pairs with the acquires in lock(), lock_slow() and try_lock().
    if (METE_UNLIKELY(state_.exchange(kFree, std::memory_order_release) == kContended)) wake_one();
  }

  // Makes the lock free, whoever held it. For the child of a fork, which has one thread.
  void reset_in_child() noexcept METE_NO_LOCK_ANALYSIS {
    if constexpr (base::kAudit) held_locks().remove(rank_.value());
    state_.store(kFree, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kContended = 2;  // held, and somebody sleeps

  METE_INLINE bool try_take() noexcept {
    std::uint32_t expected = kFree;
    // acquire: pairs with the release in unlock().
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  METE_INLINE void take() noexcept {
    if (METE_UNLIKELY(!try_take())) lock_slow();
  }

  // In the audit build. What passes through the locks in a thread that forks is not counted.
  void note_wait(bool in_order) const noexcept {
    if (owned_by_fork()) return;
    const LockRank rank = rank_.value();
    const HeldLocks& held = held_locks();
    if (!(in_order ? held.allow_in_order(rank) : held.allow(rank))) panic_of_rank(rank);
    held_locks().add(rank);
  }
  void note_taken() const noexcept {
    if (!owned_by_fork()) held_locks().add(rank_.value());
  }

  static std::uintptr_t self() noexcept;
  static bool owned_by_fork() noexcept;
  void lock_slow() noexcept;
  void wake_one() noexcept;

  std::atomic<std::uint32_t> state_{kFree};
  [[no_unique_address]] KeptRank<base::kAudit> rank_;
  static constinit std::atomic<std::uintptr_t> all_owner_;
};

static_assert(base::kAudit || sizeof(Mutex) == 4);

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

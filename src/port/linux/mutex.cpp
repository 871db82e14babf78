// The contended half of Mutex on Linux: a short spin, then sleep in a futex.

#include "port/mutex.hpp"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mete::port {
namespace {

constexpr int kSpins = 64;

void futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value) noexcept {
  const int saved = errno;
  syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
  errno = saved;
}

inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#elif defined(__riscv)
  asm volatile(".insn i 0x0f, 0, x0, x0, 0x010");  // pause; a fence of nothing on older processors
#endif
}

}  // namespace

constinit std::atomic<std::uintptr_t> Mutex::all_owner_{0};

std::uintptr_t Mutex::self() noexcept {
  return reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
}
METE_COLD bool Mutex::owned_by_fork() noexcept {
  return all_owner_.load(std::memory_order_relaxed) == self();
}

METE_COLD void Mutex::lock_slow() noexcept METE_NO_LOCK_ANALYSIS {
  if (owned_by_fork()) return;
  for (int i = 0; i < kSpins; ++i) {
    if (state_.load(std::memory_order_relaxed) == kFree && try_take()) return;
    pause();
  }
  // Whoever gets the lock from here on leaves it marked as contended, since others may sleep too.
  // acquire: pairs with the release in unlock().
  while (state_.exchange(kContended, std::memory_order_acquire) != kFree)
    futex(&state_, FUTEX_WAIT, kContended);
}

METE_COLD void Mutex::wake_one() noexcept { futex(&state_, FUTEX_WAKE, 1); }

}  // namespace mete::port

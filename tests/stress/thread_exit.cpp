// Threads that come and go leave nothing behind: resident memory stays within 2 MiB of what ten
// threads needed, after 1000 more, one after the other.
//
//   stress_thread_exit HOW
//
// HOW:
//   own: each frees its blocks itself
//   left: each leaves its blocks to the main thread, which frees them
//   late: each allocates and frees in a pthread key's destructor, in every round POSIX promises
//   detached: the same as own, but nobody joins
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "support/resident.h"

namespace stress {

namespace {

constexpr int kThreads = 1000;
constexpr int kRehearsal = 10;
constexpr long kSlackKiB = 2048;
constexpr std::size_t kBlocks = 100;
constexpr std::size_t kBytes = 1000;

using Blocks = std::array<void*, kBlocks>;

enum class How { kOwn, kLeft, kLate, kDetached };

How how;
pthread_key_t late_key;
std::atomic<int> running{0};

void fill(Blocks& blocks) noexcept {
  for (void*& block : blocks) {
    block = std::malloc(kBytes);
    if (block == nullptr) std::abort();
    std::memset(block, 1, kBytes);
  }
}

void empty(Blocks& blocks) noexcept {
  for (void* block : blocks) std::free(block);
}

void late(void* argument) noexcept {
  const auto round = reinterpret_cast<std::uintptr_t>(argument);
  Blocks blocks;
  fill(blocks);
  empty(blocks);
  if (round < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(late_key, reinterpret_cast<void*>(round + 1));
  }
}

void* live(void* argument) noexcept {
  auto& blocks = *static_cast<Blocks*>(argument);
  fill(blocks);
  if (how != How::kLeft) empty(blocks);
  if (how == How::kLate) pthread_setspecific(late_key, reinterpret_cast<void*>(std::uintptr_t{1}));
  running.store(0, std::memory_order_release);  // pairs with the acquire in one_life()
  return nullptr;
}

void one_life() noexcept {
  Blocks blocks;
  pthread_t thread;
  running.store(1, std::memory_order_relaxed);
  if (pthread_create(&thread, nullptr, live, &blocks) != 0) std::abort();
  if (how == How::kDetached) {
    pthread_detach(thread);
    while (running.load(std::memory_order_acquire) != 0) sched_yield();
  } else {
    pthread_join(thread, nullptr);
  }
  if (how == How::kLeft) empty(blocks);
}

int main(int count, char** arguments) {
  const std::string_view name = count == 2 ? arguments[1] : "";
  if (name == "own") {
    how = How::kOwn;
  } else if (name == "left") {
    how = How::kLeft;
  } else if (name == "late") {
    how = How::kLate;
  } else if (name == "detached") {
    how = How::kDetached;
  } else {
    std::fputs("stress_thread_exit own|left|late|detached\n", stderr);
    return 2;
  }
  pthread_key_create(&late_key, late);
  for (int i = 0; i < kRehearsal; ++i) one_life();
  const std::size_t before = anonymous_bytes();
  for (int i = 0; i < kThreads; ++i) one_life();
  const long growth = (static_cast<long>(anonymous_bytes()) - static_cast<long>(before)) / 1024;
  const bool kept = growth <= kSlackKiB;
  std::printf("%d threads, %s: grew by %ld KiB, allowed %ld KiB: %s\n", kThreads, arguments[1],
              growth, kSlackKiB, kept ? "kept" : "FAILED");
  return kept ? 0 : 1;
}

}  // namespace

}  // namespace stress

int main(int count, char** arguments) { return stress::main(count, arguments); }

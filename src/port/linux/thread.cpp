// Thread exit and fork on POSIX threads.
//
// Thread-specific-data destructors run in rounds (at least four) as long as one of them sets its
// value again. Ours does so until the last round but one, so that the program's own destructors,
// which may allocate and free, run before it. The last round is left to tools that watch the thread
// (sanitizers) and end with it.

#include "port/thread.hpp"

#include <limits.h>
#include <pthread.h>

#include <cstdint>

namespace mete::port {
namespace {

constinit pthread_key_t exit_key = 0;
using ExitFunction = void (*)(void*);
constinit ExitFunction exit_function = nullptr;

// The rounds that have passed are counted in the low bits of the value, which points to something
// aligned. (They cannot be the value of a second key: glibc and musl clear every value before the
// round's destructors.)
constexpr std::uintptr_t kRoundMask = 7;

void exit_callback(void* value) {
  const auto tagged = reinterpret_cast<std::uintptr_t>(value);
  void* const argument = reinterpret_cast<void*>(tagged & ~kRoundMask);
  if ((tagged & kRoundMask) + 2 < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(exit_key, reinterpret_cast<void*>(tagged + 1));
    return;
  }
  exit_function(argument);
}

}  // namespace

bool on_thread_exit(void (*function)(void* argument)) noexcept {
  exit_function = function;
  return pthread_key_create(&exit_key, exit_callback) == 0;
}

void arm_thread_exit(void* argument) noexcept { pthread_setspecific(exit_key, argument); }

void on_fork(void (*prepare)(), void (*parent)(), void (*child)()) noexcept {
  pthread_atfork(prepare, parent, child);
}

}  // namespace mete::port

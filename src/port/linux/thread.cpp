// Thread exit and fork on POSIX threads.
//
// Thread-specific-data destructors run in rounds (at least four) as long as one of them sets its value again. Ours does
// so until the last round, so that the program's own destructors, which may allocate and free, run before it.

#include "port/thread.hpp"

#include <limits.h>
#include <pthread.h>

namespace mete::port {
namespace {

constinit pthread_key_t exit_key = 0;
using ExitFunction = void (*)(void*);
constinit ExitFunction exit_function = nullptr;

// Rounds that have passed in this thread. A thread-local would do, but each costs static TLS: it is only 8 bytes of a
// thread that is ending, so it lives on as a value of a second key.
constinit pthread_key_t round_key = 0;

void exit_callback(void* argument) {
  const auto round = reinterpret_cast<unsigned long>(pthread_getspecific(round_key)) + 1;
  if (round + 1 < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(round_key, reinterpret_cast<void*>(round));
    pthread_setspecific(exit_key, argument);
    return;
  }
  exit_function(argument);
}

}  // namespace

bool on_thread_exit(void (*function)(void* argument)) noexcept {
  exit_function = function;
  return pthread_key_create(&round_key, nullptr) == 0 && pthread_key_create(&exit_key, exit_callback) == 0;
}

void arm_thread_exit(void* argument) noexcept { pthread_setspecific(exit_key, argument); }

void on_fork(void (*prepare)(), void (*parent)(), void (*child)()) noexcept { pthread_atfork(prepare, parent, child); }

}  // namespace mete::port

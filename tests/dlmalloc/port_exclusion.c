// Threads that all add to one counter under a lock of the port: what port_selftest cannot see
// alone. With METE_EMPTY_LOCKS the locks are empty, which has to show.

#include <pthread.h>
#include <stdio.h>

#include "mete/port.h"

enum { kThreads = 4, kRounds = 100000, kTries = 50 };

#if METE_EMPTY_LOCKS
void init_lock(void** lock) { (void)lock; }
void final_lock(void** lock) { (void)lock; }
void acquire_lock(void** lock) { (void)lock; }
void release_lock(void** lock) { (void)lock; }
#endif

static void* lock;
static size_t counter;

static void* add(void* argument) {
  port_selftest_exclusion(&lock, &counter, kRounds);
  return argument;
}

static int excludes(void) {
  pthread_t threads[kThreads];
  counter = 0;
  for (int i = 0; i < kThreads; ++i) {
    if (pthread_create(&threads[i], NULL, add, NULL) != 0) return -1;
  }
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  printf("%zu of %d\n", counter, kThreads * kRounds);
  return counter == (size_t)kThreads * kRounds;
}

int main(void) {
#if METE_EMPTY_LOCKS
  // The threads may run one after the other now and then.
  for (int i = 0; i < kTries; ++i) {
    if (excludes() == 0) return 0;
  }
  return 1;
#else
  return excludes() == 1 ? 0 : 1;
#endif
}

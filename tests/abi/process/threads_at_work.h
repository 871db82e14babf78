// Threads that allocate and free as long as the program runs: the background for fork and spawn.
// They hand blocks to each other through slots, so that remote frees are on their way at any
// moment.
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "abi/checks.h"

enum { kWorkers = 3, kSlots = 256 };

static _Atomic(void*) slots[kSlots];
static atomic_int stop_workers;
static pthread_t workers[kWorkers];

static inline unsigned next_random(unsigned* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

// Mostly small, sometimes large: every path of the allocator is open when the fork comes.
static inline size_t random_size(unsigned* state) {
  const unsigned dice = next_random(state);
  const unsigned size = next_random(state);
  if (dice % 128 == 0) return size % 3000000 + 1;
  if (dice % 8 == 0) return size % 60000 + 1;
  return size % 700 + 1;
}

// Puts a new block in a slot and frees or resizes the one that was there.
static inline void exchange_one(unsigned* state) {
  const size_t bytes = random_size(state);
  unsigned char* block = next_random(state) % 4 == 0 ? calloc(1, bytes) : malloc(bytes);
  CHECK(block != NULL);
  block[0] = 1;
  block[bytes - 1] = 1;
  void* old = atomic_exchange(&slots[next_random(state) % kSlots], block);
  if (old != NULL && next_random(state) % 4 == 0) {
    old = realloc(old, random_size(state));
    CHECK(old != NULL);
  }
  free(old);
}

static void* work(void* argument) {
  unsigned state = (unsigned)(uintptr_t)argument;
  while (!atomic_load_explicit(&stop_workers, memory_order_relaxed)) exchange_one(&state);
  return NULL;
}

static inline void start_workers(void) {
  for (size_t i = 0; i < kWorkers; ++i) {
    CHECK(pthread_create(&workers[i], NULL, work, (void*)(uintptr_t)(i + 1)) == 0);
  }
}

static inline void join_workers(void) {
  atomic_store(&stop_workers, 1);
  for (size_t i = 0; i < kWorkers; ++i) CHECK(pthread_join(workers[i], NULL) == 0);
  for (size_t i = 0; i < kSlots; ++i) free(atomic_exchange(&slots[i], NULL));
}

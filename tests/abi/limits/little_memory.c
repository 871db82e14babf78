// A process that may not have more memory: it sees null and ENOMEM, its blocks stay whole, it can
// free them and go on, as often as it likes.
//   little_memory given            the limit is set already (ulimit -v)
//   little_memory as|data <MiB>    sets RLIMIT_AS or RLIMIT_DATA itself, at run time

#define _GNU_SOURCE
#include <pthread.h>
#include <sys/resource.h>

#include "limits/memory_in_use.h"

static void set_limit(int resource, size_t bytes) {
  struct rlimit limit;
  CHECK(getrlimit((unsigned)resource, &limit) == 0);
  limit.rlim_cur = bytes;
  CHECK(setrlimit((unsigned)resource, &limit) == 0);
}

// The even threads make their first call when there is nothing left to start a heap with, the odd
// ones when there is memory again. They exist from the beginning: a stack is memory, too.
enum { kThreads = 8, kSizeCount = 8 };
static const size_t kSizes[kSizeCount] = {72, 200, 1000, 8000, 30000, 100000, 1 << 20, 10 << 20};
static pthread_t threads[kThreads];
static pthread_barrier_t full[kThreads], end;
static size_t most;

static void* run(void* argument) {
  const size_t thread = (size_t)(uintptr_t)argument;
  if (thread % 2 == 0) {
    pthread_barrier_wait(&full[thread]);
    for (size_t i = 0; i < 200; ++i) ask_in_vain(i * 100);
    ask_in_vain(most);
    pthread_barrier_wait(&full[thread]);
  }
  pthread_barrier_wait(&end);
  for (size_t i = 0; i < 2000; ++i) ask_in_vain(i * 10);
  return NULL;
}

static void start_threads(void) {
  pthread_attr_t attributes;
  CHECK(pthread_attr_init(&attributes) == 0 &&
        pthread_attr_setstacksize(&attributes, 64 << 10) == 0);
  CHECK(pthread_barrier_init(&end, NULL, kThreads + 1) == 0);
  for (size_t i = 0; i < kThreads; ++i) {
    CHECK(pthread_barrier_init(&full[i], NULL, 2) == 0);
    CHECK(pthread_create(&threads[i], &attributes, run, (void*)(uintptr_t)i) == 0);
  }
}

int main(int argc, char** argv) {
  alarm(60);
  CHECK(argc >= 2);
  void* before = malloc(5000);
  CHECK(before != NULL);
  start_threads();
  struct rlimit limit;
  if (argc > 2) {
    set_limit(strcmp(argv[1], "as") == 0 ? RLIMIT_AS : RLIMIT_DATA, (size_t)atol(argv[2]) << 20);
  }
  CHECK(getrlimit(argc > 2 && strcmp(argv[1], "data") == 0 ? RLIMIT_DATA : RLIMIT_AS, &limit) == 0);
  most = limit.rlim_cur;
  CHECK(most < (size_t)1 << 40);

  size_t woken = 0;
  size_t got[kSizeCount];
  for (int round = 0; round < 2; ++round) {
    for (size_t s = 0; s < kSizeCount; ++s) {
      const size_t bytes = kSizes[s];
      if (most / bytes >= kMostBlocks) continue;
      const size_t count = fill_memory(bytes, most);
      ask_in_vain(most);
      ask_in_vain(bytes);
      if (woken < kThreads) {
        pthread_barrier_wait(&full[woken]);
        pthread_barrier_wait(&full[woken]);
        woken += 2;
      }
      // A failed realloc leaves its block alone; one that succeeds keeps the contents.
      for (size_t i = 0; i < count; i += count / 10 + 1) {
        errno = 0;
        unsigned char* grown = realloc(keep(blocks[i]), most);
        CHECK(grown == NULL && errno == ENOMEM);
        CHECK(blocks[i][bytes - 1] == (unsigned char)i);
      }
      // Half of it back, in a pattern that leaves holes, and taken again in another size.
      drop_blocks(count, bytes, 0, 2);
      for (int i = 0; i < 100; ++i) ask_in_vain((size_t)i * 100);
      drop_blocks(count, bytes, 1, 2);
      if (round == 0) got[s] = count;
      // Memory that was free once has to be there the second time: at least three quarters of it.
      if (round == 1) CHECK(count >= got[s] - got[s] / 4);
    }
  }
  pthread_barrier_wait(&end);
  for (size_t i = 0; i < kThreads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  free(before);
  return 0;
}

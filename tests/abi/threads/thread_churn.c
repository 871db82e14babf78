// Threads that come and go by the thousand, some leaving blocks behind that another thread frees.
// What one leaves, the next takes over, so memory does not grow with the number of threads that
// ever were.
//   thread_churn <threads>

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

#include "abi/checks.h"
#include "support/resident.h"

enum { kAtOnce = 4, kBlocks = 60 };

static void* run(void* argument) {
  const size_t thread = (size_t)(uintptr_t)argument;
  unsigned char* blocks[kBlocks];
  for (size_t i = 0; i < kBlocks; ++i) {
    const size_t bytes = i * i * 7 % 20000 + 1;
    blocks[i] = malloc(bytes);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], (int)thread, bytes);
  }
  for (size_t i = 1; i < kBlocks; ++i) {
    CHECK(blocks[i][0] == (unsigned char)thread);
    free(blocks[i]);
  }
  return blocks[0];
}

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? (size_t)atol(argv[1]) : 10000;
  alarm(100);
  size_t before = 0;
  for (size_t done = 0; done < count; done += kAtOnce) {
    pthread_t threads[kAtOnce];
    for (size_t i = 0; i < kAtOnce; ++i) {
      CHECK(pthread_create(&threads[i], NULL, run, (void*)(uintptr_t)(done + i)) == 0);
    }
    for (size_t i = 0; i < kAtOnce; ++i) {
      void* left = NULL;
      CHECK(pthread_join(threads[i], &left) == 0);
      free(left);
    }
    if (before == 0 && done >= count / 10) before = resident_bytes();
  }
  const size_t after = resident_bytes();
  if (after > before + ((size_t)8 << 20)) {
    say_number(before >> 10);
    say(" KiB resident after a tenth of the threads, ");
    say_number(after >> 10);
    say(" KiB at the end\n");
    return 1;
  }
  return 0;
}

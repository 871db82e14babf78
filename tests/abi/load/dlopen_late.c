// libmete.so comes into a program that already runs on the C library's malloc, with many threads
// alive: its thread-local data has to fit what the loader kept free, and the two allocators live
// side by side.
//   dlopen_late            not preloaded; the library's path is in METE_LIBRARY

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

#include "abi/checks.h"

enum { kThreads = 64, kBlocks = 200, kRounds = 5 };

struct Functions {
  void* (*malloc)(size_t);
  void (*free)(void*);
  void* (*calloc)(size_t, size_t);
  void* (*realloc)(void*, size_t);
  void* (*memalign)(size_t, size_t);
  size_t (*usable)(void*);
};

static struct Functions mete;
static pthread_barrier_t barrier;
static unsigned char* exchange[kThreads][kBlocks];

// ISO C has no cast from a data pointer to a function.
static void look_up(void* library, const char* name, void* function) {
  void* address = dlsym(library, name);
  CHECK(address != NULL);
  memcpy(function, &address, sizeof(address));
}

static void look_up_all(void* library) {
  look_up(library, "malloc", (void*)&mete.malloc);
  look_up(library, "free", (void*)&mete.free);
  look_up(library, "calloc", (void*)&mete.calloc);
  look_up(library, "realloc", (void*)&mete.realloc);
  look_up(library, "memalign", (void*)&mete.memalign);
  look_up(library, "malloc_usable_size", (void*)&mete.usable);
  CHECK(mete.malloc != malloc);
}

static size_t size_of(size_t i) { return i % 50 == 0 ? 300000 + i * 1000 : i * 41 + 1; }

static void fill(size_t thread) {
  for (size_t i = 0; i < kBlocks; ++i) {
    const size_t bytes = size_of(i);
    unsigned char* block = i % 4 == 0   ? mete.calloc(1, bytes)
                           : i % 4 == 1 ? mete.memalign(128, bytes)
                                        : mete.malloc(bytes);
    CHECK(block != NULL && mete.usable(block) >= bytes);
    if (i % 4 == 3) block = mete.realloc(block, bytes + 100);
    CHECK(block != NULL);
    memset(block, (int)(thread + i), bytes);
    exchange[thread][i] = block;
    free(keep(malloc(bytes)));
  }
}

static void drop(size_t thread) {
  for (size_t i = 0; i < kBlocks; ++i) {
    unsigned char* block = exchange[thread][i];
    CHECK(block[0] == (unsigned char)(thread + i) &&
          block[size_of(i) - 1] == (unsigned char)(thread + i));
    mete.free(block);
  }
}

// Alive before the library is loaded and after it is closed.
static void* run(void* argument) {
  const size_t thread = (size_t)(uintptr_t)argument;
  void* own = malloc(1000 + thread);
  pthread_barrier_wait(&barrier);  // the library is loaded now
  fill(thread);
  pthread_barrier_wait(&barrier);
  drop((thread + 1) % kThreads);
  pthread_barrier_wait(&barrier);  // and closed between these two
  pthread_barrier_wait(&barrier);
  free(own);
  free(keep(malloc(5000)));
  return NULL;
}

static void one_round(const char* path) {
  pthread_t threads[kThreads];
  CHECK(pthread_barrier_init(&barrier, NULL, kThreads + 1) == 0);
  for (size_t i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, run, (void*)(uintptr_t)i) == 0);
  }
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    say(dlerror());
    say("\n");
  }
  CHECK(library != NULL);
  look_up_all(library);
  pthread_barrier_wait(&barrier);
  void* mine = mete.malloc(100000);
  pthread_barrier_wait(&barrier);
  mete.free(mine);
  pthread_barrier_wait(&barrier);
  CHECK(dlclose(library) == 0);
  pthread_barrier_wait(&barrier);
  for (size_t i = 0; i < kThreads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(pthread_barrier_destroy(&barrier) == 0);
}

int main(void) {
  const char* path = getenv("METE_LIBRARY");
  if (path == NULL) return kSkipped;
  alarm(60);
  for (int i = 0; i < kRounds; ++i) one_round(path);
  for (size_t i = 0; i < 1000; ++i) free(keep(malloc(i * 10)));
  return 0;
}

// What bench/instructions counts: operations of malloc and its family, in phases of 1000 calls.
//
//   instructions KIND SIZE WARM_UP CALLS
//
// Runs the phases of KIND first WARM_UP times, from warm_up(), then CALLS times, from measure().
// The script runs this under callgrind and reads from the call graph what measure()'s calls of the
// phases cost; a phase's own instructions are known apart from those of what it calls, so what is
// left is the allocator's. No block is ever written: that lets null_allocator.c take part. Compiled
// with -fno-plt, so that a call goes straight into the allocator.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kBlocks = 1000 };

static size_t size;
static void* blocks[kBlocks];
static size_t sizes[kBlocks];
static unsigned order[kBlocks];

// Keeps the compiler from seeing what becomes of a pointer, at no cost in instructions.
static inline void* opaque(void* pointer) {
  __asm__ volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

#define PHASE static __attribute__((noinline)) void

PHASE phase_pair(void) {
  for (unsigned i = 0; i < kBlocks; ++i) free(opaque(malloc(size)));
}

PHASE phase_calloc(void) {
  for (unsigned i = 0; i < kBlocks; ++i) free(opaque(calloc(1, size)));
}

PHASE phase_aligned(void) {
  for (unsigned i = 0; i < kBlocks; ++i) free(opaque(aligned_alloc(size, size)));
}

PHASE phase_malloc(void) {
  for (unsigned i = 0; i < kBlocks; ++i) blocks[i] = malloc(size);
}

PHASE phase_free(void) {
  for (unsigned i = 0; i < kBlocks; ++i) free(blocks[order[i]]);
}

// A live block of 16 to 1024 bytes, picked at random, is freed and replaced by one of another size.
PHASE phase_mixed(void) {
  for (unsigned i = 0; i < kBlocks; ++i) {
    free(blocks[order[i]]);
    blocks[order[i]] = malloc(sizes[i]);
  }
}

// Doubling from 16 bytes to `size`; one round is log2(size / 16) steps.
PHASE phase_doubling(void) {
  void* block = malloc(16);
  for (size_t now = 32; now <= size; now *= 2) block = opaque(realloc(block, now));
  free(block);
}

// From 64 bytes to `size` in steps of 64.
PHASE phase_steps(void) {
  void* block = malloc(64);
  for (size_t now = 128; now <= size; now += 64) block = opaque(realloc(block, now));
  free(block);
}

struct kind {
  const char* name;
  void (*first)(void);
  void (*second)(void);  // null: there is only one phase
  int across;            // the second phase runs on another thread
};

static const struct kind kKinds[] = {
    {"pair", phase_pair, NULL, 0},
    {"calloc", phase_calloc, NULL, 0},
    {"aligned", phase_aligned, NULL, 0},
    {"forward", phase_malloc, phase_free, 0},
    {"reverse", phase_malloc, phase_free, 0},
    {"random", phase_malloc, phase_free, 0},
    {"mixed", phase_mixed, NULL, 0},
    {"doubling", phase_doubling, NULL, 0},
    {"steps", phase_steps, NULL, 0},
    {"across", phase_malloc, phase_free, 1},
};

static const struct kind* kind;
static pthread_barrier_t barrier;  // between the phases, if they run on two threads

static inline __attribute__((always_inline)) void repeat(size_t rounds) {
  for (size_t i = 0; i < rounds; ++i) {
    kind->first();
    if (kind->across) {
      pthread_barrier_wait(&barrier);
      pthread_barrier_wait(&barrier);
    } else if (kind->second != NULL) {
      kind->second();
    }
  }
}

PHASE warm_up(size_t rounds) { repeat(rounds); }
PHASE measure(size_t rounds) { repeat(rounds); }

static inline __attribute__((always_inline)) void repeat_second(size_t rounds) {
  for (size_t i = 0; i < rounds; ++i) {
    pthread_barrier_wait(&barrier);
    kind->second();
    pthread_barrier_wait(&barrier);
  }
}

PHASE warm_up_second(size_t rounds) { repeat_second(rounds); }
PHASE measure_second(size_t rounds) { repeat_second(rounds); }

static void* other_thread(void* rounds) {
  warm_up_second(((size_t*)rounds)[0]);
  measure_second(((size_t*)rounds)[1]);
  return NULL;
}

static unsigned next_random(void) {
  static unsigned state = 12345;
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

static void prepare(void) {
  const int shuffled = strcmp(kind->name, "random") == 0 || strcmp(kind->name, "mixed") == 0;
  for (unsigned i = 0; i < kBlocks; ++i) {
    order[i] = strcmp(kind->name, "reverse") == 0 ? kBlocks - 1 - i : i;
    sizes[i] = 16 + next_random() % 1009;
  }
  for (unsigned i = kBlocks; shuffled && i > 1; --i) {
    const unsigned other = next_random() % i;
    const unsigned kept = order[i - 1];
    order[i - 1] = order[other];
    order[other] = kept;
  }
  if (strcmp(kind->name, "mixed") == 0) {
    for (unsigned i = 0; i < kBlocks; ++i) blocks[i] = malloc(16 + next_random() % 1009);
  }
}

int main(int argc, char** argv) {
  for (size_t i = 0; argc == 5 && i < sizeof kKinds / sizeof *kKinds; ++i) {
    if (strcmp(argv[1], kKinds[i].name) == 0) kind = &kKinds[i];
  }
  if (kind == NULL) {
    fprintf(stderr, "usage: instructions KIND SIZE WARM_UP CALLS; KIND is one of");
    for (size_t i = 0; i < sizeof kKinds / sizeof *kKinds; ++i) {
      fprintf(stderr, " %s", kKinds[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
  }
  size = strtoul(argv[2], NULL, 10);
  static size_t rounds[2];
  rounds[0] = strtoul(argv[3], NULL, 10);
  rounds[1] = strtoul(argv[4], NULL, 10);

  pthread_t other;
  if (kind->across) {
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&other, NULL, other_thread, rounds) != 0) return 1;
  }
  prepare();
  warm_up(rounds[0]);
  measure(rounds[1]);
  if (kind->across) pthread_join(other, NULL);
  return 0;
}

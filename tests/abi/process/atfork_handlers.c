// Fork handlers that allocate and free, registered before the allocator can register its own (in
// the preinit array), in a constructor and in main. Prepare handlers run in reverse order of
// registration, the others in order, so each set meets the allocator's locks from another side.

#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "abi/checks.h"
#include "process/threads_at_work.h"

enum { kPrepare = 0, kParent = 1, kChild = 2, kSetsInMain = 40 };

static int calls[3];
static void* held[64];
static size_t held_count;

// Allocates, frees an older block, and keeps one across the fork.
static void handle(int kind) {
  ++calls[kind];
  unsigned state = (unsigned)calls[kind] * 31u + (unsigned)kind;
  for (int i = 0; i < 10; ++i) {
    const size_t bytes = random_size(&state);
    unsigned char* block = malloc(bytes);
    CHECK(block != NULL);
    block[bytes - 1] = 7;
    void* old = held[held_count % 64];
    held[held_count++ % 64] = block;
    free(old);
  }
}

static void prepare(void) { handle(kPrepare); }
static void parent(void) { handle(kParent); }
static void child(void) { handle(kChild); }

static int sets;  // registered; musl has no preinit array

static void register_handlers(void) {
  CHECK(pthread_atfork(prepare, parent, child) == 0);
  ++sets;
}

__attribute__((section(".preinit_array"), used)) static void (*preinit)(void) = register_handlers;

__attribute__((constructor(101))) static void early(void) { register_handlers(); }
__attribute__((constructor)) static void late(void) { register_handlers(); }

int main(void) {
  alarm(40);
  for (int i = 0; i < kSetsInMain; ++i) register_handlers();
  start_workers();
  for (int i = 0; i < 100; ++i) {
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
      alarm(20);
      CHECK(calls[kChild] == sets);
      unsigned state = (unsigned)i;
      for (int k = 0; k < 50; ++k) exchange_one(&state);
      _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(!WIFSIGNALED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  CHECK(calls[kPrepare] == 100 * sets && calls[kParent] == calls[kPrepare]);
  join_workers();
  return 0;
}

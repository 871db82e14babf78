// Forks while other threads allocate. The child allocates, frees what it inherited, starts a
// thread, forks again; a lock held by a thread that does not exist there would stop it for ever.
//   fork_threads <number of forks>

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "abi/checks.h"
#include "process/threads_at_work.h"

static void* thread_in_child(void* argument) {
  unsigned state = (unsigned)(uintptr_t)argument;
  for (int i = 0; i < 300; ++i) exchange_one(&state);
  return malloc(100);
}

static void wait_for(pid_t child) {
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    say("the child died of signal ");
    say_number((unsigned long)WTERMSIG(status));
    say(WTERMSIG(status) == SIGALRM ? " (it hung)\n" : "\n");
  }
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void live_in_child(unsigned seed) {
  alarm(20);
  unsigned state = seed;
  for (int i = 0; i < 100; ++i) exchange_one(&state);
  for (size_t i = 0; i < kSlots; ++i) free(atomic_exchange(&slots[i], NULL));
  if (seed % 8 == 0) {
    pthread_t thread;
    void* block = NULL;
    CHECK(pthread_create(&thread, NULL, thread_in_child, (void*)(uintptr_t)seed) == 0);
    for (int i = 0; i < 300; ++i) exchange_one(&state);
    CHECK(pthread_join(thread, &block) == 0);
    free(block);
  }
  if (seed % 16 == 1) {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      alarm(20);
      for (int i = 0; i < 100; ++i) exchange_one(&state);
      exit(0);
    }
    wait_for(grandchild);
  }
  if (seed % 2 == 0) exit(0);
  _exit(0);
}

int main(int argc, char** argv) {
  const unsigned forks = argc > 1 ? (unsigned)atoi(argv[1]) : 300;
  alarm(100);
  start_workers();
  unsigned state = 99;
  for (unsigned i = 0; i < forks; ++i) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) live_in_child(i);
    for (int k = 0; k < 20; ++k) exchange_one(&state);
    wait_for(child);
  }
  join_workers();
  return 0;
}

// vfork and exec, posix_spawn, system and popen while other threads allocate. The child of a vfork
// runs in the memory of its parent, and may not leave the allocator in another state than it found
// it.

#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

#include "abi/checks.h"
#include "process/threads_at_work.h"

extern char** environ;

static void expect_status(pid_t child, int expected) {
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

int main(void) {
  alarm(60);
  start_workers();
  unsigned state = 5;
  for (int i = 0; i < 40; ++i) {
    pid_t child = vfork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", "exit 3", (char*)NULL);
      _exit(127);
    }
    exchange_one(&state);
    expect_status(child, 3);

    child = vfork();
    if (child == 0) {
      execl("/no/such/program", "program", (char*)NULL);
      _exit(111);
    }
    expect_status(child, 111);

    char* const arguments[] = {"sh", "-c", "exit 4", NULL};
    CHECK(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ) == 0);
    exchange_one(&state);
    expect_status(child, 4);
  }
  for (int i = 0; i < 10; ++i) {
    CHECK(system("exit 5") == 5 << 8);
    FILE* pipe = popen("echo a line", "r");
    CHECK(pipe != NULL);
    char line[32];
    CHECK(fgets(line, sizeof(line), pipe) != NULL && strcmp(line, "a line\n") == 0);
    CHECK(pclose(pipe) == 0);
  }
  join_workers();
  return 0;
}

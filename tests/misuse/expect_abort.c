// Runs a misuse program and checks how it dies: by SIGABRT, with exactly one line on stderr, which
// is one of those that it announced on stdout.
//   expect_abort [--closed-stderr] <library to preload> <program>

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kCapacity = 4096 };

static void fail(const char* what, const char* expected, const char* got) {
  printf("%s\nexpected one of:\n%sgot:\n%s\n", what, expected, got);
  exit(1);
}

static void read_back(FILE* file, char* text) {
  rewind(file);
  text[fread(text, 1, kCapacity - 1, file)] = '\0';
}

int main(int argc, char** argv) {
  const int closed = argc > 1 && strcmp(argv[1], "--closed-stderr") == 0;
  if (argc != 3 + closed) return 2;
  FILE* output = tmpfile();
  FILE* errors = tmpfile();
  if (output == NULL || errors == NULL) return 2;

  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setenv("LD_PRELOAD", argv[1 + closed], 1);
    alarm(60);
    dup2(fileno(output), 1);
    if (closed)
      close(2);
    else
      dup2(fileno(errors), 2);
    execl(argv[2 + closed], argv[2 + closed], (char*)NULL);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 2;

  char expected[kCapacity];
  char got[kCapacity];
  read_back(output, expected);
  read_back(errors, got);
  if (WIFEXITED(status)) fail("it exited", expected, got);
  if (WTERMSIG(status) == SIGSEGV && got[0] == '\0' && strstr(expected, "or SIGSEGV\n") != NULL)
    return 0;
  if (WTERMSIG(status) != SIGABRT) {
    printf("signal %d\n", WTERMSIG(status));
    fail("it died of another signal than SIGABRT", expected, got);
  }
  if (closed) return got[0] == '\0' ? 0 : 1;
  const char* end = strchr(got, '\n');
  if (end == NULL || end[1] != '\0') fail("stderr is not one line", expected, got);
  const char* at = strstr(expected, got);
  if (at == NULL || (at != expected && at[-1] != '\n')) fail("another line", expected, got);
  printf("%s", got);
  return 0;
}

// Runs one program and reports what it cost: wall, user and system time, peak resident memory,
// faults.
//
//   launch REPORT_FD [NAME=VALUE ...] -- /path/to/program [ARGUMENT ...]
//
// The words before `--` are added to the program's environment (LD_PRELOAD, mostly). The report is
// one line on descriptor REPORT_FD: wall_ns user_us system_us peak_kib minor_faults major_faults.
// The exit status is the program's; 128 + n if signal n ended it; 126 if it could not be started.
//
// Why a program of its own: the kernel lets a child inherit the resident peak of the process that
// forks it, so started from an interpreter every program would seem as large as the interpreter.
// This one is linked statically and smaller than any program it measures. Children that the program
// has waited for count: times add up, the peak is that of the largest single process.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static int same_name(const char* entry, const char* setting) {
  const size_t length = (size_t)(strchr(setting, '=') - setting) + 1;
  return strncmp(entry, setting, length) == 0;
}

// The own environment without what `settings` names, then `settings`.
static char** extended_environment(char** settings, size_t count) {
  size_t inherited = 0;
  while (environ[inherited] != NULL) ++inherited;
  char** result = malloc((inherited + count + 1) * sizeof *result);
  if (result == NULL) return NULL;
  size_t used = 0;
  for (size_t i = 0; i < inherited; ++i) {
    size_t j = 0;
    while (j < count && !same_name(environ[i], settings[j])) ++j;
    if (j == count) result[used++] = environ[i];
  }
  for (size_t j = 0; j < count; ++j) result[used++] = settings[j];
  result[used] = NULL;
  return result;
}

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static long long microseconds(struct timeval time) {
  return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

static int refuse(const char* what, const char* word) {
  fprintf(stderr, "launch: %s%s\n", what, word);
  return 2;
}

int main(int argc, char** argv) {
  if (argc < 4) return refuse("usage: REPORT_FD [NAME=VALUE ...] -- PROGRAM [ARGUMENT ...]", "");
  char* end = NULL;
  const long report = strtol(argv[1], &end, 10);
  if (*argv[1] == '\0' || *end != '\0' || fcntl((int)report, F_SETFD, FD_CLOEXEC) != 0) {
    return refuse("not an open descriptor: ", argv[1]);
  }
  int at = 2;
  for (; at < argc && strcmp(argv[at], "--") != 0; ++at) {
    if (strchr(argv[at], '=') == NULL) return refuse("expected NAME=VALUE or --, not ", argv[at]);
  }
  if (at + 1 >= argc) return refuse("no program after --", "");
  char** environment = extended_environment(argv + 2, (size_t)at - 2);
  char** command = argv + at + 1;
  if (environment == NULL) return refuse("out of memory", "");

  volatile int failure = 0;  // written by the child, which shares our memory until it has exec'd
  const long long start = nanoseconds();
  const pid_t child = vfork();
  if (child == 0) {
    execve(command[0], command, environment);
    failure = errno;
    _exit(126);
  }
  if (child < 0) return refuse("cannot fork: ", strerror(errno));
  // An interrupt from the terminal is for the program; stay and report how it ended.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  int status = 0;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) return refuse("cannot wait: ", strerror(errno));
  }
  const long long wall = nanoseconds() - start;
  if (failure != 0) {
    fprintf(stderr, "launch: cannot run %s: %s\n", command[0], strerror(failure));
    return 126;
  }
  dprintf((int)report, "%lld %lld %lld %ld %ld %ld\n", wall, microseconds(usage.ru_utime),
          microseconds(usage.ru_stime), usage.ru_maxrss, usage.ru_minflt, usage.ru_majflt);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

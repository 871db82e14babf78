// How much memory the process holds, read without allocating. For C and C++.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The bytes on a line of /proc/self/smaps_rollup, named with the line break before it. Exact,
// unlike statm, whose per-CPU counters may be some hundred KiB off.
static inline size_t memory_bytes(const char* line) {
  char text[4096];
  const int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  const ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
  if (length <= 0) abort();
  close(file);
  text[length] = '\0';
  const char* found = strstr(text, line);
  if (found == NULL) abort();
  return (size_t)strtoul(found + strlen(line), NULL, 10) * 1024;
}

static inline size_t resident_bytes(void) { return memory_bytes("\nRss:"); }

// Of these, all but pages of files: which pages of code are resident is then no concern.
static inline size_t anonymous_bytes(void) { return memory_bytes("\nAnonymous:"); }

/* A library to preload: writes what a program of one thread does with malloc and its family to the
 * file METE_TRACE (trace.h). The first process that makes the file records; children do not.
 *
 * It calls glibc's allocator by its other names, so nothing is looked up and nothing recurses. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace.h"

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

enum { kBuffer = 4096, kMostRecords = 1000000 };

static struct trace_record buffer[kBuffer];
static size_t used, written;
static int file = -1;
static bool stopped;
static pthread_t recorded_thread;

static void stop(void) { stopped = true; }

static void flush(void) {
  const ssize_t bytes = (ssize_t)(used * sizeof(*buffer));
  if (!stopped && write(file, buffer, (size_t)bytes) != bytes) abort();
  written += used;
  used = 0;
  if (written >= kMostRecords) stop();
}

static void start(void) {
  const char* const path = getenv("METE_TRACE");
  if (path != NULL) file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  recorded_thread = pthread_self();
  if (file < 0 || pthread_atfork(NULL, NULL, stop) != 0) stop();
}

static void record(enum trace_kind kind, size_t bytes, size_t alignment, void* block,
                   void* result) {
  if (stopped) return;
  if (file < 0) start();
  if (stopped) return;
  if (!pthread_equal(recorded_thread, pthread_self())) {
    static const char text[] = "record: the program has more than one thread\n";
    (void)!write(2, text, sizeof(text) - 1);
    _exit(3);
  }
  const unsigned log = alignment > 16 ? (unsigned)__builtin_ctzl(alignment) : 0;
  buffer[used++] = (struct trace_record){(uint64_t)bytes << 8 | log << 2 | kind, (uintptr_t)block,
                                         (uintptr_t)result};
  if (used == kBuffer) flush();
}

__attribute__((destructor)) static void finish(void) {
  if (file >= 0 && !stopped) flush();
  stop();
}

void* malloc(size_t bytes) {
  void* const block = __libc_malloc(bytes);
  if (block != NULL) record(kTraceAllocate, bytes, 1, NULL, block);
  return block;
}

void* calloc(size_t count, size_t bytes) {
  void* const block = __libc_calloc(count, bytes);
  if (block != NULL) record(kTraceAllocate, count * bytes, 1, NULL, block);
  return block;
}

void free(void* block) {
  if (block != NULL) record(kTraceDeallocate, 0, 1, block, NULL);
  __libc_free(block);
}

void* realloc(void* block, size_t bytes) {
  if (block == NULL) return malloc(bytes);
  if (bytes == 0) {
    free(block);
    return NULL;
  }
  void* const moved = __libc_realloc(block, bytes);
  if (moved != NULL) record(kTraceReallocate, bytes, 1, block, moved);
  return moved;
}

void* memalign(size_t alignment, size_t bytes) {
  void* const block = __libc_memalign(alignment, bytes);
  if (block != NULL) record(kTraceAllocate, bytes, alignment, NULL, block);
  return block;
}

void* aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void** result, size_t alignment, size_t bytes) {
  void* const block = memalign(alignment, bytes);
  if (block == NULL) return ENOMEM;
  *result = block;
  return 0;
}

// Refers to every function of the malloc family that the C library declares, so that a static link
// with libmete_override.a shows whether any of them still pulls in the C library's malloc.o. Built
// with glibc and with musl, statically, and once dynamically with the archive in the program.

#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

#include "abi/checks.h"

// C23; in no header of these libraries yet.
void free_sized(void* pointer, size_t bytes);
void free_aligned_sized(void* pointer, size_t alignment, size_t bytes);

static int at_exit_calls;

static void at_exit(void) {
  free(keep(malloc(100)));
  ++at_exit_calls;
}

static void use(void* block, size_t bytes) {
  CHECK(block != NULL && malloc_usable_size(block) >= bytes);
  memset(block, 0x4F, bytes);
}

static void call_everything(size_t bytes) {
  void* block = malloc(bytes);
  use(block, bytes);
  block = realloc(block, bytes * 2);
  use(block, bytes * 2);
  block = reallocarray(block, bytes, 3);
  use(block, bytes * 3);
  free(block);
  block = calloc(bytes, 2);
  CHECK(block != NULL && ((char*)block)[0] == 0 && ((char*)block)[bytes * 2 - 1] == 0);
  free_sized(block, bytes * 2);
  CHECK(posix_memalign(&block, 4096, bytes) == 0 && is_aligned(block, 4096));
  use(block, bytes);
  free(block);
  block = aligned_alloc(128, bytes);
  CHECK(is_aligned(block, 128));
  use(block, bytes);
  free_aligned_sized(block, 128, bytes);
  block = memalign(512, bytes);
  CHECK(is_aligned(block, 512));
  use(block, bytes);
  free(block);
  block = valloc(bytes);
  CHECK(is_aligned(block, 4096));
  use(block, bytes);
  free(block);
#ifdef __GLIBC__
  block = pvalloc(bytes);
  CHECK(is_aligned(block, 4096));
  use(block, (bytes + 4095) / 4096 * 4096);
  free(block);
#endif
}

#ifdef __GLIBC__
static void ask_about_the_heap(void) {
  void* block = malloc(100000);
  const struct mallinfo2 info = mallinfo2();
  CHECK(info.uordblks + info.hblkhd >= 100000);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  CHECK((size_t)mallinfo().uordblks == info.uordblks);
#pragma GCC diagnostic pop
  free(block);
  CHECK(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
  CHECK((malloc_trim(0) & ~1) == 0);
  FILE* nowhere = fopen("/dev/null", "w");
  CHECK(nowhere != NULL && malloc_info(0, nowhere) == 0 && fclose(nowhere) == 0);
  CHECK(freopen("/dev/null", "w", stderr) != NULL);
  malloc_stats();
}
#endif

// What the C library allocates by itself has to come from the same place as what the program frees.
static void let_the_library_allocate(void) {
  char* text = strdup("a line of text\nanother\n");
  FILE* file = fmemopen(text, strlen(text), "r");
  char* line = NULL;
  size_t capacity = 0;
  CHECK(file != NULL && getline(&line, &capacity, file) == 15);
  CHECK(fclose(file) == 0);
  free(line);
  free(text);
  CHECK(asprintf(&text, "%070000d", 1) == 70000);
  free(text);
  CHECK(setlocale(LC_ALL, "") != NULL || setlocale(LC_ALL, "C") != NULL);
  for (int i = 0; i < 200; ++i) {
    char name[16];
    snprintf(name, sizeof(name), "NAME_%d", i);
    CHECK(setenv(name, "value", 1) == 0);
  }
  text = realpath("/", NULL);
  CHECK(text != NULL && strcmp(text, "/") == 0);
  free(text);
}

static void* in_thread(void* given) {
  call_everything(777);
  free(given);
  return malloc(3000);
}

int main(void) {
  alarm(60);
  for (int i = 0; i < 100; ++i) CHECK(atexit(at_exit) == 0);
  for (size_t bytes = 1; bytes < 3000000; bytes = bytes * 2 + 5) call_everything(bytes);
  let_the_library_allocate();
  for (int i = 0; i < 50; ++i) {
    pthread_t thread;
    void* left = NULL;
    CHECK(pthread_create(&thread, NULL, in_thread, malloc(5000)) == 0);
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      call_everything(5000);
      _exit(0);
    }
    CHECK(pthread_join(thread, &left) == 0);
    free(left);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  errno = 0;
  CHECK(malloc(hide(PTRDIFF_MAX)) == NULL && errno == ENOMEM);
#ifdef __GLIBC__
  ask_about_the_heap();
#endif
  return 0;
}

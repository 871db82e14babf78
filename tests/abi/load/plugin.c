// A plugin in C that is linked with libmete.so. plugin_host.c opens it.

#define _GNU_SOURCE
#include <pthread.h>

#include "abi/checks.h"

int plugin_run(void);
void* plugin_make(size_t bytes);
void plugin_drop(void* block);

void* plugin_make(size_t bytes) { return malloc(bytes); }
void plugin_drop(void* block) { free(block); }

static void drop_value(void* value) {
  free(value);
  free(keep(malloc(333)));
}

static pthread_key_t key;

static void* in_thread(void* argument) {
  CHECK(pthread_setspecific(key, malloc(50)) == 0);
  void* given = realloc(argument, 200000);
  CHECK(given != NULL && memcmp(given, "given", 6) == 0);
  return given;
}

int plugin_run(void) {
  CHECK(pthread_key_create(&key, drop_value) == 0);
  for (size_t bytes = 1; bytes < 2000000; bytes = bytes * 2 + 7) {
    char* block = keep(malloc(bytes));
    CHECK(block != NULL);
    memset(block, 3, bytes);
    block = realloc(block, bytes * 2);
    CHECK(block != NULL && block[bytes - 1] == 3);
    free(block);
    block = calloc(bytes, 3);
    CHECK(block != NULL && block[bytes * 3 - 1] == 0);
    free(block);
    void* aligned = NULL;
    CHECK(posix_memalign(&aligned, 4096, bytes) == 0 && is_aligned(aligned, 4096));
    free(aligned);
  }
  char* text = strdup("given");
  pthread_t thread;
  void* result = NULL;
  CHECK(text != NULL && pthread_create(&thread, NULL, in_thread, text) == 0);
  CHECK(pthread_join(thread, &result) == 0);
  free(result);
  CHECK(pthread_key_delete(key) == 0);
  return 0;
}

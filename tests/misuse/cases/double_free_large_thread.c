// A large block freed by the thread that made it and then by another one.
#include <pthread.h>

#include "misuse/misuse.h"

static void* free_it(void* block) {
  free(block);
  return NULL;
}

int main(void) {
  void* block = keep(malloc(kLarge));
  pthread_t thread;
  if (pthread_create(&thread, NULL, free_it, block) != 0 || pthread_join(thread, NULL) != 0)
    return 2;
  expect("double free", block);
  free(keep(block));
  return survived();
}

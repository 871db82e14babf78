// As copies.cpp, with free in a program that mete was preloaded into.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  void* library = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL) return 1;
  void* symbol = dlsym(library, "copy_allocate");
  void* (*allocate)(size_t);
  memcpy(&allocate, &symbol, sizeof symbol);
  void* block = allocate(strtoul(argv[2], NULL, 10));
  fprintf(stderr, "freeing\n");
  free(block);
}

/* A program that exports a malloc of its own: the loader finds it before that of any library. */
#include <stddef.h>

void* malloc(size_t size) {
  static _Alignas(16) char memory[1 << 20];
  static size_t used = 0;
  void* block = memory + used;
  used += (size + 15) & ~(size_t)15;
  return block;
}

void free(void* block) { (void)block; }

int main(void) { return 0; }

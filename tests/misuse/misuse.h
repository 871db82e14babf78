// What the misuse programs share. Each announces on stdout the line that has to be on stderr when
// it dies, and then makes its mistake; expect_abort.c runs it and compares.
#pragma once

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The same pointer, of unknown origin: the compiler knows nothing about the mistake.
static inline void* keep(const void* pointer) {
  void* same = (void*)(uintptr_t)pointer;
  __asm__ volatile("" : "+r"(same) : : "memory");
  return same;
}

// One of the lines with which the process may die. Several calls: any of them.
static inline void expect(const char* what, const void* address) {
  char line[160];
  const int length =
      snprintf(line, sizeof(line), "mete: %s: 0x%lx\n", what, (unsigned long)(uintptr_t)address);
  if (write(1, line, (size_t)length) != length) _exit(3);
}

// The process may also die of SIGSEGV, with nothing on stderr: for numbers that no address can be,
// where a test would cost every free an instruction and the processor notices by itself.
static inline void expect_fault(void) {
  static const char kText[] = "or SIGSEGV\n";
  if (write(1, kText, sizeof(kText) - 1) < 0) _exit(3);
}

#define FOREIGN "a pointer that mete did not allocate"
#define INTERIOR "a pointer into the middle of a block"

enum { kLarge = 1 << 20 };

// Most mistakes are made in a process that has allocated before.
static inline void start_heap(void) { free(keep(malloc(100))); }

// Blocks of the same size, allocated before the mistake. Freed after it they overflow the list of
// free blocks that the mistake is in; trimming then drains what is left of it. That is where
// mistakes with small blocks are seen, since the list itself takes whatever it is given.
static void* bystanders[100000];
static size_t bystander_count;

static inline void allocate_bystanders(size_t bytes) {
  const size_t most = ((size_t)64 << 20) / bytes;
  for (size_t i = 0; i < 100000 && i < most; ++i)
    bystanders[bystander_count++] = keep(malloc(bytes));
}

static inline void free_bystanders(void) {
  while (bystander_count != 0) free(bystanders[--bystander_count]);
  malloc_trim(0);
}

// Not found at all.
static inline int survived(void) {
  static const char kText[] = "the mistake was not noticed\n";
  return write(2, kText, sizeof(kText) - 1) > 0 ? 1 : 2;
}

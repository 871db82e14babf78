// What the small stand-alone programs of tests/abi share (C and C++): a check that reports with
// write(2), so that reporting never allocates, and two barriers that keep the compiler from knowing
// about sizes and pointers what only the allocator should know.
#pragma once

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : check_failed(#condition, __FILE__, (unsigned)__LINE__))

// ctest shows a test that exits with this as skipped.
enum { kSkipped = 77 };

static inline void say(const char* text) {
  if (write(2, text, strlen(text)) < 0) _exit(3);
}

static inline void say_number(unsigned long number) {
  char digits[24];
  char* at = digits + sizeof(digits) - 1;
  *at = '\0';
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  say(at);
}

__attribute__((noreturn, unused)) static void check_failed(const char* condition, const char* file,
                                                           unsigned line) {
  say(file);
  say(":");
  say_number(line);
  say(": failed: ");
  say(condition);
  say("\n");
  _exit(1);
}

// The same value, of unknown origin: no warning and no folding for an impossible size.
static inline size_t hide(size_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

// The same pointer, escaped: the allocation behind it cannot be left out.
static inline void* keep(void* pointer) {
  __asm__ volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

// True if the test runs on mete, false if it is being tried out on another allocator (see
// METE_ABI_PRELOAD in CMakeLists.txt), where what only mete promises is not asked for.
static inline int on_mete(void) { return getenv("METE_LIBRARY") != NULL; }

static inline int is_aligned(const void* pointer, size_t alignment) {
  return ((uintptr_t)pointer & (alignment - 1)) == 0;
}

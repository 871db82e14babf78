// A port that breaks one rule of port.h, the one that is named on the command line; port_selftest
// has to say which, in exactly these words. "none" breaks none.

#define _GNU_SOURCE  // memfd_create
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mete/port.h"

static const struct Rule {
  const char* name;
  const char* text;
} rules[] = {
    {"none", NULL},
    {"null", "custom_mmap: says null instead of (void*)-1 when there is no memory"},
    {"impossible", "custom_mmap: gives memory that cannot be there"},
    {"nothing", "custom_mmap: gives no memory"},
    {"unaligned", "custom_mmap: memory is not aligned to two words"},
    {"used", "custom_mmap: gives memory that the program uses"},
    {"overlap", "custom_mmap: pieces overlap"},
    {"unwritable", "custom_mmap: memory cannot be written"},
    {"aliased", "custom_mmap: memory does not keep what is written"},
    {"direct_null", "custom_direct_mmap: says null instead of (void*)-1 when there is no memory"},
    {"direct_impossible", "custom_direct_mmap: gives memory that cannot be there"},
    {"direct_unaligned", "custom_direct_mmap: memory is not aligned to two words"},
    {"direct_used", "custom_direct_mmap: gives memory that the program uses"},
    {"direct_overlap", "custom_direct_mmap: pieces overlap"},
    {"direct_unwritable", "custom_direct_mmap: memory cannot be written"},
    {"not_clear", "custom_mmap_clears: what custom_direct_mmap gives is not zero"},
    {"status", "custom_munmap: says neither 0 nor -1"},
    {"neighbours", "custom_munmap: refuses neighbours in one call"},
    {"too_much", "custom_munmap: changes memory that is still in use"},
    {"zero_word", "acquire_lock: a zero word is not a lock that is free"},
    {"not_released", "release_lock: the lock is not free afterwards"},
    {"not_free_at_first", "init_lock: the lock is not free afterwards"},
    {"init_writes", "init_lock: writes beyond the word of the lock"},
    {"acquire_writes", "acquire_lock: writes beyond the word of the lock"},
    {"release_writes", "release_lock: writes beyond the word of the lock"},
    {"final_writes", "final_lock: writes beyond the word of the lock"},
};
static const struct Rule* broken;

static int breaks(const char* name) { return strcmp(broken->name, name) == 0; }

static void end(const char* text) {
  const int as_expected =
      text == NULL || broken->text == NULL ? text == broken->text : strcmp(text, broken->text) == 0;
  printf("%s: %s\n", broken->name, text != NULL ? text : "all is well");
  fflush(stdout);
  _Exit(as_expected ? 0 : 1);
}

// Where the self test would stay for good.
static void hang(void) { end(port_selftest_trying); }
// And what it would crash of.
static sigjmp_buf in_main;
static void on_fault(int number) { siglongjmp(in_main, number); }

// ---- memory: pieces of an array, side by side; the length of each where it begins ----

enum { kGranule = 64 << 10, kGranules = 64 };
static _Alignas(4096) unsigned char memory[kGranules * kGranule];
static size_t granules[kGranules];  // of the piece that begins there, 0 if there is none
static size_t used;                 // granules, from the first on

static void* none(void) { return (void*)-1; }

static void* map_file_twice(size_t length) {
  static int file = -1;
  if (file == -1) {
    file = memfd_create("aliased", 0);
    if (file == -1 || ftruncate(file, (off_t)length) != 0) abort();
  }
  return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
}

static void* take(size_t length, int is_direct) {
  // The rules of custom_direct_mmap are the same, with a prefix.
  const char* rule = broken->name;
  if (is_direct) rule = strncmp(rule, "direct_", 7) == 0 ? rule + 7 : "none";
  if (length > (kGranules - used) * kGranule) {
    if (strcmp(rule, "impossible") == 0) return memory;
    return strcmp(rule, "null") == 0 ? NULL : none();
  }
  unsigned char* base = memory + used * kGranule;
  if (strcmp(rule, "nothing") == 0) return none();
  if (strcmp(rule, "used") == 0) return (void*)(((uintptr_t)&length & ~(uintptr_t)15) - length / 2);
  if (strcmp(rule, "unwritable") == 0)
    return mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (strcmp(rule, "aliased") == 0) return map_file_twice(length);
  if (strcmp(rule, "overlap") == 0) return memory + kGranule / 2;
  granules[used] = length / kGranule;
  used += length / kGranule;
  return strcmp(rule, "unaligned") == 0 ? base + sizeof(void*) : base;
}

void* custom_mmap(size_t length) { return take(length, 0); }
void* custom_direct_mmap(size_t length) {
  unsigned char* const base = take(length, 1);
  if (breaks("not_clear") && base != none()) base[length - 1] = 1;
  return base;
}
int custom_mmap_clears(void) { return breaks("none") || breaks("not_clear"); }

int custom_munmap(void* base, size_t length) {
  size_t at = (size_t)((unsigned char*)base - memory) / kGranule;
  const size_t first = granules[at];
  if (breaks("status")) return 1;
  if (breaks("neighbours") && first * kGranule != length) return -1;
  if (breaks("too_much")) memset(memory, 0, sizeof memory);
  for (size_t left = length / kGranule; left != 0;) {
    const size_t piece = granules[at];
    if (piece == 0 || piece > left) abort();
    granules[at] = 0;
    left -= piece;
    at += piece;
  }
  memset(base, 0, length);
  return 0;
}

// ---- locks: 0 is free, 1 is held ----

static void write_beyond(void** lock) { lock[1] = NULL; }

void init_lock(void** lock) {
  *lock = breaks("not_free_at_first") ? (void*)1 : NULL;
  if (breaks("init_writes")) write_beyond(lock);
}
void final_lock(void** lock) {
  if (breaks("final_writes")) write_beyond(lock);
}
void acquire_lock(void** lock) {
  if (*lock == (void*)1 || breaks("zero_word")) hang();
  *lock = (void*)1;
  if (breaks("acquire_writes")) write_beyond(lock);
}
void release_lock(void** lock) {
  if (!breaks("not_released")) *lock = NULL;
  if (breaks("release_writes")) write_beyond(lock);
}

void custom_abort(const char* message, const char* source_file, uint32_t line) {
  printf("aborted: %s %s %u\n", message, source_file, (unsigned)line);
  _Exit(1);
}

int main(int count, char** arguments) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; ++i) {
    if (count == 2 && strcmp(arguments[1], rules[i].name) == 0) broken = &rules[i];
  }
  if (broken == NULL) return 2;
  signal(SIGSEGV, on_fault);
  if (sigsetjmp(in_main, 1) != 0) hang();
  end(port_selftest());
}

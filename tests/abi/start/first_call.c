// Calls one symbol as the very first call that a process makes of its allocator.
//
//   first_call <symbol> <moment>     exit 0: works; 77: no such symbol; else: broken
//   first_call --list                the symbols, one a line
//
// C and only libc, so that nothing allocates before (libstdc++ takes memory in its constructors);
// operators are called by their mangled names. The moments: `preinit` runs before the constructors
// of every library, the allocator's own included; `exit` in a destructor, `child` after a fork.

#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/wait.h>

#include "abi/checks.h"

enum Shape {
  kTakesSize,          // void* (size_t)
  kTakesSizeTag,       // void* (size_t, const std::nothrow_t&)
  kTakesSizeAlign,     // void* (size_t, std::align_val_t), with or without a tag
  kTakesCountSize,     // void* (size_t, size_t): calloc
  kTakesAlignSize,     // void* (size_t, size_t): memalign
  kTakesPointerSize,   // void* (void*, size_t): realloc
  kTakesPointerArray,  // void* (void*, size_t, size_t): reallocarray
  kFrees,              // void (void*, ...): null is fine with every further argument
  kPosixMemalign,
  kUsableSize,
  kTrim,
  kStats,
  kInfo,
  kMallinfo,
  kMallinfo2,
  kMallopt
};

struct Symbol {
  const char* name;
  enum Shape shape;
};

static const struct Symbol kSymbols[] = {
    {"malloc", kTakesSize},
    {"free", kFrees},
    {"calloc", kTakesCountSize},
    {"realloc", kTakesPointerSize},
    {"reallocarray", kTakesPointerArray},
    {"posix_memalign", kPosixMemalign},
    {"aligned_alloc", kTakesAlignSize},
    {"memalign", kTakesAlignSize},
    {"valloc", kTakesSize},
    {"pvalloc", kTakesSize},
    {"malloc_usable_size", kUsableSize},
    {"malloc_trim", kTrim},
    {"malloc_stats", kStats},
    {"malloc_info", kInfo},
    {"mallinfo", kMallinfo},
    {"mallinfo2", kMallinfo2},
    {"mallopt", kMallopt},
    {"cfree", kFrees},
    {"free_sized", kFrees},
    {"free_aligned_sized", kFrees},
    {"__libc_malloc", kTakesSize},
    {"__libc_free", kFrees},
    {"__libc_calloc", kTakesCountSize},
    {"__libc_realloc", kTakesPointerSize},
    {"__libc_memalign", kTakesAlignSize},
    {"__libc_valloc", kTakesSize},
    {"__libc_pvalloc", kTakesSize},
    {"__libc_mallinfo", kMallinfo},
    {"__libc_mallinfo2", kMallinfo2},
    {"__libc_mallopt", kMallopt},
    {"__malloc", kTakesSize},
    {"__free", kFrees},
    {"__calloc", kTakesCountSize},
    {"__realloc", kTakesPointerSize},
    {"__posix_memalign", kPosixMemalign},
    {"__memalign", kTakesAlignSize},
    {"__valloc", kTakesSize},
    {"__pvalloc", kTakesSize},
    {"__malloc_usable_size", kUsableSize},
    {"__malloc_trim", kTrim},
    {"__malloc_stats", kStats},
    {"__malloc_info", kInfo},
    {"__mallinfo", kMallinfo},
    {"__mallinfo2", kMallinfo2},
    {"__mallopt", kMallopt},
    // operator new, new[] and their aligned and nothrow forms
    {"_Znwm", kTakesSize},
    {"_Znam", kTakesSize},
    {"_ZnwmRKSt9nothrow_t", kTakesSizeTag},
    {"_ZnamRKSt9nothrow_t", kTakesSizeTag},
    {"_ZnwmSt11align_val_t", kTakesSizeAlign},
    {"_ZnamSt11align_val_t", kTakesSizeAlign},
    {"_ZnwmSt11align_val_tRKSt9nothrow_t", kTakesSizeAlign},
    {"_ZnamSt11align_val_tRKSt9nothrow_t", kTakesSizeAlign},
    // operator delete, delete[] and their sized, aligned and nothrow forms
    {"_ZdlPv", kFrees},
    {"_ZdaPv", kFrees},
    {"_ZdlPvm", kFrees},
    {"_ZdaPvm", kFrees},
    {"_ZdlPvRKSt9nothrow_t", kFrees},
    {"_ZdaPvRKSt9nothrow_t", kFrees},
    {"_ZdlPvSt11align_val_t", kFrees},
    {"_ZdaPvSt11align_val_t", kFrees},
    {"_ZdlPvmSt11align_val_t", kFrees},
    {"_ZdaPvmSt11align_val_t", kFrees},
    {"_ZdlPvSt11align_val_tRKSt9nothrow_t", kFrees},
    {"_ZdaPvSt11align_val_tRKSt9nothrow_t", kFrees},
};
enum { kSymbolCount = sizeof(kSymbols) / sizeof(kSymbols[0]), kBytes = 100, kAlignment = 256 };

// Every call goes through one of these: a data pointer cannot be cast to a function in ISO C.
union Function {
  void* address;
  void* (*of_size)(size_t);
  void* (*of_size_tag)(size_t, const void*);
  void* (*of_two)(size_t, size_t);
  void* (*of_three)(size_t, size_t, const void*);
  void* (*of_pointer_size)(void*, size_t);
  void* (*of_pointer_array)(void*, size_t, size_t);
  void (*of_pointer)(void*, size_t, size_t);
  int (*posix_memalign)(void**, size_t, size_t);
  size_t (*usable)(void*);
  int (*trim)(size_t);
  void (*stats)(void);
  int (*info)(int, FILE*);
  struct mallinfo (*mallinfo)(void);
  struct mallinfo2 (*mallinfo2)(void);
  int (*mallopt)(int, int);
};

static void check_block(void* block, size_t bytes, size_t alignment) {
  CHECK(block != NULL);
  CHECK(is_aligned(block, alignment));
  memset(block, 0x5A, bytes);
  free(block);
}

static void check_zeroed(unsigned char* block) {
  CHECK(block != NULL);
  for (size_t i = 0; i < kBytes; ++i) CHECK(block[i] == 0);
  check_block(block, kBytes, 16);
}

static void call(enum Shape shape, union Function f) {
  static const char kNothrow = 0;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void* block = NULL;
  switch (shape) {
    case kTakesSize:
      check_block(f.of_size(kBytes), kBytes, 16);
      break;
    case kTakesSizeTag:
      check_block(f.of_size_tag(kBytes, &kNothrow), kBytes, 16);
      break;
    case kTakesSizeAlign:
      check_block(f.of_three(kBytes, kAlignment, &kNothrow), kBytes, kAlignment);
      break;
    case kTakesCountSize:
      check_zeroed(f.of_two(kBytes / 10, 10));
      break;
    case kTakesAlignSize:
      check_block(f.of_two(kAlignment, kBytes), kBytes, kAlignment);
      break;
    case kTakesPointerSize:
      check_block(f.of_pointer_size(NULL, kBytes), kBytes, 16);
      break;
    case kTakesPointerArray:
      check_block(f.of_pointer_array(NULL, 10, 10), kBytes, 16);
      break;
    case kFrees:
      f.of_pointer(NULL, 16, 16);
      break;
    case kPosixMemalign:
      CHECK(f.posix_memalign(&block, page, kBytes) == 0);
      check_block(block, kBytes, page);
      break;
    case kUsableSize:
      CHECK(f.usable(NULL) == 0);
      break;
    case kTrim:
      CHECK((f.trim(0) & ~1) == 0);
      break;
    case kStats:
      f.stats();
      break;
    case kInfo:
      CHECK(f.info(0, stderr) == 0);
      break;
    case kMallinfo:
      CHECK(f.mallinfo().uordblks < 64 << 20);
      break;
    case kMallinfo2:
      CHECK(f.mallinfo2().uordblks < 64 << 20);
      break;
    case kMallopt:
      CHECK(f.mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
      break;
  }
}

// What the first call started has to serve every other one.
static void go_on(void) {
  void* blocks[64];
  for (size_t i = 0; i < 64; ++i) {
    blocks[i] = keep(malloc(i * 1500));
    CHECK(blocks[i] != NULL);
    memset(blocks[i], (int)i, i * 1500);
  }
  for (size_t i = 0; i < 64; ++i) {
    blocks[i] = realloc(blocks[i], i * 1500 + 777);
    CHECK(blocks[i] != NULL);
    for (size_t k = 0; k < i * 1500; k += 100) CHECK(((unsigned char*)blocks[i])[k] == i);
  }
  for (size_t i = 0; i < 64; ++i) free(blocks[i]);
}

static void run(const char* name) {
  for (size_t i = 0; i < kSymbolCount; ++i) {
    if (strcmp(kSymbols[i].name, name) != 0) continue;
    union Function function;
    function.address = dlsym(RTLD_DEFAULT, name);
    if (function.address == NULL) _exit(kSkipped);
    call(kSymbols[i].shape, function);
    go_on();
    return;
  }
  say("no such symbol in the list\n");
  _exit(2);
}

static const char* at_exit;

static void early(int argc, char** argv, char** environment) {
  (void)environment;
  if (argc == 3 && strcmp(argv[2], "preinit") == 0) run(argv[1]);
}
__attribute__((section(".preinit_array"), used)) static void (*preinit)(int, char**,
                                                                        char**) = early;

__attribute__((destructor)) static void late(void) {
  if (at_exit != NULL) run(at_exit);
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (size_t i = 0; i < kSymbolCount; ++i) puts(kSymbols[i].name);
    return 0;
  }
  if (argc != 3) return 2;
  if (strcmp(argv[2], "preinit") == 0) {
    go_on();
  } else if (strcmp(argv[2], "main") == 0) {
    run(argv[1]);
  } else if (strcmp(argv[2], "exit") == 0) {
    at_exit = argv[1];
  } else if (strcmp(argv[2], "child") == 0) {
    const pid_t child = fork();
    if (child == 0) {
      run(argv[1]);
      return 0;
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
  } else {
    return 2;
  }
  return 0;
}

// The kernel says no: from some moment on, system calls that take memory (or give it back) fail
// with ENOMEM, by a seccomp filter. This is what vm.overcommit_memory=2, a full cgroup or too many
// mappings look like.
//   failing_calls <mmap|commit|mprotect|mremap|madvise|munmap|all>
// `commit`: address space can still be reserved (PROT_NONE), but not made writable.

#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "limits/memory_in_use.h"

enum { kAnyProtection = 0xFFFF };

struct Rule {
  unsigned call;
  unsigned protection;  // fails if the third argument has one of these bits, or for kAnyProtection
};

static struct sock_filter program[128];
static unsigned short length;

static void emit(unsigned short code, unsigned value, unsigned char yes, unsigned char no) {
  program[length++] = (struct sock_filter){code, yes, no, value};
}

static void add(struct Rule rule) {
  const unsigned failure = SECCOMP_RET_ERRNO | ENOMEM;
  emit(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
  if (rule.protection == kAnyProtection) {
    emit(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 1);
    emit(BPF_RET | BPF_K, failure, 0, 0);
  } else {
    emit(BPF_JMP | BPF_JEQ | BPF_K, rule.call, 0, 3);
    emit(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]), 0, 0);
    emit(BPF_JMP | BPF_JSET | BPF_K, rule.protection, 0, 1);
    emit(BPF_RET | BPF_K, failure, 0, 0);
  }
}

// No way back: the filter stays until the process ends.
static void install(void) {
  emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  struct sock_fprog filter = {length, program};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    say("no seccomp here\n");
    _exit(kSkipped);
  }
}

// A filter cannot do this one: brk tells of its failure by the old break, not by an error number.
static void refuse_brk(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_DATA, &limit) == 0);
  limit.rlim_cur = 0;
  CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
}

static int fails(const char* mode, const char* call) {
  return strcmp(mode, call) == 0 || strcmp(mode, "all") == 0;
}

// Uses what is there in every way: takes, resizes, gives back, trims.
static void use(void) {
  for (size_t round = 0; round < 3; ++round) {
    void* kept[200] = {NULL};
    for (size_t i = 0; i < 200; ++i) {
      const size_t bytes = i % 10 == 0 ? 200000 * i : i * 301 + 1;
      errno = 0;
      kept[i] = i % 2 == 0 ? malloc(bytes) : calloc(bytes, 1);
      CHECK(kept[i] != NULL || errno == ENOMEM);
      if (kept[i] == NULL) continue;
      ((char*)kept[i])[0] = 1;
      ((char*)kept[i])[bytes == 0 ? 0 : bytes - 1] = 1;
      errno = 0;
      void* resized = realloc(keep(kept[i]), bytes * (i % 3) + 50);
      if (resized != NULL) kept[i] = resized;
      CHECK(resized != NULL || errno == ENOMEM);
    }
    errno = 4711;
    for (size_t i = 0; i < 200; ++i) free(kept[i]);
    CHECK(errno == 4711);
    CHECK((malloc_trim(0) & ~1) == 0);
  }
}

int main(int argc, char** argv) {
  alarm(60);
  CHECK(argc == 2);
  const char* mode = argv[1];
  // A heap with something in it, of every kind.
  const size_t sizes[] = {40, 3000, 50000, 3 << 20};
  size_t count = 0;
  for (size_t s = 0; s < 4; ++s) {
    for (size_t i = 0; i < (s == 3 ? 10 : 500); ++i) {
      blocks[count] = malloc(sizes[s]);
      CHECK(blocks[count] != NULL);
      memset(blocks[count++], (int)s, sizes[s]);
    }
  }
  const int no_growth = fails(mode, "mmap") || strcmp(mode, "commit") == 0;
  if (no_growth) refuse_brk();
  if (fails(mode, "mmap")) add((struct Rule){SYS_mmap, kAnyProtection});
  if (strcmp(mode, "commit") == 0) {
    add((struct Rule){SYS_mmap, PROT_WRITE});
    add((struct Rule){SYS_mprotect, PROT_WRITE});
  }
  if (fails(mode, "mprotect")) add((struct Rule){SYS_mprotect, kAnyProtection});
  if (fails(mode, "mremap")) add((struct Rule){SYS_mremap, kAnyProtection});
  if (fails(mode, "madvise")) add((struct Rule){SYS_madvise, kAnyProtection});
  if (fails(mode, "munmap")) add((struct Rule){SYS_munmap, kAnyProtection});
  install();

  use();
  if (no_growth) {
    // Nothing can grow any more: memory has to end, and in time.
    void* chain = NULL;
    size_t taken = 0;
    for (;;) {
      errno = 0;
      void** link = malloc(4000);
      if (link == NULL) break;
      *link = chain;
      chain = link;
      taken += 4000;
      CHECK(taken < (size_t)256 << 20);
    }
    CHECK(errno == ENOMEM);
    while (chain != NULL) {
      void* next = *(void**)chain;
      free(chain);
      chain = next;
    }
  }
  size_t at = 0;
  for (size_t s = 0; s < 4; ++s) {
    for (size_t i = 0; i < (s == 3 ? 10 : 500); ++i, ++at) {
      for (size_t k = 0; k < sizes[s]; k += 1000) CHECK(blocks[at][k] == s);
      free(blocks[at]);
    }
  }
  use();
  return 0;
}

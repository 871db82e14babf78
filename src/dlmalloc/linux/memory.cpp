// The port for Linux, its memory: linked where the program brings no custom_mmap of its own.

#include <errno.h>
#include <sys/mman.h>

#include "mete/port.h"

namespace {

void* map(size_t length) {
  // MAP_FAILED is what the contract wants.
  return mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

}  // namespace

extern "C" void* custom_mmap(size_t length) { return map(length); }
extern "C" int custom_munmap(void* base, size_t length) { return munmap(base, length); }
extern "C" void* custom_direct_mmap(size_t length) { return map(length); }
extern "C" int custom_mmap_clears(void) { return 1; }
extern "C" void custom_no_memory(void) { errno = ENOMEM; }

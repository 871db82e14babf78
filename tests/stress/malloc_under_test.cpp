// Whatever malloc the process has as the allocator under test: run it with LD_PRELOAD.
//
// Compiled with -fno-builtin, so that the compiler keeps every call. All ways to ask for an
// alignment get their share.
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "allocator_under_test.hpp"

namespace stress::under_test {

const char* const kFlavour = "malloc";
const bool kIsProcessMalloc = true;

const char* provider() noexcept {
  Dl_info info{};
  return dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) != 0 ? info.dli_fname : "?";
}

void* allocate(std::size_t bytes) noexcept { return malloc(bytes); }

void* allocate_zeroed(std::size_t bytes) noexcept {
  return bytes % 3 == 0 ? calloc(bytes / 3, 3) : calloc(bytes, 1);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
  void* block = nullptr;
  switch (bytes % 3) {
    case 0:
      return aligned_alloc(alignment, bytes);
    case 1:
      return memalign(alignment, bytes);
    default:
      if (alignment < sizeof(void*)) alignment = sizeof(void*);
      errno = posix_memalign(&block, alignment, bytes);
      return errno == 0 ? block : nullptr;
  }
}

void deallocate(void* block) noexcept { free(block); }
void* reallocate(void* block, std::size_t bytes) noexcept { return realloc(block, bytes); }
std::size_t usable_size(void* block) noexcept { return malloc_usable_size(block); }

}  // namespace stress::under_test

// Frees a block of another copy of mete: `copies <library> <bytes>` ends with a line that says
// whose it is. By mete::dealloc, which is this program's own copy.

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "mete/global.hpp"

int main(int, char** argv) {
  const std::size_t size = std::strtoul(argv[2], nullptr, 10);
  const auto layout = mete::Layout::from_size_align_unchecked(size, 8);
  mete::dealloc(mete::alloc(layout), layout);
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  void* const symbol = dlsym(library, "copy_allocate");
  void* const block = reinterpret_cast<void* (*)(std::size_t)>(symbol)(size);
  std::fprintf(stderr, "freeing\n");
  mete::dealloc(block, layout);
}

// Loads a guest, frees what it allocated and lets it free what malloc gave: `guest_host <library>`.
// Under any malloc, mete's too.

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace {

template <class Function>
Function* find(void* library, const char* name) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) {
    std::printf("%s: %s\n", name, dlerror());
    std::exit(1);
  }
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

int main(int, char** argv) {
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  for (const char* hidden : {"mete_allocate", "_ZN4mete5allocENS_6LayoutE"}) {
    if (dlsym(library, hidden) != nullptr) {
      std::printf("%s is seen from outside\n", hidden);
      return 1;
    }
  }
  for (int round = 0; round < 100; ++round) {
    void* blocks[8];
    const int count = find<int(void**, int)>(library, "guest_blocks")(blocks, 8);
    if (count != 7 || *static_cast<int*>(blocks[0]) != 7) return 1;
    if (reinterpret_cast<std::uintptr_t>(blocks[4]) % 64 != 0) return 1;
    for (int i = 0; i < count; ++i) std::free(blocks[i]);
    find<void(void*)>(library, "guest_free")(std::malloc(100));
  }
  std::printf("the guest uses our malloc\n");
}

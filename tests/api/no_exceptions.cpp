// The whole interface in a program without exceptions and run-time type information: what would
// throw calls the hook and aborts instead.
//   no_exceptions adapters | no_memory | impossible | hook

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory_resource>
#include <mutex>
#include <vector>

#include "mete/alloc_error.hpp"
#include "mete/allocator_ref.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/fallback.hpp"
#include "mete/locked.hpp"
#include "mete/memory_resource.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "to be compiled with -fno-exceptions -fno-rtti"
#endif

namespace {

using mete::StdAllocator;

bool use_the_adapters() {
  std::byte buffer[500];
  std::byte other_buffer[500];
  mete::Locked<mete::Arena<mete::System>, std::mutex> arena(buffer, mete::System());
  mete::Fallback fallback{mete::Arena{other_buffer}, mete::System()};
  mete::Resource<mete::System> resource;
  mete::ResourceRef resource_ref(&resource);
  std::vector<int, StdAllocator<int, mete::System>> a;
  std::vector<int, StdAllocator<int, mete::ByRef<decltype(arena)>>> b(arena);
  std::vector<int, StdAllocator<int, mete::AllocatorRef>> c(fallback);
  std::vector<int, StdAllocator<int, mete::ResourceRef>> d(resource_ref);
  std::pmr::map<int, int> e(&resource);
  for (int i = 0; i < 1000; ++i) {
    a.push_back(i);
    b.push_back(i);
    c.push_back(i);
    d.push_back(i);
    e[i] = i;
  }
  const bool equal = resource == *std::pmr::new_delete_resource();
  return a.back() == 999 && b.back() == 999 && c.back() == 999 && d.back() == 999 &&
         e.size() == 1000 && !equal;
}

}  // namespace

int main(int argc, char** argv) {
  const char* const way = argc > 1 ? argv[1] : "adapters";
  if (std::strcmp(way, "adapters") == 0) {
    std::puts(use_the_adapters() ? "all adapters work" : "not all adapters work");
    return 0;
  }
  std::signal(SIGABRT, [](int) {
    std::fputs("aborted\n", stderr);
    std::_Exit(0);
  });
  if (std::strcmp(way, "hook") == 0) {
    mete::set_alloc_error_hook([](mete::Layout layout) {
      std::fprintf(stderr, "the hook was told of %zu bytes\n", layout.size());
    });
  }
  std::byte buffer[16];
  mete::Arena arena{buffer};
  StdAllocator<int, mete::ByRef<decltype(arena)>> ints(arena);
  const std::size_t count = std::strcmp(way, "impossible") == 0 ? SIZE_MAX : 10;
  return ints.allocate(count) != nullptr;
}

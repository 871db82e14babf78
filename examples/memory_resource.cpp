// std::pmr on mete, and mete on std::pmr.
//
// Prints:
// hello from an arena
// 3 numbers from a resource of the library

#include <cstdio>
#include <memory_resource>
#include <string>
#include <vector>

#include "mete/arena.hpp"
#include "mete/memory_resource.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"

int main() {
  // Any Allocator is a memory resource ...
  mete::Resource<mete::Arena<mete::System>> arena;
  const std::pmr::string text("hello from an arena", &arena);
  std::puts(text.c_str());

  // ... and any memory resource is an Allocator.
  std::pmr::monotonic_buffer_resource monotonic;
  const std::vector<int, mete::StdAllocator<int, mete::ResourceRef>> numbers({1, 2, 3}, &monotonic);
  std::printf("%zu numbers from a resource of the library\n", numbers.size());
}

// A mistake that a space notices and nobody handles.

#include <cstddef>

#include "mete/space.hpp"
#include "platform/program.hpp"

void test() {
  alignas(8) static constinit std::byte memory[1024]{};
  mete::Space space(memory);
  void* const block = space.allocate(100, 1);
  space.deallocate(block);
  space.deallocate(block);
}

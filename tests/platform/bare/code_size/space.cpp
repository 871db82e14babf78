// A space with one region, and the four calls that a program makes.

#include <cstddef>

#include "mete/space.hpp"
#include "platform/program.hpp"

namespace {

alignas(8) constinit std::byte memory[1024]{};
constinit mete::Space space;

}  // namespace

void test() {
  METE_EXPECT(space.add_region(memory, sizeof(memory)));
  void* const block = space.allocate(100, 32);
  METE_EXPECT(block != nullptr);
  space.deallocate(space.reallocate(block, 200, 32));
}

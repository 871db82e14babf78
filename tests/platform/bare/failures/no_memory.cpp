// A container's request that cannot be met, where there are neither exceptions nor a line to print.

#include "mete/by_ref.hpp"
#include "mete/space.hpp"
#include "mete/std_allocator.hpp"
#include "platform/program.hpp"

void test() {
  mete::Space space;
  mete::StdAllocator<int, mete::ByRef<mete::Space>> ints(space);
  METE_EXPECT(ints.allocate(5) == nullptr);
}

// An expectation that does not hold.

#include "platform/program.hpp"

void test() {
  const volatile int one = 1;
  METE_EXPECT(one == 2);
}

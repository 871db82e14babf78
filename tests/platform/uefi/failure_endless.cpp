// No end.

#include "platform/program.hpp"

void test() {
  for (const volatile int one = 1; one == 1;) continue;
}

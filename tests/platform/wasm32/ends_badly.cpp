// A program that does not pass, in one of the ways there are; run_test.mjs expects to hear of it.

#include "platform/program.hpp"

void test() {
#if defined(METE_TRAPS)
  __builtin_trap();
#elif defined(METE_EXPECTS_WRONG)
  METE_EXPECT(1 + 1 == 3);
#elif defined(METE_EXITS_EARLY)
  mete::platform::finish(0);
#endif
}

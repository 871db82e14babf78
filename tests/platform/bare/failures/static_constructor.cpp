// An object that would have to be constructed before test(): the program does not link.

#include "platform/program.hpp"

namespace {

int three() {
  volatile int value = 3;
  return value;
}

const int made_at_the_start = three();

}  // namespace

void test() { METE_EXPECT(made_at_the_start == 3); }

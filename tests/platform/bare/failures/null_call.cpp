// A call of a function that there is not.

#include "platform/program.hpp"

void test() {
  void (*const volatile none)() = nullptr;
  none();
}

// A call of an address where the processor finds no instruction it may go to.

#include "platform/program.hpp"

void test() {
  void (*const volatile nowhere)() = reinterpret_cast<void (*)()>(~0ull >> 8);
  nowhere();
}

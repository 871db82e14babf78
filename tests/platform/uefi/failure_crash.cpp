// An instruction that there is not.

#include "platform/program.hpp"

void test() { __builtin_trap(); }

// What a program has without mete: the start of the platform, its port, and memcpy, memmove and
// memset, which the other programs have as well.

#include "platform/program.hpp"

void test() {}

// An end without a word, though with status 0.

#include "platform/program.hpp"

void test() { mete::platform::finish(0); }

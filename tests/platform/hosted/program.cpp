// Where there is a C library.

#include "platform/program.hpp"

#include <cstdio>
#include <cstdlib>

namespace mete::platform {

void say(const char* text) noexcept { std::fputs(text, stdout); }
void finish(int status) noexcept { std::exit(status); }

}  // namespace mete::platform

int main() { test(); }

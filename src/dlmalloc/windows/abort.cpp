// The port for Windows, its end: a line on stderr, then a fast failure, which goes to whoever
// collects crashes and runs nothing more of the program. abort() of the C runtime would add lines.

#include <stdio.h>
#include <windows.h>

#include "mete/port.h"

extern "C" void custom_abort(const char* message, const char* source_file, uint32_t line) {
  fprintf(stderr, "mete: %s (%s:%u)\n", message, source_file, static_cast<unsigned>(line));
  fflush(stderr);
  RaiseFailFastException(nullptr, nullptr, FAIL_FAST_GENERATE_EXCEPTION_ADDRESS);
}

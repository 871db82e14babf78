// The port for Linux, its end.

#include <stdio.h>
#include <stdlib.h>

#include "mete/port.h"

extern "C" void custom_abort(const char* message, const char* source_file, uint32_t line) {
  fprintf(stderr, "mete: %s (%s:%u)\n", message, source_file, static_cast<unsigned>(line));
  abort();
}

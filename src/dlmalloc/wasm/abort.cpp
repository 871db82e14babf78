// The port for WebAssembly, its end: a trap, which whoever called the module sees.

#include "mete/port.h"

extern "C" void custom_abort(const char*, const char*, uint32_t) { __builtin_trap(); }

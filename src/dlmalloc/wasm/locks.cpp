// The port for WebAssembly, its locks: empty, for modules whose memory is not shared between
// threads. One that has threads brings these four itself.

#include "mete/port.h"

extern "C" void init_lock(void**) {}
extern "C" void final_lock(void**) {}
extern "C" void acquire_lock(void**) {}
extern "C" void release_lock(void**) {}

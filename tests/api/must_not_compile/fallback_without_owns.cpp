// malloc does not know its blocks from those of others.
// error: the first allocator of a Fallback has `bool owns(const void*) noexcept`

#include "mete/arena.hpp"
#include "mete/fallback.hpp"
#include "mete/system.hpp"

#ifdef COMPILES
mete::Fallback<mete::Arena<mete::NoMemory>, mete::System> fallback;
#else
mete::Fallback<mete::System, mete::Arena<mete::NoMemory>> fallback;
#endif

// A second selection, for a program that has one.

#include "mete/global.hpp"
#include "mete/system.hpp"

namespace {
mete::System second;
}

METE_GLOBAL_ALLOCATOR(second);

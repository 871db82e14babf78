// The allocators of mete that take part: Space itself, and the spaces of dlmalloc.h.
#pragma once

#include "peer.h"

namespace space_bench {

extern const space_peer& own_space;
extern const space_peer& own_mspace;

}  // namespace space_bench

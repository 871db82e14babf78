// Containers copy their allocator, and an arena cannot be copied.
// error: lend one that cannot be copied as mete::ByRef<A>

#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"

using Arena = mete::Arena<mete::System>;
#ifdef COMPILES
mete::StdAllocator<int, mete::ByRef<Arena>> allocator(Arena& arena) { return arena; }
#else
mete::StdAllocator<int, Arena> allocator() { return {}; }
#endif

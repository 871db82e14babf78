// A reference to an allocator that is gone at the end of the line.
// error (gcc): cannot bind non-const lvalue reference
// error (clang): no matching

#include "mete/allocator_ref.hpp"
#include "mete/system.hpp"

mete::System system_allocator;
#ifdef COMPILES
mete::AllocatorRef allocator(system_allocator);
#else
mete::AllocatorRef allocator{mete::System()};
#endif

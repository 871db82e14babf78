// There is no Layout by default.
// error: no matching

#include "mete/layout.hpp"

#ifdef COMPILES
mete::Layout layout = mete::Layout::of<int>();
#else
mete::Layout layout;
#endif

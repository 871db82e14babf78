// The only ways to a Layout are the functions that check.
// error: private

#include "mete/layout.hpp"

#ifdef COMPILES
const mete::Layout layout = mete::Layout::of<int>();
#else
const mete::Layout layout{8, 3};
#endif

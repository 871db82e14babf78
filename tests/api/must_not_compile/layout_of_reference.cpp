// A reference is no object.
// error: only objects have a layout

#include "mete/layout.hpp"

#ifdef COMPILES
constexpr auto kLayout = mete::Layout::of<int*>();
#else
constexpr auto kLayout = mete::Layout::of<int&>();
#endif

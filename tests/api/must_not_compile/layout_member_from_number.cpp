// The members of a Layout are public, but no number becomes one.
// error (gcc): cannot convert
// error (clang): incompatible type

#include "mete/layout.hpp"

#ifdef COMPILES
void change(mete::Layout& layout) { layout = mete::Layout::of<int>(); }
#else
void change(mete::Layout& layout) { layout.size_ = 3; }
#endif

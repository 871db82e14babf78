// The types of the members cannot be named outside.
// error: private

#include "mete/layout.hpp"

#ifdef COMPILES
void change(mete::Layout& layout) { layout = mete::Layout::of<int>(); }
#else
void change(mete::Layout& layout) { layout.align_mask_ = mete::Layout::Mask(2); }
#endif

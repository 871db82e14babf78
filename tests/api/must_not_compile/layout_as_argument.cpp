// A Layout that is a template argument has been checked, too.
// error: precondition_failed

#include "mete/layout.hpp"

template <mete::Layout L>
struct Pool {};

#ifdef COMPILES
using Blocks = Pool<mete::Layout::from_size_align_unchecked(PTRDIFF_MAX, 1)>;
#else
using Blocks = Pool<mete::Layout::from_size_align_unchecked(PTRDIFF_MAX, 2)>;
#endif

// An alignment that is no power of two is found by the compiler, where it is a constant.
// error: precondition_failed

#include "mete/layout.hpp"

#ifdef COMPILES
constexpr std::size_t kAlign = 4;
#else
constexpr std::size_t kAlign = 3;
#endif
constexpr mete::Layout kLayout = mete::Layout::from_size_align_unchecked(8, kAlign);

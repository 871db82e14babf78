// The fixed texts of the violations. Tests and documentation quote them; they do not change.

#include "base/check.hpp"

namespace mete::base {

const char* text(Violation violation) noexcept {
  switch (violation) {
    case Violation::kFreeForeign:
      return "free of a pointer that mete did not allocate";
    case Violation::kFreeInterior:
      return "free of a pointer into the middle of a block";
    case Violation::kDoubleFree:
      return "double free";
    case Violation::kReallocForeign:
      return "realloc of a pointer that mete did not allocate";
    case Violation::kReallocInterior:
      return "realloc of a pointer into the middle of a block";
    case Violation::kReallocFreed:
      return "realloc of a freed block";
    case Violation::kUsableForeign:
      return "malloc_usable_size of a pointer that mete did not allocate";
    case Violation::kUsableInterior:
      return "malloc_usable_size of a pointer into the middle of a block";
    case Violation::kUsableFreed:
      return "malloc_usable_size of a freed block";
    case Violation::kCorruptedBlock:
      return "a freed block was written to";
  }
  return "unknown violation";
}

}  // namespace mete::base

// The lock of a space for the length of a call.

#pragma once

#include "dlmalloc/mspace.hpp"
#include "mete/port.h"

// Whether spaces can be locked at all: not in a build for a single thread.
#ifndef METE_DLMALLOC_LOCKS
#define METE_DLMALLOC_LOCKS 1
#endif

namespace mete::dlmalloc {

inline constexpr bool kHasLocks = METE_DLMALLOC_LOCKS != 0;

class Mspace::Guard {
 public:
  explicit Guard(Mspace& space) noexcept : space_(space) {
    if (kHasLocks && !space_.unlocked_) acquire_lock(&space_.lock_);
  }
  ~Guard() {
    if (kHasLocks && !space_.unlocked_) release_lock(&space_.lock_);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Mspace& space_;
};

}  // namespace mete::dlmalloc

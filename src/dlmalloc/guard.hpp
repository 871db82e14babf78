// The lock of a space for the length of a call.

#pragma once

#include "dlmalloc/mspace.hpp"
#include "mete/port.h"

namespace mete::dlmalloc {

class Mspace::Guard {
 public:
  explicit Guard(Mspace& space) noexcept : space_(space) {
    if (!space_.unlocked_) acquire_lock(&space_.lock_);
  }
  ~Guard() {
    if (!space_.unlocked_) release_lock(&space_.lock_);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Mspace& space_;
};

}  // namespace mete::dlmalloc

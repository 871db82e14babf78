// The start of the engine, made by whichever allocation comes first.

#pragma once

#include <atomic>

#include "base/compiler.hpp"

namespace mete::heap {

extern constinit std::atomic<bool> started;

bool start_slow() noexcept;

// Returns: false when there is no memory for the tables; the next call tries again. Any thread.
METE_INLINE bool start() noexcept {
  // acquire: pairs with the release in start_slow().
  return METE_LIKELY(started.load(std::memory_order_acquire)) || start_slow();
}

}  // namespace mete::heap

// Memory for the allocator's own structures: zeroed, never moved, away from everything that users
// can overrun.
//
// A bump allocator over ranges of the port. What is no longer needed is kept by its user in a list
// of its own.

#pragma once

#include <cstddef>

namespace mete::pages {

// `bytes` of zeroed memory aligned to 64 bytes (to 32 if it has no more), or null when the system
// has none. Any thread.
void* allocate_metadata(std::size_t bytes) noexcept;

// Address space of the allocator's own structures: what was reserved here, and what others count.
std::size_t metadata_bytes() noexcept;

// For tables that get their ranges from the port themselves: counts `bytes` more as metadata. Any
// thread.
void count_metadata(std::size_t bytes) noexcept;

// For the child of a fork: the lock is free again.
void reset_metadata_lock_in_child() noexcept;
void lock_metadata_for_fork() noexcept;
void unlock_metadata_after_fork() noexcept;

}  // namespace mete::pages

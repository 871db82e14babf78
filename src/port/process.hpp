// The process around us: its environment, its stderr, a file shared with a supervisor.

#pragma once

#include <cstddef>
#include <cstdint>

namespace mete::port {

// Value of an environment variable, null if it is not set or the process runs with raised
// privileges.
const char* environment(const char* name) noexcept;

// Writes to standard error, all of it unless the system refuses. Keeps errno.
void write_error(const char* text, std::size_t size) noexcept;

std::uint64_t process_id() noexcept;

// Maps an existing regular file of exactly `bytes` for reading and writing, shared. Null if that
// cannot be done.
void* map_shared_file(const char* path, std::size_t bytes) noexcept;

}  // namespace mete::port

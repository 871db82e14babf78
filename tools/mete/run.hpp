// `mete run`: a program with libmete.so in front of its allocator.
#pragma once

#include <cstdint>
#include <optional>

namespace mete::cli {

struct RunOptions {
  bool stats = false;
  bool huge_pages = false;
  std::optional<std::int64_t> limit_mib;
};

// `command` is the program's name and its arguments, null-terminated.
// Effects: without stats this process becomes the program; with stats it outlives it and ends as it
// ended. Fails: throws CannotRun, with nothing started.
[[noreturn]] void run(const RunOptions& options, char** command);

}  // namespace mete::cli

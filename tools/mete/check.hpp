// Whether a program would really run on mete: nothing is started that would quietly keep its own
// allocator.
#pragma once

#include <string>

namespace mete::cli {

// How to start a program: execve `path`, or /bin/sh with `path` as its first argument.
struct Launch {
  std::string path;
  bool through_shell = false;
};

// Follows the file at `path` through `#!` lines to the ELF program that the kernel will start, and
// checks that. `name` is what the user called it; `library` the path of libmete.so, whose platform
// is the one that fits. Fails: throws CannotRun with kCannotRun and one line that says which file
// stands in the way and why.
Launch check_program(const std::string& name, const std::string& path, const std::string& library);

}  // namespace mete::cli

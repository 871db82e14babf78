// Which file a program's name means: the rules of execvp.
#pragma once

#include <string>

namespace mete::cli {

// Returns the path of an executable regular file: `name` itself if it has a slash, else the first
// fit in PATH. Fails: throws CannotRun, kNotFound if there is no such file, kCannotRun if there is
// one that may not be executed.
std::string find_program(const std::string& name);

// The same search, with an empty answer for any failure.
std::string find_program_or_nothing(const std::string& name);

}  // namespace mete::cli

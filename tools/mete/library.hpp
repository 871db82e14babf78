// Where libmete.so is, and how LD_PRELOAD can name it.
#pragma once

#include <string>

namespace mete::cli {

// The real path of the library that belongs to this program, in the build tree or installed.
// Fails: throws CannotRun.
std::string find_library();

// A path to `library` that is fit for LD_PRELOAD, which splits at blanks and colons and expands
// '$': the path itself, or a symbolic link to it in a folder that only this user can write. The
// link stays, for it is needed as long as children of the program start; there is one for each
// place of the library. Fails: throws CannotRun.
std::string preload_name(const std::string& library);

}  // namespace mete::cli

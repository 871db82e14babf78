// Whether a program would start in the loader's secure mode (AT_SECURE), in which it ignores
// LD_PRELOAD.
#pragma once

#include <string>

namespace mete::cli {

// The reason, as the end of a sentence ("is setuid"), or an empty string.
// Requires: `path` is a file that can be executed directly (the bits of a script count for
// nothing).
std::string why_secure(const std::string& path);

}  // namespace mete::cli

// The table of `mete options`.
#pragma once

#include <string>

namespace mete::cli {

// One line for each of mete::kOptions under a line of headings, columns aligned.
std::string options_table();

}  // namespace mete::cli

// Why a program does not run: the one line for stderr and the exit code that shells use for it.
#pragma once

#include <stdexcept>
#include <string>

namespace mete::cli {

inline constexpr int kUsageError = 2;
inline constexpr int kCannotRun = 126;
inline constexpr int kNotFound = 127;

// main() prints "mete: " and what(), and returns status().
class CannotRun : public std::runtime_error {
 public:
  CannotRun(int status, const std::string& line) : std::runtime_error(line), status_(status) {}

  int status() const noexcept { return status_; }

 private:
  int status_;
};

}  // namespace mete::cli

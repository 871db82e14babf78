// Why a program does not run: the one line for stderr and the exit code that shells use for it.
#pragma once

#include <cerrno>
#include <cstring>
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

// For a system call on or for `subject` that has just failed.
inline CannotRun system_failure(const std::string& subject, int error = errno) {
  return {kCannotRun, subject + ": " + std::strerror(error)};
}

}  // namespace mete::cli

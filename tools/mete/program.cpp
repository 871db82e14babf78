// The search skips what cannot be executed and goes on, as execvp does; only when nothing fits does
// it say what was wrong with the candidate it saw first.
#include "program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "cannot_run.hpp"

namespace mete::cli {
namespace {

// What PATH means where it is not set; glibc's execvp has the same.
constexpr const char* kDefaultPath = "/bin:/usr/bin";

// Nothing if `path` can be executed; otherwise why not. `shown` is the name the user knows it by.
std::optional<CannotRun> why_not(const std::string& shown, const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return CannotRun(kNotFound, shown + ": not found");
    return system_failure(shown);
  }
  if (S_ISDIR(info.st_mode)) return CannotRun(kCannotRun, shown + ": is a directory");
  if (!S_ISREG(info.st_mode)) return CannotRun(kCannotRun, shown + ": is not a program");
  if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) {
    return CannotRun(kCannotRun, shown + ": is not executable");
  }
  return std::nullopt;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (const auto failure = why_not(name, name)) throw *failure;
    return name;
  }
  std::optional<CannotRun> refused;
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : kDefaultPath;
  while (!name.empty()) {
    const std::size_t end = folders.find(':');
    const std::string_view folder = folders.substr(0, end);
    std::string path(folder.empty() ? "." : folder);  // an empty entry: the current directory
    path += '/';
    path += name;
    const auto failure = why_not(name, path);
    if (!failure) return path;
    if (failure->status() != kNotFound && !refused) refused = failure;
    if (end == std::string_view::npos) break;
    folders.remove_prefix(end + 1);
  }
  throw refused.value_or(CannotRun(kNotFound, name + ": not found"));
}

std::string find_program_or_nothing(const std::string& name) {
  try {
    return find_program(name);
  } catch (const CannotRun&) {
    return {};
  }
}

}  // namespace mete::cli

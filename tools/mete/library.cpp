// The library is looked for beside the program (…/bin/mete -> …/lib/libmete.so), never in the
// current directory or in the loader's search path: a program and a library of different versions
// must not meet.
#include "library.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "cannot_run.hpp"

namespace mete::cli {
namespace {

constexpr const char* kFileName = "libmete.so";
constexpr std::string_view kUnfit = " :$";

std::optional<std::string> real_path(const std::string& path) {
  char buffer[PATH_MAX];
  if (::realpath(path.c_str(), buffer) == nullptr) return std::nullopt;
  return std::string(buffer);
}

bool fit(std::string_view path) { return path.find_first_of(kUnfit) == std::string_view::npos; }

// A folder of this user alone under `parent`, or nothing if there can be none.
std::optional<std::string> private_folder(const std::string& parent) {
  if (!parent.starts_with('/') || !fit(parent)) return std::nullopt;
  const std::string path = parent + "/mete-" + std::to_string(::geteuid());
  struct stat info;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return std::nullopt;
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return std::nullopt;
  if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) return std::nullopt;
  return path;
}

bool links_to(const std::string& link, const std::string& target) {
  char buffer[PATH_MAX];
  const ssize_t size = ::readlink(link.c_str(), buffer, sizeof(buffer));
  return size >= 0 && std::string_view(buffer, static_cast<std::size_t>(size)) == target;
}

// Makes `link` point to `target`, whatever it was; another mete may do the same at the same time.
bool make_link(const std::string& link, const std::string& target) {
  if (links_to(link, target)) return true;
  const std::string fresh = link + "." + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  if (::symlink(target.c_str(), fresh.c_str()) != 0) return false;
  if (::rename(fresh.c_str(), link.c_str()) == 0) return true;
  ::unlink(fresh.c_str());
  return false;
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string find_library() {
  const auto self = real_path("/proc/self/exe");
  if (!self) throw system_failure("cannot find my own place: /proc/self/exe");
  const std::string root = self->substr(0, self->rfind('/')) + "/../";
  for (const char* folder : {"lib", METE_LIBRARY_FOLDER, "lib64"}) {
    const auto path = real_path(root + folder + "/" + kFileName);
    if (!path) continue;
    if (::access(path->c_str(), R_OK) == 0) return *path;
    throw system_failure(*path);
  }
  throw CannotRun(kCannotRun, std::string(kFileName) + ": not found in " +
                                  real_path(root).value_or(root) + "/lib, where it belongs");
}

std::string preload_name(const std::string& library) {
  if (fit(library)) return library;
  char name[64];
  std::snprintf(name, sizeof(name), "/libmete-%016llx.so",
                static_cast<unsigned long long>(fnv1a(library)));
  const char* const parents[] = {std::getenv("XDG_RUNTIME_DIR"), std::getenv("TMPDIR"), "/tmp",
                                 "/dev/shm"};
  for (const char* parent : parents) {
    if (parent == nullptr) continue;
    const auto folder = private_folder(parent);
    if (folder && make_link(*folder + name, library)) return *folder + name;
  }
  throw CannotRun(kCannotRun, library +
                                  ": LD_PRELOAD cannot hold a path with a blank, ':' or '$', "
                                  "and no private folder could be made for a link to it");
}

}  // namespace mete::cli

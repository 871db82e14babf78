// The kernel's rule (cap_bprm_creds_from_file): secure if, after the exec, the effective user or
// group differs from the real one, or an ordinary user has gained capabilities from the file. So a
// setuid-root program started by root is not secure, and any program is if this one itself was
// started setuid.
#include "secure_exec.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace mete::cli {

std::string why_secure(const std::string& path) {
  struct stat info;
  struct statvfs mount;
  if (::stat(path.c_str(), &info) != 0 || ::statvfs(path.c_str(), &mount) != 0) return {};
  const bool bits_count =
      (mount.f_flag & ST_NOSUID) == 0 && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
  uid_t user = ::geteuid();
  gid_t group = ::getegid();
  if (bits_count && (info.st_mode & S_ISUID) != 0) user = info.st_uid;
  // Without the group's execute bit S_ISGID means mandatory locking, not setgid.
  constexpr mode_t kSetgid = S_ISGID | S_IXGRP;
  if (bits_count && (info.st_mode & kSetgid) == kSetgid) group = info.st_gid;
  if (user != ::getuid()) return "is setuid";
  if (group != ::getgid()) return "is setgid";
  // No-new-privileges takes the capabilities away but leaves the mode, so only the mount decides
  // here.
  if (user != 0 && (mount.f_flag & ST_NOSUID) == 0 &&
      ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
    return "has file capabilities";
  }
  return {};
}

}  // namespace mete::cli

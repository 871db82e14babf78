// Owns the memory file. It is sealed to its size, and the program gets it only by name.
#include "stats_page.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "cannot_run.hpp"

namespace mete::cli {
namespace {

[[noreturn]] void fail() { throw system_failure("cannot make the page for statistics"); }

int make_memory_file() {
  constexpr const char* kName = "mete-stats";
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  constexpr unsigned kNoExec = 0x8;  // MFD_NOEXEC_SEAL, since Linux 6.3; some systems insist on it
  Descriptor file(::memfd_create(kName, kFlags | kNoExec));
  if (!file) file = Descriptor(::memfd_create(kName, kFlags));
  // Above the standard streams: one of them may be closed, and has to stay so.
  return ::fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

}  // namespace

StatsPage::StatsPage() : file_(make_memory_file()) {
  if (!file_ || ::ftruncate(file_.get(), static_cast<off_t>(kStatsFileBytes)) != 0) fail();
  // The size is fixed: a program that truncates the file would kill the reader of the mapping.
  if (::fcntl(file_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) fail();
  void* const page =
      ::mmap(nullptr, kStatsFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (page == MAP_FAILED) fail();
  stats_ = new (page) ProcessStats{};
  stats_->magic = kStatsMagic;
  stats_->version = kStatsVersion;
}

StatsPage::~StatsPage() {
  if (stats_ != nullptr) ::munmap(stats_, kStatsFileBytes);
}

std::string StatsPage::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file_.get());
}

void StatsPage::admit(pid_t pid) noexcept {
  publish_stat(stats_->pid, static_cast<std::uint32_t>(pid));
}

}  // namespace mete::cli

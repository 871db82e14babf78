// The page of <mete/process_stats.hpp>, on the side of `mete run --stats`.
//
// It is a memory file of this process, named /proc/<pid>/fd/<n>: the program cannot close it by
// accident, and nothing is left behind however either of the two ends.
#pragma once

#include <sys/types.h>

#include <mete/process_stats.hpp>
#include <string>

#include "descriptor.hpp"

namespace mete::cli {

class StatsPage {
 public:
  // Fails: throws CannotRun.
  StatsPage();
  StatsPage(const StatsPage&) = delete;
  StatsPage& operator=(const StatsPage&) = delete;
  ~StatsPage();

  // What the library opens; good while this process lives.
  std::string path() const;
  int descriptor() const noexcept { return file_.get(); }

  // The process that may report. Safe after fork.
  void admit(pid_t pid) noexcept;

  ProcessStats& stats() noexcept { return *stats_; }

 private:
  Descriptor file_;
  ProcessStats* stats_ = nullptr;
};

}  // namespace mete::cli

// Everything is found and checked before anything changes; then the environment is set and the
// program started.
#include "run.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <mete/options.hpp>
#include <mete/process_stats.hpp>
#include <string>
#include <vector>

#include "cannot_run.hpp"
#include "check.hpp"
#include "library.hpp"
#include "program.hpp"
#include "stats_page.hpp"
#include "stats_report.hpp"
#include "supervise.hpp"

namespace mete::cli {
namespace {

constexpr const char* kPreload = "LD_PRELOAD";
constexpr const char* kShell = "/bin/sh";

void set_variable(const char* name, const std::string& value) {
  if (::setenv(name, value.c_str(), 1) != 0) throw system_failure(name);
}

// In front of what is there already: the first library that defines malloc wins.
void set_preload(const std::string& name) {
  const char* const before = std::getenv(kPreload);
  const std::string others = before != nullptr ? before : "";
  if (others == name || others.starts_with(name + ":")) return;  // mete run mete run …
  set_variable(kPreload, others.empty() ? name : name + ":" + others);
}

void set_options(const RunOptions& options) {
  if (options.huge_pages) set_variable(option(OptionId::kHugePages).name, "1");
  if (options.limit_mib) {
    set_variable(option(OptionId::kLimitMib).name, std::to_string(*options.limit_mib));
  }
}

struct Command {
  std::string path;
  std::vector<char*> arguments;  // null-terminated
};

Command make_command(const Launch& launch, char** words) {
  Command command{launch.path, {}};
  if (launch.through_shell) {
    // As execvp: sh, the file, and the arguments without the name.
    command.path = kShell;
    command.arguments = {const_cast<char*>(kShell), const_cast<char*>(launch.path.c_str())};
    ++words;
  }
  for (; *words != nullptr; ++words) command.arguments.push_back(*words);
  command.arguments.push_back(nullptr);
  return command;
}

[[noreturn]] void run_with_stats(const Command& command) {
  StatsPage page;
  set_variable(kStatsFileVariable, page.path());
  const Outcome outcome = supervise(command.path, command.arguments.data(), page);
  const std::string report = stats_report(outcome, page.stats());
  // One write, so that lines of others do not come between; nobody is left to tell if it fails.
  if (::write(STDERR_FILENO, report.data(), report.size()) < 0) {
  }
  end_like(outcome.wait_status);
}

}  // namespace

void run(const RunOptions& options, char** words) {
  const std::string name = words[0];
  const std::string path = find_program(name);
  const std::string library = find_library();
  const Launch launch = check_program(name, path, library);
  set_preload(preload_name(library));
  set_options(options);
  const Command command = make_command(launch, words);
  if (options.stats) run_with_stats(command);
  ::execv(command.path.c_str(), command.arguments.data());
  throw system_failure(name);
}

}  // namespace mete::cli

// The command line of mete. Everything after the name of the program to run belongs to that
// program: it is cut off before the parser sees the rest.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <mete/options.hpp>
#include <string>
#include <vector>

#include "cannot_run.hpp"
#include "options_table.hpp"
#include "run.hpp"
#include "sizes.hpp"

namespace {

using namespace mete::cli;

// Says PROGRAM ARGS… in the usage line, which the parser does not know of.
class Formatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = CLI::Formatter::make_usage(app, name);
    if (app->get_name() == "run") usage.insert(usage.size() - 1, " [--] PROGRAM [ARGS...]");
    return usage;
  }
};

struct CommandLine {
  CommandLine();

  CLI::App app{"Runs programs on the mete memory allocator.", "mete"};
  CLI::App* run = app.add_subcommand("run", "Run a program with mete as its memory allocator");
  CLI::App* options =
      app.add_subcommand("options", "List the run-time options (METE_... variables)");
  RunOptions run_options;
  std::string limit;
};

CommandLine::CommandLine() {
  app.formatter(std::make_shared<Formatter>());
  app.set_version_flag("--version", "mete " METE_VERSION, "Print the version and exit");
  app.require_subcommand(1);
  app.footer(
      "The program's exit status, signals and streams are those of a run without mete.\n"
      "Exit codes of mete itself: 2 usage, 126 the program cannot run on mete, 127 not found.");
  run->formatter(std::make_shared<Formatter>());
  run->footer("Further options are METE_... variables in the environment: see `mete options`.");
  run->add_flag("--stats", run_options.stats,
                "Print a summary on stderr when the program has ended");
  run->add_flag("--huge-pages", run_options.huge_pages,
                std::string("Same as ") + option(mete::OptionId::kHugePages).name + "=1");
  run->add_option("--limit", limit, "Memory the program may take at most, as 512M or 2G")
      ->option_text("SIZE");
}

// How many of the words belong to mete; the program's name follows, or nothing. `--` is dropped.
struct Split {
  int ours;
  int program;
};

Split split_at_program(CommandLine& line, int count, char** words) {
  int at = 1;
  while (at < count && words[at][0] == '-') ++at;  // options of mete itself take no values
  if (at >= count || std::strcmp(words[at], "run") != 0) return {count, count};
  for (++at; at < count; ++at) {
    if (std::strcmp(words[at], "--") == 0) return {at, at + 1};
    if (words[at][0] != '-') return {at, at};
    const CLI::Option* known = line.run->get_option_no_throw(words[at]);
    if (known != nullptr && known->get_items_expected_min() > 0) ++at;  // its value
  }
  return {count, count};
}

int fail(int status, const std::string& line) {
  std::fprintf(stderr, "mete: %s\n", line.c_str());
  return status;
}

int usage_error(const CommandLine& line, const std::string& what) {
  const bool run = line.run->parsed();
  fail(kUsageError, what);
  std::fputs(
      run ? "usage: mete run [--stats] [--huge-pages] [--limit SIZE] [--] PROGRAM [ARGS...]\n"
            "Try: mete run --help\n"
          : "usage: mete run [OPTIONS] [--] PROGRAM [ARGS...] | mete options\nTry: mete --help\n",
      stderr);
  return kUsageError;
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  if (std::fflush(stdout) != 0) return fail(1, "cannot write to stdout");
  return 0;
}

int act(int count, char** words) {
  CommandLine line;
  const Split split = split_at_program(line, count, words);
  try {
    line.app.parse(split.ours, words);
  } catch (const CLI::CallForHelp&) {
    return print(line.app.help());
  } catch (const CLI::CallForVersion& version) {
    return print(std::string(version.what()) + "\n");
  } catch (const CLI::RequiredError&) {
    const bool named = split.ours > 1;
    return usage_error(line,
                       named ? std::string(words[1]) + ": no such command" : "no command given");
  } catch (const CLI::ParseError& error) {
    return usage_error(line, error.what());
  }
  if (line.options->parsed()) return print(options_table());

  if (!line.limit.empty()) {
    const mete::Option& limit = option(mete::OptionId::kLimitMib);
    line.run_options.limit_mib = parse_mebibytes(line.limit);
    if (!line.run_options.limit_mib || *line.run_options.limit_mib > limit.max) {
      return usage_error(line, "--limit: " + line.limit + " is not a size such as 512M or 2G");
    }
  }
  if (split.program >= count) return usage_error(line, "run: no PROGRAM given");
  run(line.run_options, words + split.program);
}

}  // namespace

int main(int count, char** words) {
  try {
    return act(count, words);
  } catch (const CannotRun& failure) {
    return fail(failure.status(), failure.what());
  } catch (const std::exception& failure) {  // out of memory, at the most
    return fail(kCannotRun, failure.what());
  }
}

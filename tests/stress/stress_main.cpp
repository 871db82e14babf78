// The stress driver: stress_core or stress_malloc --profile NAME --seed N --threads N --seconds S.
//
// Each thread draws from a random stream of its own, derived from (seed, thread), so a thread's
// sequence of operations is the same in every run. A failure prints what was seen and the command
// that repeats it, and aborts.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "allocator_under_test.hpp"
#include "profiles.hpp"

namespace stress {

namespace {

constexpr Profile kProfiles[] = {
    {"small", "16 to 1024 bytes", small_blocks},
    {"mixed", "1 byte to 4 MiB, every octave equally likely", mixed_blocks},
    {"large", "32 KiB to 64 MiB", large_blocks},
    {"aligned", "every power of two to 1 MiB", aligned_blocks},
    {"zeroed", "calloc on dirty and on fresh memory", zeroed_blocks},
    {"realloc", "blocks that grow, shrink and move across all kinds", realloc_walks},
    {"phases", "fill with one mix of sizes, free everything, next mix", phases},
    {"remote", "blocks handed over in shared boxes, freed by whoever finds them", remote_frees},
    {"pipeline", "even threads allocate, odd ones free", pipeline},
    {"idle", "the owner allocates and sleeps, another thread frees", idle_owner},
    {"churn", "threads end with live blocks and allocate while they end", thread_churn},
    {"oracle", "a model knows all live blocks: none may overlap", oracle},
    {"fork", "the process forks while its threads allocate", busy_while_forking, true,
     fork_again_and_again},
    {"limit", "RLIMIT_AS leaves less than the threads ask for", out_of_memory, true,
     take_memory_away, true},
};

void print_help() {
  std::printf(
      "stress_%s [--profile NAME] [--seed N] [--threads N] [--seconds S | --operations N] "
      "[--live-mib N]\n"
      "profiles:\n",
      under_test::kFlavour);
  for (const Profile& profile : kProfiles) {
    if (profile.needs_process_malloc && !under_test::kIsProcessMalloc) continue;
    std::printf("  %-9s %s\n", profile.name, profile.text);
  }
}

[[noreturn]] void refuse(const char* what, const char* value) {
  std::fprintf(stderr, "stress_%s: %s: %s (try --help)\n", under_test::kFlavour, what, value);
  std::exit(2);
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const char* name = arguments[i];
    if (std::strcmp(name, "--help") == 0) {
      print_help();
      std::exit(0);
    }
    if (i + 1 == count) refuse("no value or unknown", name);
    const char* value = arguments[++i];
    if (std::strcmp(name, "--profile") == 0) {
      options.profile = value;
    } else if (std::strcmp(name, "--seed") == 0) {
      options.seed = std::strtoull(value, nullptr, 0);
    } else if (std::strcmp(name, "--threads") == 0) {
      options.threads = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    } else if (std::strcmp(name, "--seconds") == 0) {
      options.seconds = std::strtod(value, nullptr);
    } else if (std::strcmp(name, "--operations") == 0) {
      options.operations = std::strtoull(value, nullptr, 10);
    } else if (std::strcmp(name, "--live-mib") == 0) {
      options.live_mib = std::strtoul(value, nullptr, 10);
    } else {
      refuse("unknown option", name);
    }
  }
  if (options.threads == 0 || options.live_mib == 0)
    refuse("must not be 0", "--threads, --live-mib");
  return options;
}

const Profile& find_profile(const char* name) {
  for (const Profile& profile : kProfiles) {
    if (std::strcmp(profile.name, name) != 0) continue;
    if (profile.needs_process_malloc && !under_test::kIsProcessMalloc)
      refuse("needs stress_malloc", name);
    return profile;
  }
  refuse("unknown profile", name);
}

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  const Profile& profile = find_profile(options.profile);
  Run run(options, profile.null_is_fine);
  {
    const auto threads = std::make_unique<std::thread[]>(options.threads);
    for (unsigned i = 0; i < options.threads; ++i) {
      threads[i] = std::thread([&, i] {
        Worker worker(run, i);
        profile.work(worker);
        run.leave();
      });
    }
    if (profile.beside != nullptr) profile.beside(run);
    for (unsigned i = 0; i < options.threads; ++i) threads[i].join();
  }
  // What nobody found: blocks of threads that have ended.
  Worker last(run, options.threads);
  for (std::size_t i = 0; i < run.mailboxes().size(); ++i)
    last.give_back(run.mailboxes().try_take(i));

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "stress_%s %s: seed %llu, %u threads: %llu operations, peak %ld MiB resident, allocator from "
      "%s\n",
      under_test::kFlavour, profile.name, static_cast<unsigned long long>(options.seed),
      options.threads, static_cast<unsigned long long>(run.operations()), usage.ru_maxrss / 1024,
      under_test::provider());
  return 0;
}

}  // namespace

}  // namespace stress

int main(int count, char** arguments) { return stress::main(count, arguments); }

// Signals. The program stays in our process group, so whatever the terminal sends (Ctrl-C, Ctrl-Z,
// hang-up) reaches it without us; what another process sends to us alone is passed on. All signals
// are blocked here and taken out one by one, so there are no handlers and no races. When the
// program is stopped we stop too, and wake it when we are woken: the shell's job control sees one
// job.
#include "supervise.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "cannot_run.hpp"
#include "descriptor.hpp"
#include "stats_page.hpp"

namespace mete::cli {
namespace {

// What the child has to undo before it becomes the program.
struct Inherited {
  sigset_t mask;
  struct sigaction on_child;
};

// Everything but the faults of this process itself.
sigset_t handled_signals() {
  sigset_t set;
  ::sigfillset(&set);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
    ::sigdelset(&set, fault);
  }
  return set;
}

// Async-signal-safe, as everything after fork has to be.
[[noreturn]] void become(const char* path, char* const* arguments, const Inherited& inherited,
                         StatsPage& page, pid_t parent, int failure) {
  page.admit(::getpid());
  // SIGKILL cannot be passed on, so the kernel is asked to.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotRun);
  ::sigaction(SIGCHLD, &inherited.on_child, nullptr);
  ::sigprocmask(SIG_SETMASK, &inherited.mask, nullptr);
  ::execv(path, arguments);
  const int error = errno;
  while (::write(failure, &error, sizeof(error)) < 0 && errno == EINTR) {
  }
  ::_exit(kCannotRun);
}

// Closes every descriptor but stderr and `kept`: a pipe must end when the program ends it, not when
// we do.
void let_go(int kept) {
  const auto close_all = [](int first, int last) {
    if (first <= last) ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0);
  };
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  close_all(STDERR_FILENO + 1, kept - 1);
  close_all(kept + 1, INT32_MAX);
}

void pass_on(const siginfo_t& signal, pid_t child) {
  // si_code > 0: made by the kernel. From the terminal it went to the whole group; an alarm set
  // before the exec is the exception, for fork did not hand it to the child.
  const bool from_kernel = signal.si_code > 0;
  if (from_kernel && signal.si_signo != SIGALRM) return;
  // A program that signals its own group does not want the signal twice.
  if (!from_kernel && (signal.si_pid == child || signal.si_pid == ::getpid())) return;
  if (signal.si_code == SI_QUEUE) {
    ::sigqueue(child, signal.si_signo, signal.si_value);
  } else {
    ::kill(child, signal.si_signo);
  }
}

// True when the child has ended and `outcome` is filled.
bool reap(pid_t child, Outcome& outcome) {
  while (::wait4(child, &outcome.wait_status, WNOHANG | WUNTRACED, &outcome.usage) > 0) {
    if (!WIFSTOPPED(outcome.wait_status)) return true;
    // SIGSTOP, because a stop by SIGTSTP would be thrown away in a group without a shell.
    ::raise(SIGSTOP);
    ::kill(child, SIGCONT);
  }
  return false;
}

void wait_for(pid_t child, const sigset_t& signals, Outcome& outcome) {
  while (!reap(child, outcome)) {
    siginfo_t signal;
    if (::sigwaitinfo(&signals, &signal) > 0 && signal.si_signo != SIGCHLD) pass_on(signal, child);
  }
}

}  // namespace

Outcome supervise(const std::string& path, char* const* arguments, StatsPage& page) {
  const sigset_t signals = handled_signals();
  Inherited inherited;
  ::sigprocmask(SIG_BLOCK, &signals, &inherited.mask);
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;  // an ignored SIGCHLD would leave nothing to wait for
  ::sigaction(SIGCHLD, &standard, &inherited.on_child);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw system_failure("cannot make a pipe");
  Descriptor failure(ends[0]);
  Descriptor failure_of_child(ends[1]);

  const auto start = std::chrono::steady_clock::now();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw system_failure("cannot start a process");
  if (child == 0) {
    become(path.c_str(), arguments, inherited, page, parent, failure_of_child.get());
  }
  failure_of_child.close();
  int error = 0;
  const bool failed = ::read(failure.get(), &error, sizeof(error)) == sizeof(error);
  failure.close();

  Outcome outcome;
  if (failed) {
    ::waitpid(child, &outcome.wait_status, 0);
    throw system_failure(path, error);
  }
  let_go(page.descriptor());
  wait_for(child, signals, outcome);
  outcome.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

void end_like(int wait_status) {
  if (!WIFSIGNALED(wait_status)) ::_exit(WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);  // a core handler started through a pipe does not ask for the limit
  ::signal(signal, SIG_DFL);
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);  // not reached for a signal that kills
}

}  // namespace mete::cli

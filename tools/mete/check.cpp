// The chain: script -> interpreter -> … -> ELF program -> its loader. `#!/usr/bin/env X` leads to X
// as well. What the kernel or env would refuse anyway is left to them only where nothing would run
// at all.
#include "check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "cannot_run.hpp"
#include "elf_file.hpp"
#include "program.hpp"
#include "secure_exec.hpp"

namespace mete::cli {
namespace {

constexpr const char* kShell = "/bin/sh";
constexpr int kMaxScripts = 5;            // the kernel follows no longer chain of `#!` lines
constexpr std::size_t kMaxShebang = 256;  // and reads no more of a file to find one
constexpr std::string_view kBlanks = " \t";

constexpr const char* kStaticAdvice =
    "a static program cannot be given another allocator; link it with libmete_override.a instead";

[[noreturn]] void refuse(const std::string& subject, const std::string& reason) {
  throw CannotRun(kCannotRun, subject + ": " + reason);
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Takes the first word off `line`.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

// What env is told to start by the rest of a `#!` line: "python3", "-S node --flag", "-S A=1 perl".
// May be empty.
std::string env_target(std::string_view line) {
  for (;;) {
    const std::string_view word = take_word(line);
    if (word.starts_with('-') || word.find('=') != std::string_view::npos) continue;
    return std::string(word);
  }
}

class Check {
 public:
  Check(std::string subject, const std::string& library) : subject_(std::move(subject)) {
    const auto bytes = FileBytes::map(library);
    const auto platform =
        bytes && is_elf(bytes->text()) ? elf_platform(bytes->text()) : std::nullopt;
    if (!platform) refuse(library, "is not a library");
    platform_ = *platform;
  }

  // Returns whether the kernel would leave the file to the shell.
  bool follow(const std::string& path, int scripts) {
    const auto file = FileBytes::map(path);
    if (!file) throw system_failure(subject_ + ": cannot be read");
    const std::string_view bytes = file->text();
    if (is_elf(bytes)) {
      check_elf(path, bytes);
      return false;
    }
    if (bytes.starts_with("#!")) {
      if (scripts == kMaxScripts) refuse(subject_, "too many scripts that interpret scripts");
      std::string_view line = bytes.substr(2, kMaxShebang - 2);
      line = line.substr(0, line.find('\n'));
      follow_interpreter(line, scripts);
      return false;
    }
    // No format of the kernel's: execvp gives text to the shell, so do we.
    const std::string_view head = bytes.substr(0, kMaxShebang);
    if (head.find('\0') != std::string_view::npos) refuse(subject_, "is not a program");
    if (scripts != 0) refuse(subject_, "is not a program");
    follow_named(kShell, kShell, scripts);
    return true;
  }

 private:
  void follow_interpreter(std::string_view line, int scripts) {
    const std::string interpreter(take_word(line));
    if (interpreter.empty()) refuse(subject_, "names no interpreter after #!");
    follow_named(interpreter, interpreter, scripts);
    if (base_name(interpreter) != "env") return;
    const std::string target = env_target(line);
    const std::string path = find_program_or_nothing(target);
    if (!path.empty()) follow_named(target, path, scripts);  // otherwise env says so
  }

  void follow_named(const std::string& name, const std::string& path, int scripts) {
    const std::string outer = subject_;
    subject_ += ": its interpreter " + name;
    try {
      find_program(path);
    } catch (const CannotRun& failure) {
      throw CannotRun(kCannotRun, outer + ": its interpreter " + failure.what());
    }
    follow(path, scripts + 1);
    subject_ = outer;
  }

  void check_elf(const std::string& path, std::string_view bytes) const {
    const auto platform = elf_platform(bytes);
    if (!platform) refuse(subject_, "is damaged: its ELF header is cut short");
    if (*platform != platform_) refuse(subject_, "is for another architecture than libmete.so");
    const auto program = read_elf_program(bytes);
    if (!program) refuse(subject_, "is damaged: its ELF headers point outside the file");
    if (!program->executable) refuse(subject_, "is not a program");
    const std::string_view loader = base_name(program->interpreter);
    if (loader.empty()) refuse(subject_, kStaticAdvice);
    if (loader.starts_with("ld-musl-")) {
      refuse(subject_,
             "is made for musl, whose loader cannot load libmete.so; "
             "link it with libmete_override.a instead");
    }
    if (::access(program->interpreter.c_str(), X_OK) != 0) {
      throw system_failure(subject_ + ": its loader " + program->interpreter);
    }
    if (program->defines_malloc)
      refuse(subject_, "brings its own malloc, which goes before any other");
    const std::string secure = why_secure(path);
    if (!secure.empty()) refuse(subject_, secure + ", so its loader would ignore libmete.so");
  }

  std::string
      subject_;  // the name of the file being looked at, as a path from the user's word to it
  ElfPlatform platform_;
};

}  // namespace

Launch check_program(const std::string& name, const std::string& path, const std::string& library) {
  return {path, Check(name, library).follow(path, 0)};
}

}  // namespace mete::cli

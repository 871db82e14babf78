// Parameters of a benchmark program: `name=number` words, each with a default, listed by --help.
//
//   bench::Arguments arguments(argc, argv, "what the program does");
//   const std::size_t rounds = arguments.number("rounds", 100, "how often");
//   arguments.finish();
//
// A word that no parameter claimed is an error: one line on stderr, exit status 2.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace bench {

class Arguments {
 public:
  Arguments(int argc, char** argv, const char* purpose) noexcept
      : words_(argv + 1), count_(static_cast<std::size_t>(argc - 1)), program_(argv[0]) {
    if (const char* slash = std::strrchr(argv[0], '/')) program_ = slash + 1;
    for (std::size_t i = 0; i < count_; ++i) help_ |= std::strcmp(words_[i], "--help") == 0;
    if (help_) std::printf("%s: %s\nparameters, as name=number:\n", program_, purpose);
  }

  // The value of `name`, at least 1; a k or m behind it multiplies by 1024 or 1024^2.
  std::size_t number(const char* name, std::size_t fallback, const char* text) noexcept {
    if (help_) std::printf("  %-12s %-10zu %s\n", name, fallback, text);
    const char* value = claim(name);
    if (value == nullptr) return fallback;
    char* end = nullptr;
    std::size_t parsed = std::strtoull(value, &end, 10);
    if (*end == 'k') parsed <<= 10, ++end;
    if (*end == 'm') parsed <<= 20, ++end;
    if (*value < '0' || *value > '9' || *end != '\0' || parsed == 0) {
      refuse("expected a number of at least 1, not", value);
    }
    return parsed;
  }

  // One of the words in `choices`, which ends with a null; the first one is the default.
  const char* choice(const char* name, const char* const* choices, const char* text) noexcept {
    if (help_) {
      std::printf("  %-12s %-10s %s:", name, choices[0], text);
      for (const char* const* word = choices; *word != nullptr; ++word) std::printf(" %s", *word);
      std::printf("\n");
    }
    const char* value = claim(name);
    if (value == nullptr) return choices[0];
    for (; *choices != nullptr; ++choices) {
      if (std::strcmp(*choices, value) == 0) return *choices;
    }
    refuse("there is no choice", value);
  }

  std::size_t threads() noexcept {
    const std::size_t cores = std::thread::hardware_concurrency();
    return number("threads", cores < 2 ? 2 : cores, "threads at work");
  }

  void finish() noexcept {
    if (help_) std::exit(0);
    if (claimed_ == count_) return;
    for (std::size_t i = 0; i < count_; ++i) {
      if (words_[i] != nullptr) refuse("there is no parameter", words_[i]);
    }
  }

 private:
  const char* claim(const char* name) noexcept {
    const std::size_t length = std::strlen(name);
    for (std::size_t i = 0; i < count_; ++i) {
      char* word = words_[i];
      if (word == nullptr || std::strncmp(word, name, length) != 0 || word[length] != '=') continue;
      words_[i] = nullptr;
      ++claimed_;
      return word + length + 1;
    }
    return nullptr;
  }

  [[noreturn]] void refuse(const char* what, const char* word) noexcept {
    std::fprintf(stderr, "%s: %s '%s' (see %s --help)\n", program_, what, word, program_);
    std::exit(2);
  }

  char** words_;  // a claimed word becomes null
  std::size_t count_;
  std::size_t claimed_ = 0;
  const char* program_;
  bool help_ = false;
};

}  // namespace bench

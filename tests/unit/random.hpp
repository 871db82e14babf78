// A small generator for tests: the same numbers everywhere, 32 bits at a time.

#pragma once

#include <cstdint>

namespace mete {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}

  std::uint32_t operator()() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::uint32_t>(state_ >> 32);
  }

  // A number below `end`, which is not 0.
  std::uint32_t below(std::uint32_t end) { return (*this)() % end; }

  bool one_in(std::uint32_t chances) { return below(chances) == 0; }

 private:
  std::uint64_t state_;
};

// Under a sanitizer everything takes several times as long: fewer steps, so that a test stays
// short.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || METE_AUDIT
inline constexpr int kSlowdown = 8;
#else
inline constexpr int kSlowdown = 1;
#endif

}  // namespace mete

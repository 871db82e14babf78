// Counts the instructions of a call exactly, without a debugger or counters of the processor: the
// trap flag of x86 interrupts after every one, and the handler counts. Ten microseconds each in a
// virtual machine.
//
// One thread at a time. An instruction that repeats (rep movs) counts once per iteration.
#pragma once

#if !defined(__x86_64__) || !defined(__linux__)
#error "x86-64 Linux only"
#endif

#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

#include <cstdint>

namespace support {

class StepCount {
 public:
  static constexpr std::uint64_t kTrapFlag = 0x100;

  StepCount() noexcept {
    struct sigaction action = {};
    action.sa_sigaction = step;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGTRAP, &action, nullptr) != 0) abort();
    const auto nothing = [] {};
    empty_ = raw(nothing, kNoLimit);
  }

  // Instructions of call(), those that enter and leave it included if it is not inlined. Counts up
  // to `limit`; the rest of a longer call runs at full speed.
  template <class Call>
  std::uint64_t operator()(Call&& call, std::uint64_t limit = kNoLimit) const noexcept {
    return raw(call, limit == kNoLimit ? limit : limit + empty_) - empty_;
  }

 private:
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

  static void step(int, siginfo_t*, void* context) noexcept {
    count_ = count_ + 1;
    if (count_ == limit_)
      static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &=
          ~static_cast<greg_t>(kTrapFlag);
  }

  template <class Call>
  static std::uint64_t raw(Call& call, std::uint64_t limit) noexcept {
    count_ = 0;
    limit_ = limit;
    // Below the red zone, where the compiler may keep something.
    asm volatile(
        "lea -128(%%rsp), %%rsp\n\tpushf\n\torl %0, (%%rsp)\n\tpopf\n\tlea 128(%%rsp), %%rsp" ::"i"(
            kTrapFlag)
        : "memory", "cc");
    call();
    asm volatile(
        "lea -128(%%rsp), %%rsp\n\tpushf\n\tandl %0, (%%rsp)\n\tpopf\n\tlea 128(%%rsp), "
        "%%rsp" ::"i"(~static_cast<int>(kTrapFlag))
        : "memory", "cc");
    return count_;
  }

  static inline volatile std::uint64_t count_ = 0;
  static inline volatile std::uint64_t limit_ = kNoLimit;
  std::uint64_t empty_ = 0;
};

}  // namespace support

// Memory of several ranges goes back: on the port itself, with and without a second thread, with
// what the system refuses.

#include <errno.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <thread>
#include <vector>

#include "port/memory.hpp"

namespace mete::port {
namespace {

// Past the functions of these names, which do nothing under a sanitizer.
bool lock(const void* address, std::size_t bytes) {
  return syscall(SYS_mlock, address, bytes) == 0;
}
bool unlock(const void* address, std::size_t bytes) {
  return syscall(SYS_munlock, address, bytes) == 0;
}

// Twenty ranges of two pages with a page between them, all written to.
class Ranges : public testing::Test {
 protected:
  static constexpr std::size_t kCount = 20;

  Ranges() {
    std::memset(memory_, 1, 3 * kCount * page_);
    for (std::size_t i = 0; i < kCount; ++i)
      ranges_.push_back({memory_ + 3 * i * page_, 2 * page_});
  }
  ~Ranges() override { release(memory_, 3 * kCount * page_); }

  // Whether the first `count` ranges read zero and all other pages what was written.
  bool only_first_are_zero(std::size_t count) const {
    for (std::size_t i = 0; i < 3 * kCount * page_; ++i) {
      const std::size_t range = i / (3 * page_);
      const bool between = i % (3 * page_) >= 2 * page_;
      if (memory_[i] != (between || range >= count ? 1 : 0)) return false;
    }
    return true;
  }

  std::size_t decommit_with_second_thread() {
    std::size_t done = 0;
    std::thread([&] { done = decommit(ranges_.data(), kCount); }).join();
    return done;
  }

  const std::size_t page_ = page_size();
  unsigned char* const memory_ = static_cast<unsigned char*>(reserve(3 * kCount * page_, nullptr));
  std::vector<Range> ranges_;
};

TEST_F(Ranges, GoBackInAProcessOfOneThread) {
  EXPECT_EQ(kCount, decommit(ranges_.data(), kCount));
  EXPECT_TRUE(only_first_are_zero(kCount));
}

TEST_F(Ranges, GoBackInAProcessOfTwo) {
  errno = 0;
  EXPECT_EQ(kCount, decommit_with_second_thread());
  EXPECT_TRUE(only_first_are_zero(kCount));
}

TEST_F(Ranges, KeepErrnoWhereTheSystemRefuses) {
  ASSERT_TRUE(lock(ranges_[0].address, page_));
  std::thread([&] {
    errno = 7;
    EXPECT_EQ(0u, decommit(ranges_.data(), kCount));
    EXPECT_EQ(7, errno);
  }).join();
  EXPECT_TRUE(only_first_are_zero(0));
}

TEST_F(Ranges, GoBackUpToOneThatIsLocked) {
  ASSERT_TRUE(lock(ranges_[13].address, page_));
  EXPECT_EQ(13u, decommit_with_second_thread());
  EXPECT_TRUE(only_first_are_zero(13));
  EXPECT_EQ(13u, decommit(ranges_.data(), kCount)) << "and so they do once more";
  ASSERT_TRUE(unlock(ranges_[13].address, page_));
  EXPECT_EQ(kCount, decommit_with_second_thread());
  EXPECT_TRUE(only_first_are_zero(kCount));
}

// From now on a joined call ends the process. Returns: whether that could be arranged.
bool forbid_joined_calls() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_madvise, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{sizeof code / sizeof *code, code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST_F(Ranges, GoBackWhereAFilterKillsForCallsThatAreNew) {
  const auto child = [&] {
    if (!forbid_joined_calls()) _exit(2);
    const bool all = decommit_with_second_thread() == kCount;
    _exit(all && only_first_are_zero(kCount) ? 0 : 1);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mete::port

// Runs a piece of a test in a child process: the engine is one per process, and there it is as new.
// What fails in the child fails in the test.

#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace mete::fake_port {

// Requires: the calling process has one thread. `what` says which one of many it was.
template <class Function>
void in_fresh_process(const std::string& what, Function function) {
  const auto failures = [] {
    return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
  };
  std::fflush(nullptr);
  const int child = ::fork();
  if (child == 0) {
    const int before = failures();
    function();
    std::fflush(nullptr);
    ::_exit(failures() == before ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << what << ": the child ended with status 0x" << std::hex << status;
}

}  // namespace mete::fake_port

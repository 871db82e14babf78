// A main for GoogleTest that runs every test case in a child process of its own, as ctest does
// where each case is a test: the engine is one per process, and each case finds it as new.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

std::vector<std::string> names_of_tests() {
  std::vector<std::string> names;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j)
      names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
  }
  return names;
}

// With addresses of 32 bits: takes all pieces of a quarter of them, so that tests find too much
// what is too much of 64 bits.
void take_quarters() {
  constexpr std::size_t kQuarter = std::size_t{1} << 30;
  while (sizeof(void*) == 4 &&
         ::mmap(nullptr, kQuarter, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
             MAP_FAILED) {
  }
}

bool passes(const std::string& name) {
  std::fflush(nullptr);
  const int child = ::fork();
  if (child == 0) {
    testing::GTEST_FLAG(filter) = name;
    const int result = RUN_ALL_TESTS();
    std::exit(testing::UnitTest::GetInstance()->test_to_run_count() == 1 ? result : 2);
  }
  int status = -1;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return false;
  if (status != 0) std::printf("FAILED: %s, status 0x%x\n", name.c_str(), status);
  return status == 0;
}

}  // namespace

// Arguments: names of tests, all of them if there are none; with a minus before it the name of one
// that is left out.
int main(int count, char** arguments) {
  testing::GTEST_FLAG(brief) = true;
  testing::InitGoogleTest(&count, arguments);
  std::vector<std::string> names;
  std::set<std::string> left_out;
  for (int i = 1; i < count; ++i) {
    if (*arguments[i] == '-') {
      left_out.insert(arguments[i] + 1);
    } else {
      names.emplace_back(arguments[i]);
    }
  }
  if (names.empty()) names = names_of_tests();
  take_quarters();
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const std::string& name : names) {
    if (left_out.contains(name)) continue;
    ++(passes(name) ? passed : failed);
  }
  std::printf("%zu tests passed, %zu failed\n", passed, failed);
  return failed == 0 && passed != 0 ? 0 : 1;
}

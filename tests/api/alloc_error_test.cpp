// The hook for failed allocations and the error (E1 to E7, T8).

#include "mete/alloc_error.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace mete::test {
namespace {

constexpr Layout kLayout = Layout::from_size_align_unchecked(24, 8);
std::optional<Layout> told;

void remember(Layout layout) { told = layout; }
void leave(Layout layout) { std::_Exit(static_cast<int>(layout.size())); }

class AllocErrorHookTest : public testing::Test {
 protected:
  ~AllocErrorHookTest() override { take_alloc_error_hook(); }
};
using AllocErrorHookDeathTest = AllocErrorHookTest;

TEST_F(AllocErrorHookTest, E1_SetReplacesTheHookThatThereWas) {
  set_alloc_error_hook(leave);
  set_alloc_error_hook(remember);
  EXPECT_EQ(&remember, take_alloc_error_hook());
}

TEST_F(AllocErrorHookTest, E2_E7_TakeReturnsTheDefaultIfNoneWasSet) {
  EXPECT_EQ(&default_alloc_error_hook, take_alloc_error_hook());
  set_alloc_error_hook(remember);
  EXPECT_EQ(&remember, take_alloc_error_hook());
  EXPECT_EQ(&default_alloc_error_hook, take_alloc_error_hook());
  set_alloc_error_hook(nullptr);
  EXPECT_EQ(&default_alloc_error_hook, take_alloc_error_hook());
}

TEST_F(AllocErrorHookDeathTest, E3_TheHookGetsTheLayout) {
  set_alloc_error_hook(leave);
  EXPECT_EXIT(handle_alloc_error(kLayout), testing::ExitedWithCode(24), "");
}

TEST_F(AllocErrorHookDeathTest, E4_TheDefaultSaysHowMuch) {
  EXPECT_EXIT(handle_alloc_error(kLayout), testing::KilledBySignal(SIGABRT),
              "^memory allocation of 24 bytes failed\n");
}

TEST_F(AllocErrorHookTest, E4_AnOptionMakesItAnException) {
  set_alloc_error_hook(throw_alloc_error);
  try {
    handle_alloc_error(kLayout);
    FAIL();
  } catch (const std::bad_alloc& error) {
    EXPECT_STREQ("memory allocation of 24 bytes failed", error.what());
  }
}

TEST_F(AllocErrorHookDeathTest, E5_AbortsIfTheHookReturns) {
  set_alloc_error_hook(remember);
  EXPECT_EXIT(handle_alloc_error(kLayout), testing::KilledBySignal(SIGABRT), "^$");
}

TEST_F(AllocErrorHookTest, E6_TheHookMayThrow) {
  set_alloc_error_hook([](Layout layout) { throw layout.size(); });
  EXPECT_THROW(handle_alloc_error(kLayout), std::size_t);
}

TEST_F(AllocErrorHookTest, RaiseSaysWhatItKnows) {
  try {
    raise_alloc_error(kLayout);
    FAIL();
  } catch (const AllocError& error) {
    EXPECT_EQ(AllocError(kLayout), error);
  }
  EXPECT_THROW(raise_alloc_error(std::nullopt), std::bad_alloc);
}

TEST(AllocError, T8_IsAValueAndAnException) {
  static_assert(std::is_nothrow_copy_constructible_v<AllocError> &&
                std::is_base_of_v<std::bad_alloc, AllocError>);
  const AllocError error;
  EXPECT_STREQ("memory allocation failed", error.what());
  EXPECT_FALSE(error.layout());
  const AllocError copy = error;
  EXPECT_EQ(error, copy);
  const AllocError of_layout(kLayout);
  EXPECT_STREQ("memory allocation of 24 bytes failed", AllocError(of_layout).what());
  EXPECT_EQ(kLayout, of_layout.layout());
  EXPECT_NE(error, of_layout);
}

TEST(AllocError, T8_TheTextHoldsTheLargestSize) {
  const AllocError error(Layout::from_size_align_unchecked(std::size_t{PTRDIFF_MAX}, 1));
  EXPECT_EQ("memory allocation of " + std::to_string(PTRDIFF_MAX) + " bytes failed",
            std::string(error.what()));
}

}  // namespace
}  // namespace mete::test

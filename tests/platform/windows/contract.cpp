// GoogleTest's tests as one program of the platform.

#include <gtest/gtest.h>

#include "platform/program.hpp"

void test() {
  GTEST_FLAG_SET(brief, true);
  testing::InitGoogleTest();
  METE_EXPECT(RUN_ALL_TESTS() == 0);
}

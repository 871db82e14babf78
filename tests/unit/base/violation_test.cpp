// The texts of the violations: programs and people look for them, so they do not change.

#include <gtest/gtest.h>

#include "base/check.hpp"
#include "support/end_of_message.hpp"

namespace mete::base {
namespace {

TEST(ViolationText, IsWhatIsDocumented) {
  EXPECT_STREQ("free of a pointer that mete did not allocate", text(Violation::kFreeForeign));
  EXPECT_STREQ("free of a pointer into the middle of a block", text(Violation::kFreeInterior));
  EXPECT_STREQ("double free", text(Violation::kDoubleFree));
  EXPECT_STREQ("realloc of a pointer that mete did not allocate", text(Violation::kReallocForeign));
  EXPECT_STREQ("realloc of a pointer into the middle of a block",
               text(Violation::kReallocInterior));
  EXPECT_STREQ("realloc of a freed block", text(Violation::kReallocFreed));
  EXPECT_STREQ("malloc_usable_size of a pointer that mete did not allocate",
               text(Violation::kUsableForeign));
  EXPECT_STREQ("malloc_usable_size of a pointer into the middle of a block",
               text(Violation::kUsableInterior));
  EXPECT_STREQ("malloc_usable_size of a freed block", text(Violation::kUsableFreed));
  EXPECT_STREQ("a freed block was written to", text(Violation::kCorruptedBlock));
}

TEST(ViolationDeathTest, PrintsOneLineAndAborts) {
  EXPECT_EXIT(violate(Violation::kDoubleFree, reinterpret_cast<void*>(0xabc0)),
              testing::KilledBySignal(SIGABRT), "^mete: double free: 0xabc0" + kEndOfMessage);
  EXPECT_EXIT(panic("out of luck"), testing::KilledBySignal(SIGABRT),
              "^mete: out of luck" + kEndOfMessage);
}

}  // namespace
}  // namespace mete::base

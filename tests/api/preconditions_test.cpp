// The rules that callers have to keep, as debug builds state them: one line, then abort. This
// program is a debug build in every preset.

#undef METE_DEBUG
#define METE_DEBUG 1

#include "mete/precondition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory_resource>
#include <string>

#include "mete/allocator.hpp"
#include "mete/arena.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/memory_resource.hpp"
#include "mete/system.hpp"

namespace mete::test {
namespace {

constexpr char kGrow[] = "`new_layout.size()` must be greater than or equal to `old_layout.size()`";
constexpr char kShrink[] =
    "`new_layout.size()` must be smaller than or equal to `old_layout.size()`";

// Dies with exactly the line that states the rule.
template <class F>
void expect_rule(F f, const std::string& rule) {
  EXPECT_EXIT(f(), testing::KilledBySignal(SIGABRT), testing::Eq("mete: " + rule + "\n"));
}

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

class PreconditionsDeathTest : public testing::Test {
 protected:
  System system_;
  std::byte buffer_[256];
  Arena<NoMemory> arena_{buffer_};
  char object_ = 0;  // some address
};

TEST_F(PreconditionsDeathTest, L5_FromSizeAlignUnchecked) {
  const auto expect_invalid = [](std::size_t size, std::size_t align) {
    expect_rule([&] { static_cast<void>(Layout::from_size_align_unchecked(size, align)); },
                "invalid parameters to Layout::from_size_align");
  };
  expect_invalid(8, 3);
  expect_invalid(8, 0);
  expect_invalid(std::size_t{PTRDIFF_MAX}, 2);
}

TEST_F(PreconditionsDeathTest, L3_AGlobalAllocServesNoSizeZero) {
  const std::string rule = "`layout.size()` must be greater than zero for a GlobalAlloc";
  expect_rule([&] { static_cast<void>(mete::alloc(system_, layout(0, 8))); }, rule);
  expect_rule([&] { static_cast<void>(mete::alloc_zeroed(system_, layout(0, 8))); }, rule);
}

TEST_F(PreconditionsDeathTest, G4_ReallocToNothing) {
  expect_rule([&] { static_cast<void>(mete::realloc(system_, &object_, layout(1, 1), 0)); },
              "`new_size` must be greater than zero for a GlobalAlloc");
}

TEST_F(PreconditionsDeathTest, G2_NullIsNoBlock) {
  const std::string rule = "`ptr` must be a block: null is none";
  const Layout one = layout(1, 1);
  expect_rule([&] { mete::dealloc(system_, nullptr, one); }, rule);
  expect_rule([&] { static_cast<void>(mete::realloc(system_, nullptr, one, 8)); }, rule);
  expect_rule([&] { mete::deallocate(system_, nullptr, one); }, rule);
  expect_rule([&] { static_cast<void>(mete::grow(system_, nullptr, one, one)); }, rule);
  expect_rule([&] { static_cast<void>(mete::grow_zeroed(system_, nullptr, one, one)); }, rule);
  expect_rule([&] { static_cast<void>(mete::shrink(system_, nullptr, one, one)); }, rule);
}

TEST_F(PreconditionsDeathTest, S6_GrowToLess) {
  const Layout less = layout(7, 8);
  const Layout more = layout(8, 8);
  expect_rule([&] { static_cast<void>(mete::grow(system_, &object_, more, less)); }, kGrow);
  expect_rule([&] { static_cast<void>(mete::grow_zeroed(system_, &object_, more, less)); }, kGrow);
  expect_rule([&] { static_cast<void>(system_.grow(&object_, more, less)); }, kGrow);
  expect_rule([&] { static_cast<void>(system_.grow_zeroed(&object_, more, less)); }, kGrow);
  expect_rule([&] { static_cast<void>(arena_.grow(&object_, more, less)); }, kGrow);
}

TEST_F(PreconditionsDeathTest, S7_ShrinkToMore) {
  const Layout less = layout(7, 8);
  const Layout more = layout(8, 8);
  expect_rule([&] { static_cast<void>(mete::shrink(system_, &object_, less, more)); }, kShrink);
  expect_rule([&] { static_cast<void>(system_.shrink(&object_, less, more)); }, kShrink);
  expect_rule([&] { static_cast<void>(arena_.shrink(&object_, less, more)); }, kShrink);
}

TEST_F(PreconditionsDeathTest, AMemoryResourceIsNotNull) {
  expect_rule([] { ResourceRef none(nullptr); },
              "`resource` must be a memory resource: null is none");
}

// What the writer of an allocator owes.
struct TooSmall {
  Block allocate(Layout layout) noexcept { return {this, layout.size() - 1}; }
  void deallocate(void*, Layout) noexcept {}
};
struct Misaligned {
  Block allocate(Layout layout) noexcept {
    return {static_cast<std::byte*>(layout.dangling()) + 1, layout.size()};
  }
  void deallocate(void*, Layout) noexcept {}
};

TEST_F(PreconditionsDeathTest, T1_ABlockIsAsLargeAsAsked) {
  TooSmall a;
  expect_rule([&] { static_cast<void>(mete::allocate(a, layout(8, 1))); },
              "an Allocator must return a block of at least `layout.size()` bytes");
}

TEST_F(PreconditionsDeathTest, T1_ABlockIsAligned) {
  Misaligned a;
  expect_rule([&] { static_cast<void>(mete::allocate(a, layout(8, 16))); },
              "an Allocator must return a block aligned to `layout.align()`");
}

}  // namespace
}  // namespace mete::test

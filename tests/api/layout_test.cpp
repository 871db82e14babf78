// Layout, by the numbers of the requirements. Most of it is decided by the compiler already.

#include "mete/layout.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>

namespace mete {
namespace {

constexpr std::size_t kMax = std::size_t{PTRDIFF_MAX};
constexpr std::size_t kHighestAlign = kMax + 1;

constexpr Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

template <Layout L>
struct Sized {
  static constexpr std::size_t kSize = L.size();
  static constexpr std::size_t kAlign = L.align();
};

TEST(Layout, L1_IsAPlainValue) {
  static_assert(std::is_trivially_copyable_v<Layout> && std::is_copy_assignable_v<Layout>);
  static_assert(!std::is_default_constructible_v<Layout> && !std::is_aggregate_v<Layout>);
  static_assert(layout(3, 4) == layout(3, 4) && layout(3, 4) != layout(3, 8) &&
                layout(3, 4) != layout(4, 4));
  std::unordered_set<Layout> seen = {layout(3, 4), layout(3, 4), layout(4, 4), layout(3, 8)};
  EXPECT_EQ(3u, seen.size());
  std::ostringstream text;
  text << layout(24, 8);
  EXPECT_EQ("Layout { size: 24, align: 8 (1 << 3) }", text.str());
}

TEST(Layout, L1_IsATemplateArgument) {
  using S = Sized<layout(24, 8)>;
  static_assert(S::kSize == 24 && S::kAlign == 8);
  static_assert(std::is_same_v<S, Sized<layout(24, 8)>>);
  static_assert(!std::is_same_v<S, Sized<layout(24, 16)>>);
  static_assert(std::is_same_v<Sized<Layout::of<int>()>, Sized<layout(sizeof(int), alignof(int))>>);
}

TEST(Layout, L2_AlignIsAPowerOfTwo) {
  for (std::size_t align = 0; align < 5000; ++align) {
    const bool is_power = align != 0 && (align & (align - 1)) == 0;
    EXPECT_EQ(is_power, Layout::from_size_align(8, align).has_value()) << align;
  }
  for (unsigned bit = 0; bit < std::numeric_limits<std::size_t>::digits; ++bit) {
    const std::size_t align = std::size_t{1} << bit;
    ASSERT_TRUE(Layout::from_size_align(0, align));
    EXPECT_EQ(align, Layout::from_size_align(0, align)->align());
    EXPECT_EQ(align == 2, Layout::from_size_align(0, align - 1).has_value()) << align;
  }
  EXPECT_FALSE(Layout::from_size_align(0, SIZE_MAX));
}

TEST(Layout, L2_SizeRoundedUpIsAtMostPtrdiffMax) {
  for (unsigned bit = 0; bit < std::numeric_limits<std::size_t>::digits; ++bit) {
    const std::size_t align = std::size_t{1} << bit;
    const std::size_t most = kMax + 1 - align;
    EXPECT_TRUE(Layout::from_size_align(most, align)) << align;
    EXPECT_FALSE(Layout::from_size_align(most + 1, align)) << align;
    EXPECT_FALSE(Layout::from_size_align(SIZE_MAX, align)) << align;
  }
}

TEST(Layout, L3_SizeMayBeZero) {
  static_assert(layout(0, 1).size() == 0 && layout(0, 4096).align() == 4096);
}

TEST(Layout, L4_FromSizeAlign) {
  static_assert(Layout::from_size_align(10, 4)->size() == 10);
  static_assert(!Layout::from_size_align(10, 3));
  static_assert(noexcept(Layout::from_size_align(10, 3)));
}

TEST(Layout, L5_FromSizeAlignUnchecked) {
  static_assert(Layout::from_size_align_unchecked(10, 4) == layout(10, 4));
  static_assert(Layout::from_size_align_unchecked(kMax, 1) == layout(kMax, 1));
}

TEST(Layout, L6_SizeAndAlign) {
  static_assert(layout(10, 4).size() == 10 && layout(10, 4).align() == 4);
  static_assert(layout(0, kHighestAlign).align() == kHighestAlign);
}

TEST(Layout, L7_OfATypeAndOfAValue) {
  struct alignas(64) Line {
    char c;
  };
  static_assert(Layout::of<char>() == layout(1, 1));
  static_assert(Layout::of<Line>() == layout(64, 64));
  static_assert(Layout::of<Line[3]>() == layout(192, 64));
  static_assert(Layout::for_value(std::uint16_t{1}) == layout(2, 2));
  static_assert(Layout::for_value("12345") == layout(6, 1));
  static_assert(Layout::for_value_raw(static_cast<const Line*>(nullptr)) == Layout::of<Line>());
}

TEST(Layout, L8_AlignTo) {
  static_assert(layout(10, 4).align_to(16) == layout(10, 16));  // the size is not padded
  static_assert(layout(10, 4).align_to(2) == layout(10, 4));
  static_assert(layout(10, 4).align_to(4) == layout(10, 4));
  static_assert(!layout(10, 4).align_to(3) && !layout(10, 4).align_to(0));
  static_assert(!layout(kMax, 1).align_to(2));
  static_assert(!layout(1, 1).align_to(kHighestAlign) && layout(0, 1).align_to(kHighestAlign));
}

TEST(Layout, L9_PaddingNeededFor) {
  static_assert(layout(9, 1).padding_needed_for(4) == 3);
  static_assert(layout(8, 8).padding_needed_for(4) == 0);
  static_assert(layout(0, 1).padding_needed_for(kHighestAlign) == 0);
  static_assert(layout(kMax, 1).padding_needed_for(kHighestAlign) == 1);
  static_assert(layout(9, 1).padding_needed_for(0) == SIZE_MAX);
  static_assert(layout(9, 1).padding_needed_for(6) == SIZE_MAX);
  for (std::size_t size = 0; size < 300; ++size) {
    for (std::size_t align = 1; align <= 64; align *= 2) {
      const std::size_t padding = layout(size, 1).padding_needed_for(align);
      EXPECT_LT(padding, align);
      EXPECT_EQ(0u, (size + padding) % align);
    }
  }
}

TEST(Layout, L10_PadToAlign) {
  static_assert(layout(9, 4).pad_to_align() == layout(12, 4));
  static_assert(layout(12, 4).pad_to_align() == layout(12, 4));
  static_assert(layout(0, 4).pad_to_align() == layout(0, 4));
  // The largest there is: it cannot fail.
  static_assert(layout(kMax, 1).pad_to_align() == layout(kMax, 1));
  static_assert(layout(kMax - 4095, 4096).pad_to_align() == layout(kMax - 4095, 4096));
}

TEST(Layout, L11_Repeat) {
  static_assert(layout(12, 4).repeat(3) == std::pair(layout(36, 4), std::size_t{12}));
  static_assert(layout(6, 4).repeat(3) == std::pair(layout(24, 4), std::size_t{8}));
  static_assert(layout(6, 4).repeat(0) == std::pair(layout(0, 4), std::size_t{8}));
  static_assert(layout(0, 4).repeat(SIZE_MAX) == std::pair(layout(0, 4), std::size_t{0}));
  static_assert(!layout(1, 1).repeat(SIZE_MAX) && !layout(2, 1).repeat(kMax));
  static_assert(!layout(8, 8).repeat(SIZE_MAX / 8 + 2));  // wraps to 8
  static_assert(layout(8, 8).repeat(kMax / 8) && !layout(8, 8).repeat(kMax / 8 + 1));
}

TEST(Layout, L11_RepeatPacked) {
  static_assert(layout(6, 4).repeat_packed(3) == layout(18, 4));
  static_assert(layout(6, 4).repeat_packed(0) == layout(0, 4));
  static_assert(!layout(6, 4).repeat_packed(SIZE_MAX / 3));
  static_assert(!layout(kMax, 1).repeat_packed(2));
}

TEST(Layout, L12_ExtendLaysOutAStruct) {
  struct Record {
    char tag;
    std::uint64_t number;
    std::uint16_t rest;
  };
  constexpr auto number = Layout::of<char>().extend(Layout::of<std::uint64_t>()).value();
  constexpr auto rest = number.first.extend(Layout::of<std::uint16_t>()).value();
  static_assert(number.second == offsetof(Record, number));
  static_assert(rest.second == offsetof(Record, rest));
  static_assert(rest.first == layout(offsetof(Record, rest) + 2,
                                     alignof(std::uint64_t)));  // no padding at the end
  static_assert(rest.first.pad_to_align() == Layout::of<Record>());
}

TEST(Layout, L12_ExtendReportsOverflow) {
  static_assert(!layout(kMax, 1).extend(layout(1, 1)));
  static_assert(!layout(kMax, 1).extend(layout(0, 2)));
  static_assert(!layout(kMax, 1).extend(layout(0, kHighestAlign)));
  static_assert(!layout(kMax, 1).extend(layout(kMax, 1)));
  static_assert(layout(kMax - 1, 1).extend(layout(1, 1)) == std::pair(layout(kMax, 1), kMax - 1));
}

TEST(Layout, L12_ExtendPacked) {
  static_assert(layout(3, 2).extend_packed(layout(8, 8)) == layout(11, 2));
  static_assert(!layout(kMax, 1).extend_packed(layout(kMax, 1)));
  static_assert(!layout(kMax, 1).extend_packed(layout(1, 1)));
}

TEST(Layout, L13_Array) {
  static_assert(Layout::array<std::uint32_t>(5) == layout(20, 4));
  static_assert(Layout::array<std::uint32_t>(0) == layout(0, 4));
  static_assert(Layout::array<char>(kMax) == layout(kMax, 1));
  static_assert(!Layout::array<char>(kMax + 1));
  static_assert(!Layout::array<std::uint32_t>(kMax / 4 + 1));
  static_assert(!Layout::array<std::uint32_t>(SIZE_MAX / 4 + 2));  // wraps to 4
}

TEST(Layout, L14_DanglingIsAlignedAndNotNull) {
  for (std::size_t align = 1; align != 0; align *= 2) {
    void* const address = layout(0, align).dangling();
    EXPECT_NE(nullptr, address);
    EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(address) % align);
  }
}

TEST(Layout, L15_LayoutError) {
  const LayoutError error;
  EXPECT_STREQ("invalid parameters to Layout::from_size_align", error.what());
  EXPECT_EQ(LayoutError(), error);
  try {
    throw LayoutError();
  } catch (const std::exception& caught) {
    EXPECT_STREQ(LayoutError::kText, caught.what());
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  static_assert(std::is_same_v<LayoutErr, LayoutError>);
#pragma GCC diagnostic pop
}

TEST(Layout, L16_TheAlignmentIsAlwaysThere) {
  // There is no Layout of a size alone.
  static_assert(!std::is_constructible_v<Layout, std::size_t>);
  static_assert(!std::is_convertible_v<std::size_t, Layout>);
  static_assert(!std::is_constructible_v<Layout, std::size_t, std::size_t>);
}

}  // namespace
}  // namespace mete

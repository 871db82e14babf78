// Pages, counts of pages, and the window that gives page numbers their addresses.

#include "pages/page_id.hpp"

#include <gtest/gtest.h>

#include "pages/page_record.hpp"
#include "pages/window.hpp"

namespace mete::pages {
namespace {

TEST(PageId, ArithmeticKeepsPagesAndCountsApart) {
  const PageId page(100);
  EXPECT_EQ(PageId(107), page + PageCount(7));
  EXPECT_EQ(PageId(93), page - PageCount(7));
  EXPECT_EQ(PageCount(40), page - PageId(60));
  EXPECT_TRUE(page);
  EXPECT_FALSE(PageId());
  EXPECT_FALSE(PageCount());
  EXPECT_LT(PageId(1), PageId(2));
  const pages::Run run{PageId(5), PageCount(3), PageCount()};
  EXPECT_EQ(PageId(8), run.end());
  EXPECT_TRUE(run);
  EXPECT_FALSE(pages::Run{});
}

TEST(PageRecord, OneWordHoldsStateAndLength) {
  PageRecord record{};
  EXPECT_EQ(PageState::kNone, record.state());
  for (const PageState state : {PageState::kFree, PageState::kFreeTail, PageState::kPurging,
                                PageState::kInUse, PageState::kCached}) {
    record.set(state, kMaxRun);
    EXPECT_EQ(state, record.state());
    EXPECT_EQ(kMaxRun, record.length());
  }
  record.clear();
  EXPECT_EQ(PageState::kNone, record.state());
  EXPECT_EQ(PageCount(), record.length());
}

class WindowOfPageSize : public testing::TestWithParam<std::size_t> {};

TEST_P(WindowOfPageSize, PagesAndAddressesGoRoundTrip) {
  for (const std::uintptr_t first :
       {std::uintptr_t{0x7f12'3456'0000}, std::uintptr_t{0x5555'0000'0000},
        std::uintptr_t{0x10'0000}, std::uintptr_t{0x7fff'ffff'0000}}) {
    Window window;
    window.set_page_size(GetParam());
    EXPECT_FALSE(window.placed());
    window.place(first);
    EXPECT_TRUE(window.placed());
    EXPECT_EQ(GetParam(), window.page_size());
    ASSERT_TRUE(window.contains(first, GetParam()));
    const PageId page = window.page_of(first);
    EXPECT_TRUE(page);
    EXPECT_EQ(first, reinterpret_cast<std::uintptr_t>(window.address_of(page)));
    EXPECT_EQ(page, window.page_of(first + GetParam() - 1));
    EXPECT_EQ(page + PageCount(1), window.page_of(first + GetParam()));
    EXPECT_EQ(3 * GetParam(), window.bytes_of(PageCount(3)));
  }
}

TEST_P(WindowOfPageSize, AlignmentOfNumbersIsAlignmentOfAddresses) {
  Window window;
  window.set_page_size(GetParam());
  window.place(0x7f12'3456'0000);
  for (std::uint32_t alignment = 1; alignment <= 1u << 18; alignment *= 2) {
    const auto address = reinterpret_cast<std::uintptr_t>(window.address_of(PageId(5 * alignment)));
    EXPECT_EQ(0u, address % (alignment * GetParam()));
  }
}

TEST_P(WindowOfPageSize, EndsAfterSixteenTebibytes) {
  constexpr std::size_t kSpan = std::size_t{1} << 44;
  Window window;
  window.set_page_size(GetParam());
  window.place(0x7f12'3456'0000);
  const auto base = reinterpret_cast<std::uintptr_t>(window.address_of(PageId(0)));
  EXPECT_FALSE(window.contains(base, 0)) << "page 0 names no page";
  EXPECT_TRUE(window.contains(base + GetParam(), 0));
  EXPECT_TRUE(window.contains(base + kSpan - 2 * GetParam(), GetParam()));
  EXPECT_FALSE(window.contains(base + kSpan, 0));
  EXPECT_FALSE(window.contains(base - 1, 0));
  EXPECT_FALSE(window.contains(base + GetParam(), kSpan));
  EXPECT_FALSE(window.contains(base + GetParam(), ~std::size_t{0}));
}

INSTANTIATE_TEST_SUITE_P(PageSizes, WindowOfPageSize, testing::Values(4096, 16384, 65536));

}  // namespace
}  // namespace mete::pages

// Pages and counts of pages as types of their own, so that neither is mistaken for bytes.
//
// A page is a page of the operating system. Pages are numbered from the start of the *window*, a
// span of 16 TiB laid around the first range that the system gave us: 32 bits name any page of
// ours.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace mete::pages {

struct PageCount {
  std::uint32_t value = 0;

  constexpr PageCount() noexcept = default;
  constexpr explicit PageCount(std::uint32_t count) noexcept : value(count) {}
  constexpr explicit operator bool() const noexcept { return value != 0; }
  constexpr auto operator<=>(const PageCount&) const noexcept = default;
  constexpr PageCount operator+(PageCount other) const noexcept {
    return PageCount(value + other.value);
  }
  constexpr PageCount operator-(PageCount other) const noexcept {
    return PageCount(value - other.value);
  }
  constexpr PageCount& operator+=(PageCount other) noexcept { return *this = *this + other; }
  constexpr PageCount& operator-=(PageCount other) noexcept { return *this = *this - other; }
};

struct PageId {
  std::uint32_t value = 0;  // 0 names no page

  constexpr PageId() noexcept = default;
  constexpr explicit PageId(std::uint32_t number) noexcept : value(number) {}
  constexpr explicit operator bool() const noexcept { return value != 0; }
  constexpr auto operator<=>(const PageId&) const noexcept = default;
  constexpr PageId operator+(PageCount count) const noexcept { return PageId(value + count.value); }
  constexpr PageId operator-(PageCount count) const noexcept { return PageId(value - count.value); }
  constexpr PageCount operator-(PageId other) const noexcept {
    return PageCount(value - other.value);
  }
};

// Pages [first, first + count), of which `dirty` may hold something else than zeroes.
struct Run {
  PageId first;
  PageCount count;
  PageCount dirty;

  constexpr explicit operator bool() const noexcept { return static_cast<bool>(first); }
  constexpr PageId end() const noexcept { return first + count; }
};

}  // namespace mete::pages

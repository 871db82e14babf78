// The window: which addresses the 32-bit page numbers stand for. Placed once, when the first range
// is there.
//
// The base is a multiple of 1 TiB, or 0 where the window covers all addresses
// (base/address_space.hpp), so alignment of a page number in pages is alignment of its address up
// to that.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address_space.hpp"
#include "base/bits.hpp"
#include "pages/page_id.hpp"

namespace mete::pages {

class Window {
 public:
  void set_page_size(std::size_t page_size) noexcept { shift_ = base::log2_floor(page_size); }

  // Lays the window around `address`. Systems hand out addresses downward as a rule, so most of it
  // lies below.
  void place(std::uintptr_t address) noexcept {
    const std::uintptr_t below = (kLast / 4 + 1) * 3;
    base_ = kLast != ~std::uintptr_t{0} && address > below
                ? base::round_down(address - below, kAlignment)
                : 0;
  }

  bool placed() const noexcept { return base_ != kNowhere; }

  // Whether [address, address + bytes] lies inside, page 0 excluded.
  bool contains(std::uintptr_t address, std::size_t bytes) const noexcept {
    const std::uintptr_t offset = address - base_;
    return offset <= kLast && bytes <= kLast - offset && offset >= page_size();
  }

  unsigned page_shift() const noexcept { return shift_; }
  std::size_t page_size() const noexcept { return std::size_t{1} << shift_; }

  // The page that holds any address, no page if that lies outside.
  PageId find(std::uintptr_t address) const noexcept {
    const std::uintptr_t offset = address - base_;
    if (offset > kLast) return PageId();
    return PageId(static_cast<std::uint32_t>(offset >> shift_));
  }

  // The page that starts at any address, no page if none does.
  PageId find_start(std::uintptr_t address) const noexcept {
    const std::uintptr_t offset = address - base_;
    const std::uintptr_t number = offset >> shift_;
    if (offset > kLast || number << shift_ != offset) return PageId();
    return PageId(static_cast<std::uint32_t>(number));
  }

  // As find, for an address that lies inside.
  PageId page_of(std::uintptr_t address) const noexcept {
    return PageId(static_cast<std::uint32_t>((address - base_) >> shift_));
  }

  std::byte* address_of(PageId page) const noexcept {
    return reinterpret_cast<std::byte*>(base_ +
                                        (static_cast<std::uintptr_t>(page.value) << shift_));
  }

  std::size_t bytes_of(PageCount count) const noexcept {
    return static_cast<std::size_t>(count.value) << shift_;
  }

 private:
  // A sixteenth of the window, and the last offset in it.
  static constexpr std::uintptr_t kAlignment = std::uintptr_t{1}
                                               << (base::kAddressSpace.window_bits - 4);
  static constexpr std::uintptr_t kLast = base::last_of(base::kAddressSpace.window_bits);

  // Before it is placed the window lies where no address is. One of all addresses lies at a base
  // that it never has: the pages it finds then have no record.
  static constexpr std::uintptr_t kNowhere =
      kLast != ~std::uintptr_t{0} ? std::uintptr_t{1} << (base::kWordBits - 2) : 1;

  std::uintptr_t base_ = kNowhere;
  unsigned shift_ = 0;
};

}  // namespace mete::pages

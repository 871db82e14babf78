// Layout: the size and the alignment of a block of memory. Every request in mete carries one, so
// that an allocator always knows the alignment, and on the way back the size as well.
//
//   align is a power of two, and size rounded up to it is at most PTRDIFF_MAX
//
// This holds for every Layout: the functions that build one check it and answer std::nullopt where
// it would be broken. All are constexpr, and a Layout can be a template argument. Sizes, alignments
// and offsets are in bytes. Values without state: any thread may use them.
// Contract: requirements L1 to L16, after core::alloc::Layout.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iosfwd>
#include <optional>  // std::hash as well
#include <type_traits>
#include <utility>

#include "mete/precondition.hpp"

namespace mete {

// What a std::nullopt from Layout means, for those who want to throw or print it (L4, L15).
class LayoutError : public std::exception {
 public:
  static constexpr char kText[] = "invalid parameters to Layout::from_size_align";

  const char* what() const noexcept override { return kText; }
  friend bool operator==(const LayoutError&, const LayoutError&) noexcept { return true; }
};

using LayoutErr [[deprecated("use mete::LayoutError")]] = LayoutError;

class Layout {
  // The type of a template argument has public members. These have types that cannot be named
  // outside and that no number converts to, and `= {}` leaves a valid value in each. What remains
  // is to copy one member of another layout without its neighbour.
  enum class Size : std::size_t {};
  enum class Mask : std::size_t {};

 public:
  Size size_;
  Mask align_mask_;  // align - 1

  // Any size, 0 included (L3). Fails: nullopt if align is not a power of two, or size rounded up to
  // it exceeds PTRDIFF_MAX (L2, L4).
  static constexpr std::optional<Layout> from_size_align(std::size_t size,
                                                         std::size_t align) noexcept {
    if (!is_valid(size, align)) return std::nullopt;
    return Layout(size, align);
  }

  // As from_size_align, for what is known to be valid (L5). Requires: it is.
  static constexpr Layout from_size_align_unchecked(std::size_t size, std::size_t align) noexcept {
    require(is_valid(size, align), LayoutError::kText);
    return Layout(size, align);
  }

  // The layout of an object of type T (L7).
  template <class T>
  static constexpr Layout of() noexcept {
    static_assert(std::is_object_v<T>, "only objects have a layout: T is a reference, void ...");
    return Layout(sizeof(T), alignof(T));
  }

  // The layout of this object: of its static type (L7).
  template <class T>
  static constexpr Layout for_value(const T&) noexcept {
    return of<T>();
  }

  // As for_value; the pointer is not followed and may be null (L7).
  template <class T>
  static constexpr Layout for_value_raw(const T*) noexcept {
    return of<T>();
  }

  // The layout of T[n] (L13). Fails: nullopt if that is more than PTRDIFF_MAX bytes.
  template <class T>
  static constexpr std::optional<Layout> array(std::size_t n) noexcept {
    return of<T>().repeat_packed(n);  // sizeof(T) is a multiple of alignof(T)
  }

  constexpr std::size_t size() const noexcept { return static_cast<std::size_t>(size_); }
  constexpr std::size_t align() const noexcept { return mask() + 1; }

  // The same size, aligned to at least `align`; the size is not padded (L8). Fails: nullopt if
  // align is not a power of two, or the result would not be a layout.
  constexpr std::optional<Layout> align_to(std::size_t align) const noexcept {
    if (!is_power_of_two(align)) return std::nullopt;
    return from_size_align(size(), align > this->align() ? align : this->align());
  }

  // Bytes to add after size() to come to a multiple of `align`, if the block starts at one (L9).
  // SIZE_MAX if align is not a power of two.
  constexpr std::size_t padding_needed_for(std::size_t align) const noexcept {
    return is_power_of_two(align) ? (0 - size()) & (align - 1) : SIZE_MAX;
  }

  // The size rounded up to a multiple of the alignment, as sizeof is (L10). Never fails.
  constexpr Layout pad_to_align() const noexcept {
    return Layout((size() + mask()) & ~mask(), align());
  }

  // n of these in a row, each aligned, with padding after each; and the distance from one to the
  // next (L11). Fails: nullopt if that is too large.
  constexpr std::optional<std::pair<Layout, std::size_t>> repeat(std::size_t n) const noexcept {
    const Layout padded = pad_to_align();
    const std::optional<Layout> all = padded.repeat_packed(n);
    if (!all) return std::nullopt;
    return std::pair(*all, padded.size());
  }

  // As repeat, without padding: only the first is sure to be aligned (L11).
  constexpr std::optional<Layout> repeat_packed(std::size_t n) const noexcept {
    if (n != 0 && size() > SIZE_MAX / n) return std::nullopt;
    return from_size_align(size() * n, align());
  }

  // This and then `next`, at the offset where it is aligned, as the members of a C struct (L12).
  // There is no padding at the end: pad_to_align adds it. Fails: nullopt if that is too large.
  constexpr std::optional<std::pair<Layout, std::size_t>> extend(Layout next) const noexcept {
    // Nothing here can wrap: an offset is at most PTRDIFF_MAX + 1, a size at most PTRDIFF_MAX.
    const std::size_t offset = size() + padding_needed_for(next.align());
    const std::optional<Layout> both =
        from_size_align(offset + next.size(), align() > next.align() ? align() : next.align());
    if (!both) return std::nullopt;
    return std::pair(*both, offset);
  }

  // As extend, without padding in between; aligned as this, whatever `next` asks for (L12).
  constexpr std::optional<Layout> extend_packed(Layout next) const noexcept {
    return from_size_align(size() + next.size(), align());
  }

  // An address that is aligned and not null, and at which nothing is: not to be read or written. It
  // stands for blocks of size 0 (L14).
  void* dangling() const noexcept { return reinterpret_cast<void*>(align()); }

  friend constexpr bool operator==(Layout, Layout) noexcept = default;

  // Layout { size: 24, align: 8 (1 << 3) }
  template <class Traits>
  friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                                      Layout layout) {
    return out << "Layout { size: " << layout.size() << ", align: " << layout.align() << " (1 << "
               << std::countr_zero(layout.align()) << ") }";
  }

 private:
  constexpr Layout(std::size_t size, std::size_t align) noexcept
      : size_{size}, align_mask_{align - 1} {}

  constexpr std::size_t mask() const noexcept { return static_cast<std::size_t>(align_mask_); }

  // Not std::has_single_bit: where the processor does not count bits it is a call.
  static constexpr bool is_power_of_two(std::size_t value) noexcept {
    return value != 0 && (value & (value - 1)) == 0;
  }
  static constexpr bool is_valid(std::size_t size, std::size_t align) noexcept {
    return is_power_of_two(align) && size <= std::size_t{PTRDIFF_MAX} - (align - 1);
  }
};

static_assert(std::is_trivially_copyable_v<Layout> && sizeof(Layout) == 2 * sizeof(void*));

}  // namespace mete

template <>
struct std::hash<mete::Layout> {
  std::size_t operator()(mete::Layout layout) const noexcept {
    return std::hash<std::size_t>()(layout.size()) * 31 + std::hash<std::size_t>()(layout.align());
  }
};

// Collecting idle pages and giving them back.

#include "heap/idle_pages.hpp"

#include <bit>

#include "base/bits.hpp"
#include "heap/domain.hpp"
#include "heap/slab_blocks.hpp"

namespace mete::heap {
namespace {

// Idle pages between two that are not go back if they are this much together, unless the program
// asks for all: a call and a fault cost more than a page of 4 KiB is worth. Half of the calls were
// for single pages.
constexpr std::size_t kLeastStretch = std::size_t{8} << 10;

constexpr std::uint16_t bits_of(std::uint32_t from, std::uint32_t length) noexcept {
  return static_cast<std::uint16_t>(base::bit_span(from, length));
}

}  // namespace

void IdlePages::collect(Slab& slab) noexcept {
  if (ended_) return;
  const unsigned page_shift = domain.pages.window().page_shift();
  const std::size_t least = cost_ == Cost::kCredit ? kLeastStretch : 0;
  const pages::PageId first(slab.number << domain.slab_page_shift());
  std::uint32_t idle = idle_pages(slab, page_shift);
  while (idle != 0) {
    const auto from = static_cast<std::uint32_t>(std::countr_zero(idle));
    const auto length = static_cast<std::uint32_t>(std::countr_one(idle >> from));
    const std::uint16_t stretch = bits_of(from, length);
    idle &= ~std::uint32_t{stretch};
    if (std::size_t{length} << page_shift < least) continue;
    if (count_ == kMost) give_back();
    if (ended_) return;
    slab.clean_pages |= stretch;
    slab_[count_] = &slab;
    stretch_[count_++] = {first + pages::PageCount(from), pages::PageCount(length)};
  }
}

std::uint32_t IdlePages::give_back() noexcept {
  if (count_ == 0) return given_;
  const std::uint32_t given = domain.pages.purge_in_use(stretch_, count_, cost_);
  ended_ = given < count_;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint32_t length = stretch_[i].count.value;
    const std::uint32_t from =
        stretch_[i].first.value - (slab_[i]->number << domain.slab_page_shift());
    if (i < given) {
      given_ += length;
    } else {
      slab_[i]->clean_pages &= static_cast<std::uint16_t>(~bits_of(from, length));
    }
  }
  count_ = 0;
  return given_;
}

}  // namespace mete::heap

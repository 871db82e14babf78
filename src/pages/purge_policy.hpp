// When free dirty pages go back to the system. Arithmetic only: counts in, counts out, no clock and
// no system call.
//
// Free dirty pages are kept up to the bound
//     retain_base + retain_percent % of the pages in use                            (128 KiB + 6 %
//     by default)
// and what is beyond goes back
//   - at the next tick, if it has lain idle since the last one, and
//   - at once, as far as there is *credit*: nobody may come by later, since mete has no thread of
//   its own.
// Purging a page that is needed again costs a page fault, about 300 malloc/free pairs, so what is
// purged at once is paid for: every four pages by which the footprint reaches a new peak earn five
// credits, and time earns `pages_per_second`, up to the peak. So a program that builds, frees and
// rests gives everything back at once, and one that does so in a tight loop loses at most that many
// faults per second to it (16 MiB/s: less than 1 % of its time). A page that is needed again within
// a second was purged too early and costs kRegret more: a program that lives in short waves pays
// for the first ones only.

#pragma once

#include <atomic>
#include <cstdint>

#include "pages/page_id.hpp"

namespace mete::pages {

class PurgePolicy {
 public:
  // Credits for a page that was purged too early.
  static constexpr std::uint64_t kRegret = 8;

  struct Settings {
    PageCount retain_base;
    std::uint32_t retain_percent = 6;
    std::uint64_t pages_per_second = 0;
  };

  constexpr PurgePolicy() noexcept = default;
  explicit PurgePolicy(Settings settings) noexcept : settings_(settings) {}

  void configure(Settings settings) noexcept { settings_ = settings; }

  // Free dirty pages that may be kept.
  PageCount bound(PageCount in_use) const noexcept {
    return PageCount(
        settings_.retain_base.value +
        static_cast<std::uint32_t>(std::uint64_t{in_use.value} * settings_.retain_percent / 100));
  }

  // To be told whenever pages were taken: `resident` is in use + free dirty now, `clean` pages of
  // those taken have no memory.
  void note_taken(PageCount resident, PageCount clean) noexcept {
    std::uint64_t again = clean.value;  // had memory before
    if (resident.value > peak_) {
      const std::uint64_t growth = resident.value - peak_;
      peak_ = resident.value;
      set_credit(credit() + growth + growth / 4);
      again -= growth < again ? growth : again;
    }
    note_needed_again(again);
  }

  // To be told of pages that had memory before and need it again.
  void note_needed_again(std::uint64_t pages) noexcept {
    const std::uint64_t early = pages < recent_ ? pages : recent_;
    recent_ -= early;
    spend(early * kRegret);
  }

  // To be told the time now and then.
  void note_time(std::uint64_t milliseconds) noexcept {
    if (milliseconds > recent_since_ + kRecent) {
      recent_ = 0;
      recent_since_ = milliseconds;
    }
    if (last_time_ != 0 && milliseconds > last_time_) {
      const std::uint64_t elapsed = milliseconds - last_time_;
      const std::uint64_t earned =
          (elapsed > kLongest ? kLongest : elapsed) * settings_.pages_per_second / 1000;
      const std::uint64_t sum = credit() + earned;
      if (credit() < peak_) set_credit(sum < peak_ ? sum : peak_);
      if (earned == 0) return;  // too early: let the time add up
    }
    last_time_ = milliseconds;
  }

  // Pages to purge at a tick, of which `idle` have been free and dirty since the last one.
  PageCount due_at_tick(PageCount in_use, PageCount idle) const noexcept {
    const PageCount keep = bound(in_use);
    return idle > keep ? idle - keep : PageCount();
  }

  // Pages to purge at once, 0 if none.
  PageCount due(PageCount in_use, PageCount free_dirty) const noexcept {
    const PageCount keep = bound(in_use);
    if (free_dirty <= keep) return PageCount();
    // Go a little below the bound, or the next freed page would ask for another call.
    const std::uint64_t excess = free_dirty.value - keep.value + keep.value / 4;
    return PageCount(static_cast<std::uint32_t>(excess < credit() ? excess : credit()));
  }

  void note_purged(PageCount count) noexcept {
    spend(count.value);
    recent_ += count.value;
  }

  // Any thread.
  std::uint64_t credit() const noexcept { return credit_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint64_t kRecent = 1000;  // milliseconds
  static constexpr std::uint64_t kLongest = 3600 * 1000;

  void spend(std::uint64_t pages) noexcept {
    if (pages != 0) set_credit(pages < credit() ? credit() - pages : 0);
  }
  void set_credit(std::uint64_t credit) noexcept {
    credit_.store(credit, std::memory_order_relaxed);
  }

  Settings settings_;
  std::atomic<std::uint64_t> credit_{0};
  std::uint64_t peak_ = 0;
  std::uint64_t last_time_ = 0;
  std::uint64_t recent_ = 0;  // pages purged since recent_since_ and not needed again
  std::uint64_t recent_since_ = 0;
};

}  // namespace mete::pages

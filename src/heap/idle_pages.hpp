// Pages of slabs that no block in use touches, on their way back to the system: those of several
// slabs together.

#pragma once

#include <cstdint>

#include "heap/slab.hpp"
#include "pages/page_allocator.hpp"

namespace mete::heap {

// Used under the lock of the heap that the slabs belong to; from collect() to give_back() nothing
// of them is taken or put back. What was collected counts as clean already, so a slab may come
// twice.
class IdlePages {
 public:
  using Cost = pages::PageAllocator::Cost;

  // `cost`: whether the pages are paid for (PageAllocator::purge_in_use); if they are, stretches
  // that are too short to be worth it stay.
  explicit IdlePages(Cost cost) noexcept : cost_(cost) {}
  ~IdlePages() { give_back(); }
  IdlePages(const IdlePages&) = delete;
  IdlePages& operator=(const IdlePages&) = delete;

  void collect(Slab& slab) noexcept;

  // Returns: pages that went back since the beginning.
  std::uint32_t give_back() noexcept;

 private:
  static constexpr std::uint32_t kMost = pages::PageAllocator::kMostStretches;

  const Cost cost_;
  bool ended_ = false;  // there is no credit left, or the system refuses
  std::uint32_t count_ = 0;
  std::uint32_t given_ = 0;
  pages::PageAllocator::Stretch stretch_[kMost];
  Slab* slab_[kMost];  // that each stretch lies in
};

}  // namespace mete::heap

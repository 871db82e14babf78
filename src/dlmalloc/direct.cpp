// Blocks that are mapped alone.

#include "dlmalloc/direct.hpp"

#include <cstdint>

#include "base/bits.hpp"
#include "dlmalloc/optional_port.hpp"
#include "mete/port.h"

namespace mete::dlmalloc {

void* Mspace::map_direct(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t least = bytes + alignment + sizeof(Direct);
  if (least < bytes || least > kMost) return nullptr;
  const std::size_t length = base::round_up(least, parameters.granularity);
  if (!may_take(length)) return nullptr;
  void* const base = optional_port::direct_mmap(length);
  if (base == kNoMemory) return nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::uintptr_t payload =
      base::round_up(address + sizeof(Direct), std::uintptr_t{alignment});
  auto* const direct = reinterpret_cast<Direct*>(payload) - 1;
  *direct = {directs_, &directs_, static_cast<std::byte*>(base), 0, this, length};
  if (directs_ != nullptr) directs_->link = &direct->next;
  directs_ = direct;
  direct_bytes_ += length;
  count_footprint(0);
  return direct->payload();
}

bool Mspace::owns_direct(const void* block) const noexcept {
  return Direct::is_one(block) && Direct::of(block)->owner == this &&
         *Direct::of(block)->link == Direct::of(block);
}

// Returns: false if the port does not take it back.
bool Mspace::unmap(Direct* direct) noexcept {
  *direct->link = direct->next;
  if (direct->next != nullptr) direct->next->link = direct->link;
  direct_bytes_ -= direct->bytes;
  return custom_munmap(direct->base, direct->bytes) == 0;
}

}  // namespace mete::dlmalloc

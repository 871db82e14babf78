// What there is in a space: counts of it, and every piece.

#include "dlmalloc/direct.hpp"
#include "dlmalloc/guard.hpp"
#include "dlmalloc/mspace.hpp"

namespace mete::dlmalloc {

mallinfo_dl Mspace::info() noexcept {
  const Guard guard(*this);
  mallinfo_dl info{};
  space_.walk([](void* context, void*, std::size_t,
                 bool in_use) { static_cast<mallinfo_dl*>(context)->ordblks += !in_use; },
              &info);
  const Space::Statistics now = space_.statistics();
  info.arena = now.footprint + base_bytes_;
  for (const Direct* direct = directs_; direct != nullptr; direct = direct->next) ++info.hblks;
  info.hblkhd = direct_bytes_;
  info.usmblks = peak_footprint_;
  info.uordblks = now.in_use + direct_bytes_;
  info.fordblks = info.arena - now.in_use;
  info.keepcost = space_.trimmable();
  return info;
}

void Mspace::inspect(void (*handler)(void*, void*, std::size_t, void*), void* argument) noexcept {
  struct Call {
    void (*handler)(void*, void*, std::size_t, void*);
    void* argument;
  } call{handler, argument};
  const Guard guard(*this);
  space_.walk(
      [](void* context, void* address, std::size_t bytes, bool in_use) {
        const Call& to = *static_cast<Call*>(context);
        to.handler(address, static_cast<std::byte*>(address) + bytes, in_use ? bytes : 0,
                   to.argument);
      },
      &call);
  for (Direct* direct = directs_; direct != nullptr; direct = direct->next) {
    auto* const start = static_cast<std::byte*>(direct->payload());
    handler(start, start + direct->usable(), direct->usable(), argument);
  }
}

}  // namespace mete::dlmalloc

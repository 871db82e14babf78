// mete's own tables: Space itself, and the spaces of dlmalloc.h on it.

#include "own.hpp"

#include <cstddef>
#include <new>
#include <span>

#include "mete/dlmalloc.h"
#include "mete/space.hpp"

namespace space_bench {
namespace {

mete::Space* space_of(void* handle) { return static_cast<mete::Space*>(handle); }

alignas(mete::Space) std::byte space_itself[sizeof(mete::Space)];

void* begin_space(void* memory, std::size_t bytes) {
  if (memory == nullptr) return nullptr;
  auto* const space = new (space_itself) mete::Space;
  return space->add_region(memory, bytes) ? space : nullptr;
}

constexpr space_peer kSpace = {
    .init = begin_space,
    .allocate = [](void* handle,
                   std::size_t bytes) { return space_of(handle)->allocate(bytes, 1); },
    .deallocate = [](void* handle, void* block) { space_of(handle)->deallocate(block); },
    .reallocate = [](void* handle, void* block,
                     std::size_t bytes) { return space_of(handle)->reallocate(block, bytes, 1); },
    .allocate_aligned =
        [](void* handle, std::size_t alignment, std::size_t bytes) {
          return space_of(handle)->allocate(bytes, alignment);
        },
    .peak = nullptr,
};

void* begin_mspace(void* memory, std::size_t bytes) {
  if (memory == nullptr) return create_mspace(0, 0);
  const mspace space = create_mspace_with_base(memory, bytes, 0);
  if (space != nullptr) mspace_set_footprint_limit(space, 0);  // no more than there is
  return space;
}

constexpr space_peer kMspace = {
    .init = begin_mspace,
    .allocate = mspace_malloc,
    .deallocate = mspace_free,
    .reallocate = mspace_realloc,
    .allocate_aligned = mspace_memalign,
    .peak = mspace_max_footprint,
};

}  // namespace

const space_peer& own_space = kSpace;
const space_peer& own_mspace = kMspace;

}  // namespace space_bench

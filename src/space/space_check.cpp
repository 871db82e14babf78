// Walks over everything in a space.

#include "mete/space.hpp"
#include "space/chunk.hpp"
#include "space/free_chunks.hpp"

namespace mete {

const char* Space::check() const noexcept {
  Statistics sum;
  std::size_t free_chunks = 0;  // in lists
  bool saw_open = open_ == nullptr;
  for (const Region* region = regions_; region != nullptr; region = region->next) {
    ++sum.regions;
    sum.footprint += region->bytes();
    const Chunk* chunk = region->first();
    const Chunk* const end = region->end();
    if (!chunk->is_first()) return "the first chunk of a region is not marked as such";
    bool previous_in_use = true;
    for (; chunk < end; chunk = chunk->after()) {
      const std::size_t size = chunk->size();
      if (size < Chunk::kSmallest || size % kGranule != 0) return "a chunk has an impossible size";
      if (chunk->previous_in_use() != previous_in_use)
        return "a chunk is wrong about the one before it";
      if (chunk->is_first() != (chunk == region->first()))
        return "a chunk in the middle is marked as the first";
      if (chunk->in_use()) {
        sum.in_use += size;
        ++sum.blocks;
      } else {
        if (!previous_in_use) return "two free chunks side by side were not joined";
        if (chunk == open_) {
          if (chunk->after() != open_end_) return "the open chunk does not end where it ends";
          saw_open = true;
        } else {
          if (chunk->after()->previous_size != size)
            return "a free chunk without its size at its end";
          ++free_chunks;
        }
      }
      previous_in_use = chunk->in_use();
    }
    if (chunk != end || !end->is_end()) return "the chunks of a region do not end where it ends";
    if (!end->in_use() || end->previous_in_use() != previous_in_use)
      return "the end of a region is wrong about the chunk before it";
  }
  for (unsigned list = 0; list < kLists; ++list) {
    const bool occupied = (occupied_[list / kWordBits] >> (list % kWordBits) & 1) != 0;
    if (occupied != (list_[list] != nullptr)) return "the index is wrong about a list";
    Chunk* const* link = &list_[list];
    for (const Chunk* chunk = list_[list]; chunk != nullptr; chunk = chunk->next) {
      if (chunk->in_use()) return "a chunk in use is in a list of free ones";
      if (list_of(chunk->size()) != list) return "a free chunk is in the wrong list";
      if (chunk->link != link) return "a list is not linked backwards as it is forwards";
      link = &chunk->next;
      if (free_chunks-- == 0) return "a free chunk is in a list but in no region";
    }
  }
  if (!saw_open) return "the open chunk is in no region";
  if (free_chunks != 0) return "a free chunk is in no list";
  if (sum.in_use != statistics_.in_use || sum.blocks != statistics_.blocks)
    return "the count of what is in use is wrong";
  if (sum.regions != statistics_.regions || sum.footprint != statistics_.footprint)
    return "the count of regions is wrong";
  return nullptr;
}

void Space::walk(void (*visit)(void* context, void* address, std::size_t bytes, bool in_use),
                 void* context) const noexcept {
  for (Region* region = regions_; region != nullptr; region = region->next) {
    Chunk* const end = region->end();
    for (Chunk* chunk = region->first(); chunk < end; chunk = chunk->after())
      visit(context, chunk->payload(), chunk->size() - Chunk::kWord, chunk->in_use());
  }
}

}  // namespace mete

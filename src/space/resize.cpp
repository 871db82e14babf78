// Blocks of a space: resizing in place, moving, splitting.

#include "base/compiler.hpp"
#include "mete/space.hpp"
#include "space/chunk.hpp"
#include "space/free_chunks.hpp"

namespace mete {

// Cuts a chunk in use down to `size`, if what is left makes a chunk.
void Space::cut(Chunk* chunk, std::size_t size) noexcept {
  const std::size_t rest = chunk->size() - size;
  if (rest < Chunk::kSmallest) return;
  chunk->set_size(size);
  Chunk* const tail = chunk->at(size);
  tail->head = Chunk::kPreviousInUse;
  make_free(tail, rest);
}

// Lets a chunk in use have all of the free one behind it, or so much that it has `size`.
void Space::grow_over(Chunk* chunk, Chunk* after, std::size_t size) noexcept {
  const std::size_t all = chunk->size() + after->size();
  if (after == open_ && all - size >= Chunk::kSmallest) {
    chunk->set_size(size);
    open_ = chunk->at(size);
    open_->head = (all - size) | Chunk::kPreviousInUse;
    return;
  }
  remove(after);
  chunk->set_size(all);
  chunk->at(all)->head |= Chunk::kPreviousInUse;
  cut(chunk, size);
}

// Gives a block, whose neighbours are well, another size where it is. Returns: whether it could.
inline bool Space::resize(Chunk* chunk, std::size_t size) noexcept {
  const std::size_t old_size = chunk->size();
  if (size > old_size) {
    Chunk* const after = chunk->after();
    if (after->in_use() || after->size() < size - old_size) return false;
    grow_over(chunk, after, size);
  } else {
    if (size == old_size) return true;
    cut(chunk, size);
  }
  count_out(old_size);
  count_in(chunk->size());
  return true;
}

// Whether this is a block, and its neighbours are as they were left; reports it if not.
inline bool Space::may_resize(Chunk* chunk) const noexcept {
  if (METE_LIKELY(is_block(chunk))) return neighbours_are_well(chunk);
  error("resize of what is no block in use", chunk->payload());
  return false;
}

bool Space::resize_in_place(void* block, std::size_t bytes) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  Chunk* const chunk = Chunk::of(block);
  return size != 0 && may_resize(chunk) && resize(chunk, size);
}

void* Space::reallocate(void* block, std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  Chunk* const chunk = Chunk::of(block);
  if (METE_UNLIKELY(size == 0) || !may_resize(chunk)) return nullptr;
  if (METE_LIKELY(is_aligned(block, alignment)) && resize(chunk, size)) return block;
  const std::size_t old_size = chunk->size();
  const std::size_t kept = (old_size < size ? old_size : size) - Chunk::kWord;
  if (!chunk->previous_in_use() && alignment <= kGranule) {
    if (void* const moved = move_down(chunk, size, kept); moved != nullptr) return moved;
  }
  void* const moved = allocate(bytes, alignment);
  if (moved == nullptr) return nullptr;
  __builtin_memcpy(moved, block, kept);
  deallocate(block);
  return moved;
}

// Moves a block of `kept` bytes down over the free chunk before it: where nothing else is free that
// fits, and only there, since holes stay larger if what grows leaves them. Returns: null if this is
// no such place.
void* Space::move_down(Chunk* chunk, std::size_t size, std::size_t kept) noexcept {
  Chunk* const before = this->before(chunk);
  Chunk* const after = chunk->after();
  const std::size_t old_size = chunk->size();
  std::size_t room = before->size() + old_size;
  if (!after->in_use()) room += after->size();
  if (room < size || find(size) != nullptr) return nullptr;
  remove(before);
  if (!after->in_use()) remove(after);
  __builtin_memmove(before->payload(), chunk->payload(), kept);
  before->head |= Chunk::kInUse;
  before->set_size(room);
  before->at(room)->head |= Chunk::kPreviousInUse;
  cut(before, size);
  count_out(old_size);
  count_in(before->size());
  return before->payload();
}

void* Space::split(void* block, std::size_t bytes) noexcept {
  Chunk* const chunk = Chunk::of(block);
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0 || !is_block(chunk) || chunk->size() < size + Chunk::kSmallest) return nullptr;
  const std::size_t rest = chunk->size() - size;
  chunk->set_size(size);
  Chunk* const tail = chunk->at(size);
  tail->head = rest | Chunk::kInUse | Chunk::kPreviousInUse;
  ++statistics_.blocks;
  return tail->payload();
}

}  // namespace mete

// Blocks of a space: allocating and freeing. All in bounded time: a look at a few words of a
// bitmap, at most kLooks chunks of a list, and the neighbours of one chunk.

#include "mete/space.hpp"

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "space/chunk.hpp"
#include "space/free_chunks.hpp"

namespace mete {
namespace {

// How many chunks of the list of its own size a request looks at before it takes a larger one.
constexpr int kLooks = 8;

// The open chunk is used up before chunks of lists are cut, if it is no larger than this; what is
// larger is kept whole as long as something else fits.
constexpr std::size_t kMostOpen = 4096;

}  // namespace

// ---- the hot path ----

// A chunk of the very size that is wanted, or a granule more; else a piece of the open one, if that
// is small or nothing else is there.
void* Space::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (METE_UNLIKELY(alignment > kGranule)) return allocate_aligned(bytes, alignment);
  if (METE_UNLIKELY(bytes > kMostSmall)) return allocate_large(bytes);
  std::size_t size = Chunk::size_for_small(bytes);
  std::size_t list = size / kGranule - kLeast;
  const std::size_t bits = occupied_[0] >> list;
  Chunk* chunk;
  if ((bits & 3) != 0) {
    list += ~bits & 1;
    size = (list + kLeast) * kGranule;
    chunk = list_[list];
    Chunk* const next = chunk->next;
    if (next != nullptr) {
      if (METE_UNLIKELY(next->link != &chunk->next)) return spoilt(next), nullptr;
      next->link = &list_[list];
    } else {
      occupied_[0] &= ~(std::size_t{1} << list);
    }
    list_[list] = next;
    chunk->head |= Chunk::kInUse;
    chunk->at(size)->head |= Chunk::kPreviousInUse;
  } else {
    const std::size_t room = open_bytes();
    if (room < size + Chunk::kSmallest || (room > kMostOpen && has_list(bits)))
      return allocate_small(size);
    chunk = open_;
    chunk->head = size | Chunk::kInUse | (chunk->head & Chunk::kFlags);
    open_ = chunk->at(size);
    open_->head = (room - size) | Chunk::kPreviousInUse;
  }
  return begin_block(chunk, size);
}

// Most often nothing is free beside the block, or only the open chunk behind it.
void Space::deallocate(void* block) noexcept {
  if (METE_UNLIKELY(block == nullptr)) return;
  Chunk* const chunk = Chunk::of(block);
  if (METE_UNLIKELY(!is_block(chunk))) return error("free of what is no block in use", block);
  const std::size_t head = chunk->head;
  const std::size_t size = chunk->size();
  Chunk* const after = chunk->at(size);
  if (!chunk->previous_in_use()) return deallocate_joined(chunk);
  if (after->in_use()) {
    chunk->head = head & ~Chunk::kInUse;
    after->head &= ~Chunk::kPreviousInUse;
    after->previous_size = size;
    insert(chunk, size);
  } else if (after == open_) {
    open_ = chunk;
    chunk->head = open_bytes() | (head & (Chunk::kFirst | Chunk::kPreviousInUse));
  } else {
    return deallocate_joined(chunk);
  }
  end_block(size);
  if (METE_UNLIKELY((head & Chunk::kFirst) != 0)) give_if_spare(chunk);
}

METE_FLATTEN METE_NOINLINE void Space::deallocate_joined(Chunk* chunk) noexcept {
  const std::size_t size = chunk->size();
  Chunk* const whole = make_free(chunk, size);
  if (METE_UNLIKELY(whole == nullptr)) return;
  end_block(size);
  if (METE_UNLIKELY(whole->is_first())) give_if_spare(whole);
}

// ---- what is not so often ----

// The first list from `from` on that is not empty, kLists if there is none.
inline unsigned Space::next_list(unsigned from) const noexcept {
  if (from >= kLists) return kLists;
  unsigned word = from / kWordBits;
  std::size_t bits = occupied_[word] >> (from % kWordBits) << (from % kWordBits);
  while (bits == 0) {
    if (++word == kWords) return kLists;
    bits = occupied_[word];
  }
  return word * kWordBits + static_cast<unsigned>(std::countr_zero(bits));
}

// A free chunk of at least `size`: the best among the first few of its own list, else the open one
// if it is small, else any of the next list that has one, else the open one; null if there is none.
Space::Chunk* Space::find(std::size_t size) const noexcept {
  const unsigned own = list_of(size);
  Chunk* const opened = open_bytes() >= size ? open_ : nullptr;
  unsigned list = next_list(own);
  if (list == own) {
    Chunk* best = nullptr;
    std::size_t least = SIZE_MAX / 2;  // of what would be left
    int looks = kLooks;
    for (Chunk* chunk = list_[own]; chunk != nullptr && looks-- != 0; chunk = chunk->next) {
      const std::size_t rest = chunk->size() - size;  // where it is too small, more than any other
      if (rest >= least) continue;
      best = chunk;
      least = rest;
    }
    if (best != nullptr) return best;
    list = next_list(own + 1);
  }
  if (list == kLists || (opened != nullptr && open_bytes() <= kMostOpen)) return opened;
  if (opened != nullptr && open_bytes() < list_[list]->size()) return opened;
  return list_[list];
}

// The same, by the source if need be.
inline Space::Chunk* Space::find_or_grow(std::size_t size) noexcept {
  Chunk* const chunk = find(size);
  if (METE_LIKELY(chunk != nullptr)) return chunk;
  return extend(size) ? find(size) : nullptr;
}

// Makes a free chunk a block of `size` bytes; what is left of it is the open chunk then.
inline void* Space::take(Chunk* chunk, std::size_t size) noexcept {
  const bool opened = chunk == open_;
  if (!opened) {
    if (METE_UNLIKELY(!is_listed(chunk))) return spoilt(chunk), nullptr;
    unlist(chunk);
  }
  const std::size_t rest = chunk->size() - size;
  if (rest < Chunk::kSmallest) {
    chunk->head |= Chunk::kInUse;
    chunk->after()->head |= Chunk::kPreviousInUse;
    if (opened) open_ = open_end_ = nullptr;
    return begin_block(chunk, chunk->size());
  }
  chunk->head = size | Chunk::kInUse | (chunk->head & Chunk::kFlags);
  Chunk* const tail = chunk->at(size);
  tail->head = rest | Chunk::kPreviousInUse;
  if (!opened) {
    if (open_ != nullptr) {
      open_end_->previous_size = open_->size();
      insert(open_, open_->size());
    }
    open_end_ = tail->at(rest);
  }
  open_ = tail;
  return begin_block(chunk, size);
}

METE_NOINLINE void* Space::allocate_small(std::size_t size) noexcept {
  const unsigned list = next_list(list_of(size) + 2);
  Chunk* chunk = list < kLists ? list_[list] : nullptr;
  if (open_bytes() >= size && (chunk == nullptr || open_bytes() < chunk->size())) chunk = open_;
  if (METE_UNLIKELY(chunk == nullptr)) return allocate_large(size - Chunk::kWord);
  return take(chunk, size);
}

METE_NOINLINE void* Space::allocate_large(std::size_t bytes) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0) return nullptr;
  Chunk* const chunk = find_or_grow(size);
  return METE_LIKELY(chunk != nullptr) ? take(chunk, size) : nullptr;
}

METE_NOINLINE void* Space::allocate_aligned(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0 || alignment > SIZE_MAX / 4) return nullptr;
  // Room to move the payload up to its alignment, with a whole chunk before it.
  Chunk* const chunk = find_or_grow(size + alignment + Chunk::kSmallest);
  if (chunk == nullptr) return nullptr;
  if (is_aligned(chunk->payload(), alignment)) return take(chunk, size);
  if (METE_UNLIKELY(chunk != open_ && !is_listed(chunk))) return spoilt(chunk), nullptr;
  remove(chunk);
  const auto address = reinterpret_cast<std::uintptr_t>(chunk->payload());
  const std::uintptr_t moved = base::round_up(address + Chunk::kSmallest, alignment);
  const std::size_t lead = moved - address;
  Chunk* const aligned = chunk->at(lead);
  aligned->head = (chunk->size() - lead) | Chunk::kInUse;
  aligned->after()->head |= Chunk::kPreviousInUse;
  make_free(chunk, lead);
  cut(aligned, size);
  return begin_block(aligned, aligned->size());
}

METE_COLD void Space::error(const char* message, const void* address) const noexcept {
  if (on_error_ == nullptr) __builtin_trap();
  on_error_(message, address);
}

METE_COLD void Space::spoilt(Chunk* chunk) const noexcept {
  error("a free block was written to", chunk->payload());
}

std::size_t Space::size_in_use(std::size_t bytes) noexcept { return Chunk::size_for(bytes); }

std::size_t Space::usable_size(const void* block) noexcept {
  return block != nullptr ? Chunk::of(block)->size() - Chunk::kWord : 0;
}

}  // namespace mete

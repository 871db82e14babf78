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
constexpr int kLooks = 4;

// The open chunk is used up before chunks of lists are cut, if it is no larger than this. A larger
// one is left alone as long as a chunk of a list up to this size will do.
constexpr std::size_t kMostOpen = 4096;

// What is left of a chunk becomes the open one unless it is smaller: little could be cut from it.
constexpr std::size_t kLeastOpen = 8 * sizeof(void*);

}  // namespace

// The bits of a word of lists that come before `list`.
constexpr std::size_t Space::lists_below(unsigned list, unsigned word) noexcept {
  const unsigned first = word * kWordBits;
  if (list <= first) return 0;
  if (list >= first + kWordBits) return ~std::size_t{0};
  return (std::size_t{1} << (list - first)) - 1;
}

// Whether there is a chunk of less than kMostOpen bytes in `list` or a later one. `bits` are those
// of the first word from `list` on.
inline bool Space::has_hole(std::size_t list, std::size_t bits) const noexcept {
  constexpr unsigned kEnd = list_of(kMostOpen);
  bits &= lists_below(kEnd, 0) >> list;
  for (unsigned word = 1; word < kWords; ++word) bits |= occupied_[word] & lists_below(kEnd, word);
  return bits != 0;
}

// ---- the hot path ----

// A chunk of the very size that is wanted, or a granule more; else a piece of the open one, if that
// is small or no hole is there.
void* Space::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (METE_UNLIKELY(alignment > kGranule)) return allocate_aligned(bytes, alignment);
  if (METE_UNLIKELY(bytes > kMostSmall)) return allocate_large(bytes);
  std::size_t size = Chunk::size_for_small(bytes);
  std::size_t list = size / kGranule - kLeast;
  const std::size_t bits = occupied_[0] >> list;
  if ((bits & 3) != 0) {
    list += ~bits & 1;
    size = (list + kLeast) * kGranule;
    Chunk* const chunk = list_[list];
    if (METE_UNLIKELY(!pop(list, chunk))) return nullptr;
    chunk->head |= Chunk::kInUse;
    chunk->at(size)->head |= Chunk::kPreviousInUse;
    return begin_block(chunk, size);
  }
  const std::size_t room = open_bytes();
  if (room < size + Chunk::kSmallest || (room > kMostOpen && has_hole(list, bits)))
    return allocate_small(size, bits);
  return cut_open(size, room);
}

// Most often nothing is free beside the block, or only the open chunk behind it.
void Space::deallocate(void* block) noexcept {
  if (METE_UNLIKELY(block == nullptr)) return;
  Chunk* const chunk = Chunk::of(block);
  if (METE_UNLIKELY(!is_block(chunk))) return error("free of what is no block in use", block);
  const std::size_t head = chunk->head;
  const std::size_t size = chunk->size();
  Chunk* const after = chunk->at(size);
  end_block(size);
  if (!chunk->previous_in_use()) return deallocate_joined(chunk, size);
  if (after->in_use()) {
    const std::size_t list = size / kGranule - kLeast;
    if (list >= kExact - kLeast || (head & Chunk::kFirst) != 0)
      return deallocate_joined(chunk, size);
    chunk->head = head & ~Chunk::kInUse;
    after->head &= ~Chunk::kPreviousInUse;
    after->previous_size = size;
    push(list, chunk);
  } else if (after == open_) {
    open_ = chunk;
    chunk->head = open_bytes() | (head & (Chunk::kFirst | Chunk::kPreviousInUse));
    if (METE_UNLIKELY((head & Chunk::kFirst) != 0)) give_if_spare(chunk);
  } else {
    deallocate_joined(chunk, size);
  }
}

METE_FLATTEN METE_NOINLINE void Space::deallocate_joined(Chunk* chunk, std::size_t size) noexcept {
  Chunk* const whole = make_free(chunk, size);
  if (METE_UNLIKELY(whole == nullptr)) {
    begin_block(chunk, size);  // it still is one
  } else if (METE_UNLIKELY(whole->is_first())) {
    give_if_spare(whole);
  }
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

// A free chunk of at least `size`: the best among the first few of its own list and the open one;
// else any of the next list that has one, or the open one if that is smaller; null if there is
// none.
Space::Chunk* Space::find(std::size_t size) const noexcept {
  const unsigned own = list_of(size);
  Chunk* best = nullptr;
  std::size_t least = SIZE_MAX / 2;  // of what would be left
  int looks = kLooks;
  for (Chunk* chunk = list_[own]; chunk != nullptr && looks-- != 0; chunk = chunk->next) {
    const std::size_t rest = chunk->size() - size;  // where it is too small, more than any other
    if (rest >= least) continue;
    best = chunk;
    least = rest;
  }
  const std::size_t room = open_bytes();
  // Of the open one, too, more than any other would be left where it is too small.
  if (best != nullptr) return room - size < least ? open_ : best;
  const unsigned list = next_list(own + 1);
  if (list == kLists) return room >= size ? open_ : nullptr;
  if (room >= size && room < list_[list]->size()) return open_;
  return list_[list];
}

// Makes a free chunk, which is in no list any more, a block of `size` bytes. What is left of it is
// the open chunk then, if it is worth while.
inline void* Space::take_unlisted(Chunk* chunk, std::size_t size) noexcept {
  const std::size_t head = chunk->head;
  const std::size_t rest = chunk->size() - size;
  if (rest < Chunk::kSmallest) {
    chunk->head = head | Chunk::kInUse;
    chunk->after()->head |= Chunk::kPreviousInUse;
    return begin_block(chunk, chunk->size());
  }
  chunk->head = size | Chunk::kInUse | (head & Chunk::kFlags);
  Chunk* const tail = chunk->at(size);
  tail->head = rest | Chunk::kPreviousInUse;
  Chunk* listed = tail;
  std::size_t listed_size = rest;
  if (rest >= kLeastOpen || open_ == nullptr) {
    listed = open_;
    listed_size = open_bytes();
    open_ = tail;
    open_end_ = tail->at(rest);
  }
  if (listed != nullptr) {
    listed->at(listed_size)->previous_size = listed_size;
    insert(listed, listed_size);
  }
  return begin_block(chunk, size);
}

// Makes a block of `size` bytes of the open chunk. Requires: it has so much.
inline void* Space::take_open(std::size_t size) noexcept {
  Chunk* const chunk = open_;
  const std::size_t room = open_bytes();
  if (METE_LIKELY(room >= size + Chunk::kSmallest)) return cut_open(size, room);
  chunk->head |= Chunk::kInUse;
  open_end_->head |= Chunk::kPreviousInUse;
  open_ = open_end_ = nullptr;
  return begin_block(chunk, room);
}

// Makes a free chunk a block of `size` bytes.
inline void* Space::take(Chunk* chunk, std::size_t size) noexcept {
  if (chunk == open_) return take_open(size);
  if (METE_UNLIKELY(!is_listed(chunk))) return spoilt(chunk), nullptr;
  unlist(chunk);
  return take_unlisted(chunk, size);
}

// A piece of a chunk of the next list that has one, or of the open chunk if that is smaller. `bits`
// are those of the first word from the list of this size on.
METE_NOINLINE void* Space::allocate_small(std::size_t size, std::size_t bits) noexcept {
  std::size_t list = size / kGranule - kLeast + static_cast<unsigned>(std::countr_zero(bits));
  if (METE_UNLIKELY(bits == 0)) list = next_list(kWordBits);
  const std::size_t room = open_bytes();
  if (METE_LIKELY(list != kLists)) {
    Chunk* const chunk = list_[list];
    if (room < size || chunk->size() <= room)
      return METE_LIKELY(pop(list, chunk)) ? take_unlisted(chunk, size) : nullptr;
  }
  if (METE_UNLIKELY(room < size)) return allocate_large(size - Chunk::kWord);
  return take_open(size);
}

METE_FLATTEN METE_NOINLINE void* Space::allocate_large(std::size_t bytes) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  if (METE_UNLIKELY(size == 0)) return nullptr;
  Chunk* const chunk = find(size);
  return METE_LIKELY(chunk != nullptr) ? take(chunk, size) : extend_and_allocate(size, bytes, 1);
}

METE_NOINLINE void* Space::allocate_aligned(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0 || alignment > SIZE_MAX / 4) return nullptr;
  // Room to move the payload up to its alignment, with a whole chunk before it.
  const std::size_t room = size + alignment + Chunk::kSmallest;
  Chunk* const chunk = find(room);
  if (METE_UNLIKELY(chunk == nullptr)) return extend_and_allocate(room, bytes, alignment);
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

// Once more, with a region of the source that has room for a chunk of `size`.
METE_COLD void* Space::extend_and_allocate(std::size_t size, std::size_t bytes,
                                           std::size_t alignment) noexcept {
  return extend(size) ? allocate(bytes, alignment) : nullptr;
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

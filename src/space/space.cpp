// Blocks of a space: allocating, freeing, resizing. All in bounded time: a look at a few words of a
// bitmap, at most kLooks chunks of a list, and the neighbours of one chunk.

#include "mete/space.hpp"

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "space/chunk.hpp"

namespace mete {
namespace {

// How many chunks of the list of its own size a request looks at before it takes a larger one.
constexpr int kLooks = 8;

bool is_aligned(const void* address, std::size_t alignment) noexcept {
  return (reinterpret_cast<std::uintptr_t>(address) & (alignment - 1)) == 0;
}

}  // namespace

// ---- the index ----

unsigned Space::list_of(std::size_t size) noexcept {
  const std::size_t granules = size / kGranule;
  if (granules < kExact) return static_cast<unsigned>(granules);
  const unsigned log = base::log2_floor(granules);
  const auto quarter = static_cast<unsigned>(granules >> (log - 2)) & 3;
  const unsigned list = kExact + (log - 4) * 4 + quarter;
  return list < kLists ? list : kLists - 1;
}

// The first list from `from` on that is not empty, kLists if there is none.
unsigned Space::next_list(unsigned from) const noexcept {
  if (from >= kLists) return kLists;
  unsigned word = from / kWordBits;
  std::size_t bits = occupied_[word] >> (from % kWordBits) << (from % kWordBits);
  while (bits == 0) {
    if (++word == sizeof(occupied_) / sizeof(occupied_[0])) return kLists;
    bits = occupied_[word];
  }
  return word * kWordBits + static_cast<unsigned>(std::countr_zero(bits));
}

void Space::insert(Chunk* chunk) noexcept {
  const unsigned list = list_of(chunk->size());
  Chunk* const head = list_[list];
  chunk->next = head;
  chunk->previous = nullptr;
  if (head != nullptr) head->previous = chunk;
  list_[list] = chunk;
  occupied_[list / kWordBits] |= std::size_t{1} << (list % kWordBits);
}

void Space::remove(Chunk* chunk) noexcept {
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  if (chunk->previous != nullptr) {
    chunk->previous->next = chunk->next;
    return;
  }
  const unsigned list = list_of(chunk->size());
  list_[list] = chunk->next;
  if (chunk->next == nullptr)
    occupied_[list / kWordBits] &= ~(std::size_t{1} << (list % kWordBits));
}

// A free chunk of at least `size`, the best among the first few of its own list, else any of the
// next list that has one; null if there is none. The last list is looked through to its end.
Space::Chunk* Space::find(std::size_t size) const noexcept {
  const unsigned own = list_of(size);
  Chunk* best = nullptr;
  int looks = own == kLists - 1 ? -1 : kLooks;
  for (Chunk* chunk = list_[own]; chunk != nullptr && looks-- != 0; chunk = chunk->next) {
    if (chunk->size() < size || (best != nullptr && chunk->size() >= best->size())) continue;
    best = chunk;
    if (chunk->size() == size) break;
  }
  if (best != nullptr) return best;
  const unsigned list = next_list(own + 1);
  return list < kLists ? list_[list] : nullptr;
}

Space::Chunk* Space::find_or_grow(std::size_t size) noexcept {
  Chunk* chunk = find(size);
  if (chunk == nullptr && extend(size)) chunk = find(size);
  if (chunk == nullptr) return nullptr;
  remove(chunk);
  return chunk;
}

// ---- chunks ----

// Makes `size` bytes from `chunk` on, which are in no list, a free chunk, joined with free
// neighbours. The head of `chunk` is right but for its size.
void Space::make_free(Chunk* chunk, std::size_t size) noexcept {
  if (!chunk->previous_in_use()) {
    Chunk* const before = chunk->before();
    remove(before);
    size += before->size();
    chunk = before;
  }
  Chunk* after = chunk->at(size);
  if (!after->in_use()) {
    remove(after);
    size += after->size();
    after = chunk->at(size);
  }
  chunk->head = size | (chunk->head & (Chunk::kFirst | Chunk::kPreviousInUse));
  after->previous_size = size;
  after->head &= ~Chunk::kPreviousInUse;
  insert(chunk);
}

// Marks a chunk in no list as in use with `size` bytes; what is left of it is made free.
void Space::cut(Chunk* chunk, std::size_t size) noexcept {
  const std::size_t rest = chunk->size() - size;
  if (rest < Chunk::kSmallest) {
    chunk->head |= Chunk::kInUse;
    chunk->after()->head |= Chunk::kPreviousInUse;
    return;
  }
  chunk->set_size(size);
  chunk->head |= Chunk::kInUse;
  Chunk* const tail = chunk->after();
  tail->head = Chunk::kPreviousInUse;
  tail->at(rest)->head |= Chunk::kPreviousInUse;
  make_free(tail, rest);
}

// Whether this can be the chunk of a block: what is around it says so, too.
bool Space::is_block(const Chunk* chunk) const noexcept {
  if (!is_aligned(chunk, kGranule) || !chunk->in_use()) return false;
  const std::size_t size = chunk->size();
  if (size < Chunk::kSmallest || size % kGranule != 0 || size > statistics_.in_use) return false;
  return chunk->after()->previous_in_use();
}

void Space::count_in(std::size_t size) noexcept {
  statistics_.in_use += size;
  if (statistics_.in_use > statistics_.peak_in_use) statistics_.peak_in_use = statistics_.in_use;
}

void Space::count_out(std::size_t size) noexcept { statistics_.in_use -= size; }

METE_COLD void Space::error(const char* message, const void* address) const noexcept {
  if (on_error_ == nullptr) __builtin_trap();
  on_error_(message, address);
}

// ---- the interface ----

std::size_t Space::size_in_use(std::size_t bytes) noexcept { return Chunk::size_for(bytes); }

void* Space::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = Chunk::size_for(bytes);
  if (METE_UNLIKELY(size == 0)) return nullptr;
  Chunk* chunk;
  if (METE_LIKELY(alignment <= kGranule)) {
    chunk = find_or_grow(size);
    if (METE_UNLIKELY(chunk == nullptr)) return nullptr;
  } else {
    // Room to move the payload up to its alignment, with a whole chunk before it.
    if (alignment > SIZE_MAX / 4) return nullptr;
    chunk = find_or_grow(size + alignment + Chunk::kSmallest);
    if (chunk == nullptr) return nullptr;
    if (!is_aligned(chunk->payload(), alignment)) {
      const auto address = reinterpret_cast<std::uintptr_t>(chunk->payload());
      const std::uintptr_t moved = base::round_up(address + Chunk::kSmallest, alignment);
      const std::size_t lead = moved - address;
      const std::size_t rest = chunk->size() - lead;
      Chunk* const aligned = chunk->at(lead);
      chunk->set_size(lead);
      aligned->previous_size = lead;
      aligned->head = rest;  // the chunk before is free
      insert(chunk);
      chunk = aligned;
    }
  }
  cut(chunk, size);
  count_in(chunk->size());
  ++statistics_.blocks;
  return chunk->payload();
}

void Space::deallocate(void* block) noexcept {
  if (block == nullptr) return;
  Chunk* const chunk = Chunk::of(block);
  if (METE_UNLIKELY(!is_block(chunk))) return error("free of what is no block in use", block);
  const std::size_t size = chunk->size();
  count_out(size);
  --statistics_.blocks;
  const bool joined = !chunk->previous_in_use();
  Chunk* const before = joined ? chunk->before() : chunk;
  make_free(chunk, size);
  if (METE_UNLIKELY(before->is_first() && before->after()->is_end())) give_if_spare(before);
}

bool Space::resize_in_place(void* block, std::size_t bytes) noexcept {
  Chunk* const chunk = Chunk::of(block);
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0) return false;
  if (METE_UNLIKELY(!is_block(chunk))) {
    error("resize of what is no block in use", block);
    return false;
  }
  const std::size_t old_size = chunk->size();
  if (size > old_size) {
    Chunk* const after = chunk->after();
    if (after->in_use() || after->size() < size - old_size) return false;
    remove(after);
    chunk->set_size(old_size + after->size());
  }
  cut(chunk, size);
  count_out(old_size);
  count_in(chunk->size());
  return true;
}

void* Space::reallocate(void* block, std::size_t bytes, std::size_t alignment) noexcept {
  if (is_aligned(block, alignment) && resize_in_place(block, bytes)) return block;
  Chunk* chunk = Chunk::of(block);
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0 || !is_block(chunk)) return nullptr;
  const std::size_t old_size = chunk->size();
  const std::size_t kept = (old_size < size ? old_size : size) - Chunk::kWord;
  if (!chunk->previous_in_use() && alignment <= kGranule) {
    // Downwards over a free chunk, which saves a place for the copy.
    Chunk* const before = chunk->before();
    Chunk* const after = chunk->after();
    std::size_t room = before->size() + old_size;
    if (!after->in_use()) room += after->size();
    if (room >= size) {
      remove(before);
      if (!after->in_use()) remove(after);
      __builtin_memmove(before->payload(), block, kept);
      before->set_size(room);
      cut(before, size);
      count_out(old_size);
      count_in(before->size());
      return before->payload();
    }
  }
  void* const moved = allocate(bytes, alignment);
  if (moved == nullptr) return nullptr;
  __builtin_memcpy(moved, block, kept);
  deallocate(block);
  return moved;
}

void* Space::split(void* block, std::size_t bytes) noexcept {
  Chunk* const chunk = Chunk::of(block);
  const std::size_t size = Chunk::size_for(bytes);
  if (size == 0 || !is_block(chunk) || chunk->size() < size + Chunk::kSmallest) return nullptr;
  const std::size_t rest = chunk->size() - size;
  chunk->set_size(size);
  Chunk* const tail = chunk->after();
  tail->head = rest | Chunk::kInUse | Chunk::kPreviousInUse;
  ++statistics_.blocks;
  return tail->payload();
}

std::size_t Space::usable_size(const void* block) noexcept {
  return block != nullptr ? Chunk::of(block)->size() - Chunk::kWord : 0;
}

}  // namespace mete

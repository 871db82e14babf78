// Stretches of free blocks, and the heap that looks for them before it grows.

#include "heap/guests.hpp"

#include <atomic>
#include <bit>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/slab_blocks.hpp"
#include "pages/metadata.hpp"

namespace mete::heap {
namespace {

// Of smaller blocks there are many for a guest, and a stretch of so many is seldom free.
constexpr std::uint32_t kSmallestHost = 32;

// A heap that grows looks for hosts when this part of what it has carved is free in slabs, and this
// much; of a slab, this part of its blocks.
constexpr std::size_t kLeastFreePart = 16;
constexpr std::size_t kLeastFree = std::size_t{1} << 20;
constexpr std::uint32_t kLeastFreeOfSlab = 8;

// Slabs that are looked at before it grows after all.
constexpr std::uint32_t kLookedAtSlabs = 32;

// Of a guest this part at most is waste.
constexpr std::uint32_t kMostWaste = 4;

constexpr std::uint32_t lowest_bit(std::uint32_t bytes) noexcept { return bytes & (~bytes + 1); }

// The joined bits lie behind the others. They are read without the lock.
using JoinedWord = std::atomic_ref<std::uint64_t>;
JoinedWord joined_word(const Slab& slab, std::uint32_t word) noexcept {
  return JoinedWord(slab.bits[words_for(slab.capacity) + word]);
}

bool is_joined(const Slab& slab, std::uint32_t index) noexcept {
  const std::uint64_t word = joined_word(slab, index / 64).load(std::memory_order_relaxed);
  return (word >> (index % 64) & 1) != 0;
}

// Blocks that are joined to the one at `index`.
std::uint32_t joined_behind(const Slab& slab, std::uint32_t index) noexcept {
  std::uint32_t end = index + 1;
  while (end < slab.capacity && is_joined(slab, end)) ++end;
  return end - index - 1;
}

// Calls what(word, mask) for the bits [first, first + count), word by word.
template <class What>
void for_each_word(std::uint32_t first, std::uint32_t count, What what) noexcept {
  while (count != 0) {
    const std::uint32_t here = 64 - first % 64 < count ? 64 - first % 64 : count;
    what(first / 64, base::bit_span(first % 64, here));
    first += here;
    count -= here;
  }
}

// Where the next free block is, from `index` on; the capacity if there is none.
std::uint32_t next_free(const Slab& slab, std::uint32_t index) noexcept {
  while (index < slab.capacity) {
    const std::uint64_t bits = slab.bits[index / 64] >> (index % 64);
    if (bits != 0) return index + static_cast<std::uint32_t>(std::countr_zero(bits));
    index = base::round_down(index, 64u) + 64;
  }
  return slab.capacity;
}

// Free blocks from `index` on without a gap, `most` at most.
std::uint32_t free_stretch(const Slab& slab, std::uint32_t index, std::uint32_t most) noexcept {
  std::uint32_t length = 0;
  while (length < most) {
    const std::uint32_t at = index + length;
    const std::uint32_t left = 64 - at % 64;
    const auto here = static_cast<std::uint32_t>(std::countr_one(slab.bits[at / 64] >> (at % 64)));
    length += here;
    if (here < left) break;
  }
  return length < most ? length : most;
}

}  // namespace

bool may_host(SizeClass host, SizeClass guest) noexcept {
  const std::uint32_t unit = bytes_of(host);
  const std::uint32_t bytes = bytes_of(guest);
  return unit >= kSmallestHost && bytes > unit &&
         (bytes + unit - 1) / unit * unit - bytes <= bytes / kMostWaste;
}

bool prepare_host(Slab& slab) noexcept {
  if (slab.hosts.load(std::memory_order_relaxed)) return true;
  const std::uint32_t words = words_for(slab.capacity);
  std::uint64_t* bits = slab.bits;
  if (slab.bits_words < 2 * words) {
    const std::uint32_t rounded = std::bit_ceil(2 * words);
    bits = static_cast<std::uint64_t*>(pages::allocate_metadata(rounded * sizeof(std::uint64_t)));
    if (bits == nullptr) return false;
    for (std::uint32_t i = 0; i < words; ++i) bits[i] = slab.bits[i];
    slab.bits = bits;
    slab.bits_words = static_cast<std::uint8_t>(rounded) & 0x7f;
  }
  for (std::uint32_t i = 0; i < words; ++i) bits[words + i] = 0;
  // release: pairs with the acquire in bytes_of_block().
  slab.hosts.store(true, std::memory_order_release);
  return true;
}

BlockList take_guests(Slab& slab, std::byte* memory, SizeClass guest, std::uint32_t most,
                      unsigned page_shift, bool clean_too) noexcept {
  if constexpr (base::kAudit) audit(slab);
  const std::uint32_t unit = bytes_of(slab.size_class);
  const std::uint32_t bytes = bytes_of(guest);
  const std::uint32_t alignment = lowest_bit(bytes);
  BlockList list;
  Block** tail = &list.head;
  std::uint32_t index = next_free(slab, 0);
  while (list.length < most) {
    const std::uint32_t from = base::round_up(index * unit, alignment);
    const std::uint32_t first = block_index(slab.size_class, from);
    const std::uint32_t end = block_index(slab.size_class, from + bytes - 1) + 1;
    if (end > slab.carved) break;
    const std::uint32_t span = end - first;
    const std::uint32_t length = free_stretch(slab, first, span);
    if (length < span) {
      index = next_free(slab, first + length + 1);
      continue;
    }
    const std::uint32_t to = end * unit;
    const bool clean = (slab.clean_pages & pages_between(first * unit, to, page_shift)) != 0;
    if ((clean && !clean_too) || span * unit - bytes > bytes / kMostWaste) {
      index = next_free(slab, first + 1);
      continue;
    }
    for_each_word(first, span,
                  [&](std::uint32_t word, std::uint64_t mask) { slab.bits[word] &= ~mask; });
    for_each_word(first + 1, span - 1, [&](std::uint32_t word, std::uint64_t mask) {
      const JoinedWord joined = joined_word(slab, word);
      joined.store(joined.load(std::memory_order_relaxed) | mask, std::memory_order_relaxed);
    });
    slab.free = static_cast<std::uint16_t>(slab.free - span);
    mark_touched(slab, first * unit, to, page_shift);
    auto* const block = reinterpret_cast<Block*>(memory + from);
    *tail = block;
    tail = &block->next;
    ++list.length;
    index = next_free(slab, end);
  }
  *tail = nullptr;
  if constexpr (base::kAudit) audit(slab);
  return list;
}

// Which alignment a guest had is not known, but at least that of where it starts: it is the first
// address so aligned in its first block.
bool may_start_guest(const Slab& slab, std::uint32_t offset) noexcept {
  if (!slab.hosts.load(std::memory_order_relaxed)) return false;
  const std::uint32_t index = block_index(slab.size_class, offset);
  return joined_behind(slab, index) != 0 &&
         base::round_up(index * bytes_of(slab.size_class), lowest_bit(offset)) == offset;
}

std::uint32_t part_guest(Slab& slab, std::uint32_t index, const Block* block) noexcept {
  if (METE_UNLIKELY(is_joined(slab, index))) base::violate(base::Violation::kFreeInterior, block);
  const std::uint32_t count = joined_behind(slab, index);
  for_each_word(index + 1, count, [&](std::uint32_t word, std::uint64_t mask) {
    const JoinedWord joined = joined_word(slab, word);
    joined.store(joined.load(std::memory_order_relaxed) & ~mask, std::memory_order_relaxed);
    slab.bits[word] |= mask;
  });
  return count;
}

std::uint32_t joined_blocks(const Slab& slab) noexcept {
  std::uint32_t count = 0;
  if (!slab.hosts.load(std::memory_order_relaxed)) return 0;
  for (std::uint32_t i = 0; i < words_for(slab.capacity); ++i) {
    count += static_cast<std::uint32_t>(
        std::popcount(joined_word(slab, i).load(std::memory_order_relaxed)));
  }
  return count;
}

std::size_t bytes_of_block(const Slab& slab, SizeClass size_class, std::uint32_t offset) noexcept {
  const std::uint32_t unit = bytes_of(size_class);
  // acquire: pairs with the release in prepare_host().
  if (METE_LIKELY(!slab.hosts.load(std::memory_order_acquire))) return unit;
  const std::uint32_t index = block_index(size_class, offset);
  return (index + 1 + joined_behind(slab, index)) * unit - offset;
}

// Guests for the class in slabs of smaller blocks, as a magazine: before the heap grows if they are
// easily found, from any slab if it cannot grow. Returns: whether there is something of the class
// now.
bool Heap::find_hosts(SizeClass size_class, Need need) noexcept {
  if (shared_ != nullptr) return false;
  const ClassState& state = class_[size_class.index];
  if (collect_guests() && (state.available != nullptr || open_empty_slab(size_class, false)))
    return true;
  const bool any = need == Need::kAny;
  if (!any && (free_bytes_ < carved_bytes_ / kLeastFreePart || free_bytes_ < kLeastFree))
    return false;
  for (std::uint32_t i = any ? slabs_ : kLookedAtSlabs; i != 0; --i) {
    Slab* const slab = next_in_turn();
    if (slab == nullptr) break;
    if (!any && slab->free <= slab->carved / kLeastFreeOfSlab) continue;
    // The first half of them only where there is memory.
    if (take_guests_of(*slab, size_class, i <= kLookedAtSlabs / 2)) return true;
  }
  return false;
}

// Returns: false if there is no room for any.
bool Heap::take_guests_of(Slab& slab, SizeClass size_class, bool clean_too) noexcept {
  if (slab.free == 0 || !may_host(slab.size_class, size_class) || !prepare_host(slab)) return false;
  const auto most = static_cast<std::uint32_t>(class_[size_class.index].limit);
  const auto clean = std::uint32_t{slab.clean_pages};
  const std::uint32_t free = slab.free;
  const BlockList list = take_guests(slab, memory_of(slab), size_class, most,
                                     domain.pages.window().page_shift(), clean_too);
  if (list.length == 0) return false;
  note_needed_again(clean ^ slab.clean_pages);
  if (slab.free == 0) unlink_available(slab);
  const std::uint32_t taken = free - slab.free;
  free_bytes_ -= std::size_t{taken} * bytes_of(slab.size_class);
  class_[slab.size_class.index].joined += taken - list.length;
  hosts_ = true;
  counts_.guests += list.length;
  push_magazine(size_class, list);
  if (list.length == most) sweep_ = slab.number;  // there may be more
  return true;
}

// Puts guests in magazines back, which count as one block of their host there: what is freed is
// room for the next. Returns: whether there was any magazine.
bool Heap::collect_guests() noexcept {
  if (!hosts_) return false;
  bool any = false;
  hosts_ = false;
  for (unsigned i = 1; i < kClassCount; ++i) {
    if (class_[i].joined == 0) continue;
    hosts_ = true;
    any |= drain_magazines(SizeClass(i), kDrainedBlocks) != 0;
  }
  return any;
}

}  // namespace mete::heap

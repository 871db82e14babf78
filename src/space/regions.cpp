// Regions of a space: adding, joining, growing by the source, giving back.

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "mete/space.hpp"
#include "space/chunk.hpp"
#include "space/free_chunks.hpp"

namespace mete {
namespace {

constexpr std::size_t kMostSpare = 8;  // steps of the source

}  // namespace

// Makes a region one free chunk.
void Space::start_region(Region* region) noexcept {
  Chunk* const first = region->first();
  Chunk* const end = region->end();
  end->head = Chunk::kInUse;
  first->head = Chunk::kFirst | Chunk::kPreviousInUse;
  make_free(first, static_cast<std::size_t>(reinterpret_cast<std::byte*>(end) -
                                            reinterpret_cast<std::byte*>(first)));
}

// Returns: the region that the memory is part of now, null if it is too small for a block.
Space::Region* Space::add(void* base, std::size_t bytes, bool from_source) noexcept {
  auto* const start = static_cast<std::byte*>(base);
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::size_t padding = base::round_up(address, std::uintptr_t{kGranule}) - address;
  constexpr std::size_t kSmallest = sizeof(Region) + Chunk::kSmallest + 2 * kGranule;
  if (base == nullptr || bytes < kSmallest + padding || bytes > SIZE_MAX / 4) return nullptr;

  Region* below = nullptr;   // ends where the memory begins
  Region** above = nullptr;  // the link to the one that begins where it ends
  for (Region** link = &regions_; *link != nullptr; link = &(*link)->next) {
    Region* const other = *link;
    if (other->from_source() != from_source) continue;
    // Only where no byte of padding lies between.
    if (other->base + other->bytes() == start && padding == 0) below = other;
    if (start + bytes == other->base && reinterpret_cast<Region*>(other->base) == other)
      above = link;
  }
  statistics_.footprint += bytes;
  if (statistics_.footprint > statistics_.peak_footprint)
    statistics_.peak_footprint = statistics_.footprint;
  spare_ = nullptr;  // it may be the one that is joined; the next empty one takes its place

  if (above != nullptr) {
    // Its first chunk loses its place: [new first, its first) becomes a chunk before it.
    Region* const other = *above;
    const std::size_t all = bytes + other->bytes();
    Chunk* const old_first = other->first();
    *above = other->next;
    --statistics_.regions;
    if (below == nullptr) {
      auto* const region = reinterpret_cast<Region*>(start + padding);
      region->set(start, all, from_source);
      region->next = regions_;
      regions_ = region;
      ++statistics_.regions;
      Chunk* const first = region->first();
      old_first->head &= ~Chunk::kFirst;
      first->head = Chunk::kFirst | Chunk::kPreviousInUse;
      make_free(first, static_cast<std::size_t>(reinterpret_cast<std::byte*>(old_first) -
                                                reinterpret_cast<std::byte*>(first)));
      return region;
    }
    Chunk* const old_end = below->end();
    below->set(below->base, below->bytes() + all, from_source);
    old_first->head &= ~Chunk::kFirst;
    make_free(old_end, static_cast<std::size_t>(reinterpret_cast<std::byte*>(old_first) -
                                                reinterpret_cast<std::byte*>(old_end)));
    return below;
  }
  if (below != nullptr) {
    // Its end becomes a chunk.
    Chunk* const old_end = below->end();
    below->set(below->base, below->bytes() + bytes, from_source);
    Chunk* const end = below->end();
    end->head = Chunk::kInUse;
    make_free(old_end, static_cast<std::size_t>(reinterpret_cast<std::byte*>(end) -
                                                reinterpret_cast<std::byte*>(old_end)));
    return below;
  }
  auto* const region = reinterpret_cast<Region*>(start + padding);
  region->set(start, bytes, from_source);
  region->next = regions_;
  regions_ = region;
  ++statistics_.regions;
  start_region(region);
  return region;
}

bool Space::add_region(void* base, std::size_t bytes) noexcept {
  return add(base, bytes, false) != nullptr;
}

// Takes memory from the source for a chunk of `size`. Returns: whether there was any.
METE_COLD bool Space::extend(std::size_t size) noexcept {
  if (source_.take == nullptr) return false;
  const std::size_t least = size + sizeof(Region) + 3 * kGranule;
  if (least < size || least > SIZE_MAX / 4) return false;
  std::size_t bytes = base::round_up(least, source_.step);
  if (limit_ != 0 && (bytes > limit_ || statistics_.footprint > limit_ - bytes)) return false;
  void* const base = source_.take(source_.context, bytes);
  return base != nullptr && add(base, bytes, true) != nullptr;
}

// Gives a region back in which nothing is in use. Returns: false if the source does not take it.
bool Space::give(Region* region) noexcept {
  std::byte* const base = region->base;
  const std::size_t bytes = region->bytes();
  Region** link = &regions_;
  while (*link != region) link = &(*link)->next;
  Chunk* const chunk = region->first();
  Region* const next = region->next;
  remove(chunk);
  *link = next;
  if (source_.give == nullptr || !source_.give(source_.context, base, bytes)) {
    *link = region;
    chunk->after()->previous_size = chunk->size();
    insert(chunk, chunk->size());
    return false;
  }
  statistics_.footprint -= bytes;
  --statistics_.regions;
  return true;
}

// If the free chunk, the first of its region, is all of it: one such region is kept for what comes
// next if it is not much more than the source is asked for at a time; another goes back.
METE_COLD void Space::give_if_spare(Chunk* chunk) noexcept {
  if (!chunk->after()->is_end()) return;
  Region* const region = Region::of(chunk);
  if (!region->from_source() || source_.give == nullptr || region == spare_) return;
  const bool is_wanted = spare_ == nullptr || !spare_->is_empty();
  const std::size_t most = most_spare_ != 0 ? most_spare_ : kMostSpare * source_.step;
  if (is_wanted && region->bytes() <= most) {
    spare_ = region;
  } else {
    give(region);
  }
}

std::size_t Space::trim() noexcept {
  const std::size_t before = statistics_.footprint;
  spare_ = nullptr;
  for (Region* region = regions_; region != nullptr;) {
    Region* const next = region->next;
    if (region->from_source() && region->is_empty()) give(region);
    region = next;
  }
  return before - statistics_.footprint;
}

std::size_t Space::trimmable() const noexcept {
  std::size_t sum = 0;
  for (Region* region = regions_; region != nullptr; region = region->next) {
    if (region->from_source() && region->is_empty()) sum += region->bytes();
  }
  return sum;
}

void Space::forget_free_chunks() noexcept {
  for (Chunk*& head : list_) head = nullptr;
  for (std::size_t& word : occupied_) word = 0;
  open_ = open_end_ = nullptr;
}

void Space::reset() noexcept {
  forget_free_chunks();
  for (Region* region = regions_; region != nullptr; region = region->next) start_region(region);
  spare_ = nullptr;
  note_peak();
  statistics_.in_use = statistics_.blocks = 0;
}

std::size_t Space::release() noexcept {
  reset();
  const std::size_t given = trim();
  forget_free_chunks();
  regions_ = nullptr;
  statistics_ = {};
  return given;
}

std::span<const std::byte> Space::region_of(const void* ptr) const noexcept {
  const auto* const address = static_cast<const std::byte*>(ptr);
  for (const Region* region = regions_; region != nullptr; region = region->next) {
    if (address >= region->base && address < region->base + region->bytes())
      return {region->base, region->bytes()};
  }
  return {};
}

}  // namespace mete

// Space: an allocator for any piece of memory: a static array, a mapping, the memory of a device.
// It needs no operating system, no library and no thread, and each operation takes bounded time.
//
//   alignas(16) static std::byte memory[16 << 10];
//   mete::Space space(memory);
//   void* p = space.alloc(layout);
//
// A second piece is add_region; a Source gives more when it is needed. Meets both contracts; one
// thread at a time may call (share it with Locked). Blocks cost one word, and 32 bytes at least (16
// where pointers have 4 bytes). What it must not do, and notices, goes to the error handler.
// Contract: requirements G1 to G8, T1 to T13; the idea of such spaces is dlmalloc's (M1 to M8).

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mete/both_contracts.hpp"
#include "mete/layout.hpp"

namespace mete {

class Space : public GlobalAllocFromAllocator<Space> {
 public:
  // Blocks are aligned to this at least, and their sizes are multiples of it less one word.
  static constexpr std::size_t kGranule = 2 * sizeof(void*);

  // Where more memory comes from, and goes back to. Neither function may call the space.
  struct Source {
    // `bytes` or more, aligned to kGranule; says how much in `bytes`. Null: there is none.
    void* (*take)(void* context, std::size_t& bytes) = nullptr;
    // Takes memory back, whole pieces as they were taken, several in one if they are neighbours.
    // Returns: false if it cannot; it stays in use then. Null: nothing ever goes back.
    bool (*give)(void* context, void* base, std::size_t bytes) = nullptr;
    void* context = nullptr;
    std::size_t step = 64 << 10;  // take is asked for multiples of this; a power of two
  };

  // Told of every mistake that is noticed: a text that names it, and the address. If it returns,
  // the call does nothing. The default one stops the program.
  using ErrorHandler = void (*)(const char* message, const void* address);

  struct Statistics {
    std::size_t in_use = 0;          // bytes of blocks in the program's hands, their words included
    std::size_t peak_in_use = 0;     //
    std::size_t footprint = 0;       // bytes of all regions
    std::size_t peak_footprint = 0;  //
    std::size_t blocks = 0;          // in the program's hands
    std::size_t regions = 0;
  };

  // What a block of `bytes` counts in use, 0 if there can be none.
  static std::size_t size_in_use(std::size_t bytes) noexcept;

  constexpr Space() noexcept = default;
  explicit Space(std::span<std::byte> memory) noexcept { add_region(memory.data(), memory.size()); }
  constexpr explicit Space(const Source& source) noexcept : source_(source) {}
  Space(std::span<std::byte> memory, const Source& source) noexcept : source_(source) {
    add_region(memory.data(), memory.size());
  }
  // Stays where it is: lend it with ByRef. Nothing happens at its end, so that a static one needs
  // no library: release() gives the memory of a source back.
  Space(const Space&) = delete;
  Space& operator=(const Space&) = delete;

  // Lets the space use a piece of memory; joins it with a region that it touches. The first and
  // last few words of it are the space's own. Returns: false if it is too small for a block.
  bool add_region(void* base, std::size_t bytes) noexcept;

  // ---- blocks by size and alignment (a power of two) ----

  // Complexity of all: bounded, but for the calls of the source and the bytes that are copied.
  // A block of at least `bytes`. Null when there is no memory.
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept;
  void deallocate(void* block) noexcept;  // null is ignored
  // Resizes without moving. Returns: whether the block has `bytes` now.
  bool resize_in_place(void* block, std::size_t bytes) noexcept;
  // The block with its contents, moved if need be. Null, the block unchanged, if there is no
  // memory.
  [[nodiscard]] void* reallocate(void* block, std::size_t bytes, std::size_t alignment) noexcept;
  // Cuts a block in two: the first has `bytes`, and the rest is a block of its own from now on.
  // Returns: the rest; null, the block as it was, if it is too small.
  void* split(void* block, std::size_t bytes) noexcept;
  // Bytes that may be used of a block; 0 for null.
  static std::size_t usable_size(const void* block) noexcept;

  // ---- both contracts ----

  Block allocate(Layout layout) noexcept {
    return layout.size() == 0 ? Block::dangling(layout)
                              : whole(allocate(layout.size(), layout.align()));
  }
  void deallocate(void* ptr, Layout layout) noexcept {
    if (layout.size() != 0) deallocate(ptr);
  }
  Block grow(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    require(new_layout.size() >= old_layout.size(), kGrowRule);
    if (old_layout.size() == 0) return allocate(new_layout);
    return whole(reallocate(ptr, new_layout.size(), new_layout.align()));
  }
  Block shrink(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    require(new_layout.size() <= old_layout.size(), kShrinkRule);
    if (new_layout.size() != 0)
      return whole(reallocate(ptr, new_layout.size(), new_layout.align()));
    deallocate(ptr, old_layout);
    return Block::dangling(new_layout);
  }

  // ---- the whole space ----

  // The region that the address lies in, empty if it is in none. Complexity: the number of regions.
  std::span<const std::byte> region_of(const void* ptr) const noexcept;
  bool owns(const void* ptr) const noexcept { return !region_of(ptr).empty(); }

  // Gives regions of the source back in which nothing is in use. Returns: bytes given back.
  std::size_t trim() noexcept;

  // Bytes that trim would give back if the source takes them. Complexity: the number of regions.
  std::size_t trimmable() const noexcept;

  // Ends all blocks at once. Regions stay. Complexity: the number of regions.
  void reset() noexcept;

  // Ends all blocks, and all use of the regions: those of the source are given back, the others are
  // the caller's again. Returns: bytes given back.
  std::size_t release() noexcept;

  // No more than this many bytes of regions, from now on; 0: no limit. What there is stays.
  void set_limit(std::size_t footprint) noexcept { limit_ = footprint; }

  Statistics statistics() const noexcept {
    Statistics now = statistics_;
    if (now.in_use > now.peak_in_use) now.peak_in_use = now.in_use;
    return now;
  }

  // Walks everything there is. Returns: null if all is well, otherwise what is not.
  const char* check() const noexcept;

  // Calls visit(context, address, bytes, in_use) for every block and every free piece, by region
  // and by address. It may not call the space.
  void walk(void (*visit)(void* context, void* address, std::size_t bytes, bool in_use),
            void* context) const noexcept;

  // From now on; regions of another source before have to be given back by release().
  void set_source(const Source& source) noexcept { source_ = source; }

  // Of regions of the source in which nothing is in use, one of at most this many bytes is kept for
  // what comes next; 8 steps of the source if this is never called.
  void set_spare(std::size_t bytes) noexcept { most_spare_ = bytes; }

  void set_error_handler(ErrorHandler handler) noexcept { on_error_ = handler; }

 private:
  struct Chunk;
  struct Region;

  // Free chunks by size: one list for each size of less than kExact granules; then by doublings of
  // the size: kFine of them cut into kParts lists each, and kCoarse with a list each, the last of
  // which holds everything larger. No chunk has less than kLeast granules.
  static constexpr unsigned kLeast = 2;
  static constexpr unsigned kExact = 32;
  static constexpr unsigned kParts = 4;
  static constexpr unsigned kFine = 9;
  static constexpr unsigned kCoarse = sizeof(std::size_t) == 8 ? 22 : 14;
  static constexpr unsigned kLists = kExact - kLeast + kParts * kFine + kCoarse;
  // Payloads up to this are of chunks of one size each, and the next larger one too.
  static constexpr std::size_t kMostSmall = (kExact - 2) * kGranule - sizeof(std::size_t);
  static constexpr unsigned kWordBits = 8 * sizeof(std::size_t);
  static constexpr unsigned kWords = (kLists + kWordBits - 1) / kWordBits;

  static constexpr unsigned list_of(std::size_t size) noexcept;
  static constexpr std::size_t lists_below(unsigned list, unsigned word) noexcept;
  unsigned next_list(unsigned from) const noexcept;
  bool has_hole(std::size_t list, std::size_t bits) const noexcept;
  std::size_t open_bytes() const noexcept {
    return reinterpret_cast<std::uintptr_t>(open_end_) - reinterpret_cast<std::uintptr_t>(open_);
  }
  void push(std::size_t list, Chunk* chunk) noexcept;
  bool pop(std::size_t list, Chunk* chunk) noexcept;
  void insert(Chunk* chunk, std::size_t size) noexcept;
  void unlist(Chunk* chunk) noexcept;
  void remove(Chunk* chunk) noexcept;
  bool is_listed(const Chunk* chunk) const noexcept;
  bool is_listed(const Chunk* chunk, std::size_t size) const noexcept;
  Chunk* before(Chunk* chunk) const noexcept;
  bool neighbours_are_well(Chunk* chunk) const noexcept;
  Chunk* make_free(Chunk* chunk, std::size_t size) noexcept;

  void* cut_open(std::size_t size, std::size_t room) noexcept;
  void* take_open(std::size_t size) noexcept;
  void* take_unlisted(Chunk* chunk, std::size_t size) noexcept;
  void* take(Chunk* chunk, std::size_t size) noexcept;
  Chunk* find(std::size_t size) const noexcept;
  void* allocate_small(std::size_t size, std::size_t bits) noexcept;
  void* allocate_large(std::size_t bytes) noexcept;
  void* allocate_aligned(std::size_t bytes, std::size_t alignment) noexcept;
  void* extend_and_allocate(std::size_t size, std::size_t bytes, std::size_t alignment) noexcept;
  void deallocate_joined(Chunk* chunk, std::size_t size) noexcept;
  bool may_resize(Chunk* chunk) const noexcept;
  bool resize(Chunk* chunk, std::size_t size) noexcept;
  void* move_down(Chunk* chunk, std::size_t size, std::size_t kept) noexcept;
  void cut(Chunk* chunk, std::size_t size) noexcept;
  void grow_over(Chunk* chunk, Chunk* after, std::size_t size) noexcept;

  static bool is_aligned(const void* address, std::size_t alignment) noexcept;
  bool is_block(const Chunk* chunk) const noexcept;
  void* begin_block(Chunk* chunk, std::size_t size) noexcept;
  void end_block(std::size_t size) noexcept;
  void count_in(std::size_t size) noexcept;
  void count_out(std::size_t size) noexcept;
  void note_peak() noexcept;

  Region* add(void* base, std::size_t bytes, bool from_source) noexcept;
  void start_region(Region* region) noexcept;
  bool extend(std::size_t size) noexcept;
  bool give(Region* region) noexcept;
  void give_if_spare(Chunk* chunk) noexcept;
  void forget_free_chunks() noexcept;

  void error(const char* message, const void* address) const noexcept;
  void spoilt(Chunk* chunk) const noexcept;
  static Block whole(void* ptr) noexcept {
    return ptr != nullptr ? Block{ptr, usable_size(ptr)} : Block{};
  }

  std::size_t occupied_[kWords] = {};  // bit: the list is not empty
  Chunk* list_[kLists] = {};
  Chunk* open_ = nullptr;  // a free chunk in no list, that small blocks are cut from; null: none
  Chunk* open_end_ = nullptr;  // what lies behind it
  Chunk** nowhere_ = nullptr;  // takes the link of a chunk that is none
  Region* regions_ = nullptr;
  Region* spare_ = nullptr;     // of the source, with nothing in use: kept for what comes next
  std::size_t most_spare_ = 0;  // its bytes; 0: by the step of the source
  std::size_t limit_ = 0;
  Statistics statistics_;     // the peak of what is in use as of when it went down last
  Source source_{.step = 0};  // all of a new space is zero: a static one takes no place in a file
  ErrorHandler on_error_ = nullptr;
};

static_assert(sizeof(Space) <= 128 * sizeof(std::size_t), "so that small regions are worth while");
static_assert(GlobalAlloc<Space> && Allocator<Space>);

}  // namespace mete

// The functions of dlmalloc.h that work on spaces: bytes are calls on two of them, on a port that
// fails at times, with a model beside them. After each, the blocks, the footprint, the limit,
// mallinfo and inspect_all are what the model says.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "fuzz/failing_port.hpp"
#include "fuzz/input.hpp"
#include "fuzz/live_blocks.hpp"
#include "mete/dlmalloc.h"

namespace mete::fuzz {
namespace {

using enum FailingPort::Kind;

constexpr int kSpaces = 2;
constexpr unsigned kTogether = 6;

class DlmallocFuzz {
 public:
  explicit DlmallocFuzz(Input input) : input_(input) {
    mspace_mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mspace_mallopt(M_GRANULARITY, 4096);
    mspace_mallopt(M_MMAP_THRESHOLD, 16 << 10);
  }

  void run() {
    while (!input_.is_over()) {
      if (input_.one_in(16)) port_.now = 1 - port_.now;
      port_.space = space().handle;
      if (port_.space == nullptr) {
        create();
      } else {
        step();
      }
      if (space().handle != nullptr) expect_well();
    }
    blocks_.expect_whole();
    port_.be_willing();
    for (port_.now = 0; port_.now < kSpaces; ++port_.now) {
      port_.space = space().handle;
      if (port_.space != nullptr) destroy();
    }
    METE_EXPECT(port_.arena.pieces().empty());
  }

 private:
  struct Own {
    mspace handle = nullptr;
    std::size_t most_footprint = 0;
    bool tracks_large = false;
  };
  Own& space() { return spaces_[port_.now]; }
  mspace handle() { return space().handle; }
  int owner(FailingPort::Kind kind) const { return FailingPort::owner(port_.now, kind); }

  // Each as often as it stands here.
  void step() {
    using Fuzz = DlmallocFuzz;
    static constexpr void (Fuzz::*kSteps[])() = {&Fuzz::allocate,        &Fuzz::allocate,
                                                 &Fuzz::allocate,        &Fuzz::allocate,
                                                 &Fuzz::allocate_zeroed, &Fuzz::allocate_aligned,
                                                 &Fuzz::deallocate,      &Fuzz::deallocate,
                                                 &Fuzz::deallocate,      &Fuzz::reallocate,
                                                 &Fuzz::reallocate,      &Fuzz::resize_in_place,
                                                 &Fuzz::allocate_array,  &Fuzz::allocate_several,
                                                 &Fuzz::free_several,    &Fuzz::change_port,
                                                 &Fuzz::limit,           &Fuzz::trim,
                                                 &Fuzz::set_option,      &Fuzz::destroy};
    (this->*kSteps[input_.below(std::size(kSteps))])();
  }

  // ---- spaces ----

  void create() {
    const std::size_t capacity = size();
    const int locked = static_cast<int>(input_.below(2));
    const unsigned refused = port_.refused;
    if (input_.one_in(2)) {
      const std::size_t bytes = std::min<std::size_t>(capacity, 1 << 16);
      std::byte* const base = port_.arena.take(bytes + 1, owner(kBase), input_.byte());
      if (base == nullptr) return;
      space().handle = create_mspace_with_base(base, bytes, locked);
      METE_EXPECT(bytes < 136 * sizeof(std::size_t) || handle() != nullptr);  // M3
      if (handle() == nullptr) port_.arena.give_all(owner(kBase));
    } else {
      space().handle = create_mspace(capacity, locked);
      METE_EXPECT(handle() != nullptr || port_.refused != refused || capacity > SIZE_MAX / 8);
    }
  }

  void destroy() {
    const std::size_t before = port_.given;
    const unsigned kept = port_.kept;
    blocks_.expect_whole();
    blocks_.forget(port_.now);
    METE_EXPECT(destroy_mspace(handle()) == port_.given - before);
    METE_EXPECT(kept != port_.kept || (port_.arena.bytes_of(owner(kHeap)) == 0 &&
                                       port_.arena.bytes_of(owner(kDirect)) == 0));
    // The base is the caller's.
    for (const auto kind : {kHeap, kDirect, kLeft, kBase}) port_.arena.give_all(owner(kind));
    space() = {};
    port_.space = nullptr;
  }

  // ---- blocks ----

  void allocate() {
    const std::size_t bytes = size();
    before_request();
    if (blocks_.is_full()) return;
    if (void* const block = mspace_malloc(handle(), bytes)) return add(block, bytes);
    expect_no_room(bytes);
  }

  void allocate_zeroed() {
    const std::size_t count = input_.byte();
    const std::size_t each = size();
    before_request();
    if (blocks_.is_full()) return;
    auto* const block = static_cast<unsigned char*>(mspace_calloc(handle(), count, each));
    if (block == nullptr) {
      if (count == 0 || each <= SIZE_MAX / count) expect_no_room(count * each);
      return;
    }
    METE_EXPECT(count == 0 || each <= SIZE_MAX / count);
    METE_EXPECT(std::all_of(block, block + count * each, [](unsigned char b) { return b == 0; }));
    add(block, count * each);
  }

  void allocate_aligned() {
    const std::size_t alignment = input_.alignment(14) + input_.below(3);
    const std::size_t bytes = size();
    before_request();
    if (blocks_.is_full()) return;
    void* const block = mspace_memalign(handle(), alignment, bytes);
    if (block == nullptr) return expect_no_room(bytes, 2 * alignment);
    METE_EXPECT(reinterpret_cast<std::uintptr_t>(block) % std::bit_ceil(alignment) == 0);
    add(block, bytes);
  }

  void deallocate() {
    LiveBlock block;
    if (blocks_.take(input_, port_.now, block)) mspace_free(handle(), block.at);
  }

  void reallocate() {
    const std::size_t bytes = size();
    before_request();
    LiveBlock block;
    if (!blocks_.take(input_, port_.now, block)) return;
    void* const moved = mspace_realloc(handle(), block.at, bytes);
    if (moved == nullptr) {
      METE_EXPECT(bytes > block.usable);
      expect_no_room(bytes);
      return blocks_.put_back(block);
    }
    block.at = static_cast<unsigned char*>(moved);
    METE_EXPECT(block.holds(std::min(block.usable, bytes)));
    add(moved, bytes);
  }

  void resize_in_place() {
    const std::size_t bytes = size();
    LiveBlock block;
    if (!blocks_.take(input_, port_.now, block)) return;
    void* const same = mspace_realloc_in_place(handle(), block.at, bytes);
    METE_EXPECT(same == block.at || (same == nullptr && bytes > block.usable));
    if (same == nullptr) return blocks_.put_back(block);
    METE_EXPECT(block.holds(std::min(block.usable, bytes)));
    add(same, bytes);
  }

  // ---- several blocks at once ----

  void allocate_array() {
    const bool own_table = input_.one_in(2);
    const std::size_t count =
        input_.one_in(16) ? SIZE_MAX / (1 + input_.below(99)) : input_.below(kTogether);
    const std::size_t each = size();
    before_request();
    if (blocks_.all().size() + kTogether >= LiveBlocks::kMost) return;
    void* table[kTogether] = {};
    void** const made =
        mspace_independent_calloc(handle(), count, each, own_table ? table : nullptr);
    if (made == nullptr) {
      if (count < kTogether && each < SIZE_MAX / 99) expect_no_room(count * (each + 64) + 64);
      return;
    }
    METE_EXPECT(count < kTogether);
    const std::size_t sizes[kTogether] = {each, each, each, each, each, each};
    add_several(made, own_table ? table : nullptr, count, sizes, true);
  }

  void allocate_several() {
    const bool own_table = input_.one_in(2);
    const std::size_t count = input_.below(kTogether);
    std::size_t sizes[kTogether] = {};
    std::size_t all = 64;
    bool absurd = false;
    for (std::size_t i = 0; i < count; ++i) {
      sizes[i] = size();
      absurd |= sizes[i] > SIZE_MAX / 99;
      all += sizes[i] + 64;
    }
    before_request();
    if (blocks_.all().size() + kTogether >= LiveBlocks::kMost) return;
    void* table[kTogether] = {};
    void** const made =
        mspace_independent_comalloc(handle(), count, sizes, own_table ? table : nullptr);
    if (made != nullptr) return add_several(made, own_table ? table : nullptr, count, sizes, false);
    if (!absurd) expect_no_room(all);
  }

  void add_several(void** made, void** own_table, std::size_t count, const std::size_t* sizes,
                   bool zero) {
    METE_EXPECT(own_table == nullptr || made == own_table);
    void* blocks[kTogether];
    std::copy_n(made, count, blocks);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* const bytes = static_cast<const unsigned char*>(blocks[i]);
      METE_EXPECT(!zero ||
                  std::all_of(bytes, bytes + sizes[i], [](unsigned char b) { return b == 0; }));
      METE_EXPECT(i == 0 || blocks[i] > blocks[i - 1]);
      add(blocks[i], sizes[i]);
    }
    if (own_table == nullptr) add(made, count * sizeof(void*));
  }

  void free_several() {
    void* blocks[kTogether] = {};
    const unsigned count = input_.below(kTogether);
    for (unsigned i = 0; i < count; ++i) {
      LiveBlock block;
      if (input_.one_in(4) || !blocks_.take(input_, port_.now, block)) continue;
      blocks[i] = block.at;
    }
    METE_EXPECT(mspace_bulk_free(handle(), blocks, count) == 0);
    for (const void* const block : blocks) METE_EXPECT(block == nullptr);
  }

  // ---- the whole space ----

  void change_port() { port_.change(input_); }

  void limit() {
    const std::size_t bytes =
        input_.one_in(2) ? SIZE_MAX : mspace_footprint(handle()) / 2 + input_.byte() * 512;
    const std::size_t set = mspace_set_footprint_limit(handle(), input_.one_in(8) ? 0 : bytes);
    METE_EXPECT(set == mspace_footprint_limit(handle()));
    METE_EXPECT(set == SIZE_MAX || (set % 4096 == 0 && set < bytes + 4096));
  }

  void trim() {
    const std::size_t pad = input_.one_in(4) ? size() : 0;
    const std::size_t footprint = mspace_footprint(handle());
    const std::size_t keepcost = mspace_mallinfo(handle()).keepcost;
    const unsigned kept = port_.kept;
    const int trimmed = mspace_trim(handle(), pad);
    const std::size_t given = footprint - mspace_footprint(handle());
    METE_EXPECT(trimmed == (given != 0 ? 1 : 0));
    if (pad == 0 && kept == port_.kept) METE_EXPECT(given == keepcost);
  }

  void set_option() {
    const unsigned value = input_.byte();
    switch (value % 4) {
      case 0:
        METE_EXPECT(mspace_mallopt(M_GRANULARITY, 4096 << (value / 4 % 3)) == 1);
        METE_EXPECT(mspace_mallopt(M_GRANULARITY, 4097) == 0);
        return;
      case 1:
        METE_EXPECT(mspace_mallopt(M_MMAP_THRESHOLD, (value / 4 - 1) * 1024) == 1);
        return;
      case 2:
        METE_EXPECT(mspace_mallopt(M_TRIM_THRESHOLD, value / 4 % 2 == 0 ? -1 : 4096) == 1);
        return;
      default:
        const bool before = mspace_track_large_chunks(handle(), value / 4 % 2) != 0;
        METE_EXPECT(before == space().tracks_large);
        space().tracks_large = value / 4 % 2 != 0;
    }
  }

  // ---- what has to hold ----

  // Blocks that are mapped alone are worth while; and a piece of memory is soon used up.
  std::size_t size() {
    const std::size_t bytes = input_.size();
    return bytes < 1 << 16 && input_.one_in(8) ? 8 * bytes : bytes;
  }

  bool is_direct(const void* at) const {
    const auto above =
        port_.arena.pieces().upper_bound(static_cast<std::byte*>(const_cast<void*>(at)));
    METE_EXPECT(above != port_.arena.pieces().begin());
    return std::prev(above)->second.owner == owner(kDirect);
  }

  void add(void* block, std::size_t bytes) {
    blocks_.add(block, bytes, mspace_usable_size(block), port_.now);
  }

  void before_request() { refused_before_ = port_.refused; }

  // There is only none if the port had none, or it would be more than the limit.
  void expect_no_room(std::size_t bytes, std::size_t alignment = 0) {
    const std::size_t limit = mspace_footprint_limit(handle());
    METE_EXPECT(
        port_.refused != refused_before_ || bytes > SIZE_MAX / 8 ||
        (limit != SIZE_MAX && mspace_footprint(handle()) + bytes + alignment + (20 << 10) > limit));
  }

  void expect_well() {
    blocks_.expect_edges();
    std::size_t in_heap = 0;
    for (const auto& [at, block] : blocks_.all()) {
      METE_EXPECT(mspace_usable_size(at) == block.usable);
      if (block.owner == port_.now && !is_direct(at)) ++in_heap;
    }
    const auto& arena = port_.arena;
    const std::size_t direct = arena.bytes_of(owner(kDirect));
    std::size_t heap = arena.bytes_of(owner(kHeap)) + arena.bytes_of(owner(kLeft));
    if (const std::size_t own = arena.bytes_of(owner(kBase)); own != 0) heap += own - 1;
    const std::size_t footprint = mspace_footprint(handle());
    METE_EXPECT(footprint == heap + direct);
    space().most_footprint = std::max(space().most_footprint, footprint);
    METE_EXPECT(mspace_max_footprint(handle()) >= space().most_footprint);

    const struct mallinfo_dl info = mspace_mallinfo(handle());
    METE_EXPECT(info.arena == heap && info.hblkhd == direct);
    METE_EXPECT(info.uordblks + info.fordblks == footprint);
    METE_EXPECT(info.usmblks == mspace_max_footprint(handle()));
    METE_EXPECT(info.keepcost <= info.fordblks);
    METE_EXPECT(info.smblks == 0 && info.fsmblks == 0);
    METE_EXPECT(info.hblks == blocks_of_now() - in_heap);
    expect_inspection(info.ordblks, blocks_of_now());
  }

  std::size_t blocks_of_now() const {
    const auto& all = blocks_.all();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(),
                      [this](const auto& block) { return block.second.owner == port_.now; }));
  }

  void expect_inspection(std::size_t free_pieces, std::size_t blocks) {
    struct Seen {
      const LiveBlocks& blocks;
      std::size_t blocks_seen = 0;
      std::size_t free_seen = 0;
    } seen{blocks_};
    mspace_inspect_all(
        handle(),
        [](void* start, void* end, std::size_t used_bytes, void* argument) {
          auto& so_far = *static_cast<Seen*>(argument);
          METE_EXPECT(start < end);
          if (used_bytes == 0) {
            ++so_far.free_seen;
            return;
          }
          const LiveBlock* const block = so_far.blocks.find(start);
          METE_EXPECT(block != nullptr && block->usable == used_bytes);
          METE_EXPECT(block->at + used_bytes == end);
          ++so_far.blocks_seen;
        },
        &seen);
    METE_EXPECT(seen.blocks_seen == blocks && seen.free_seen == free_pieces);
  }

  Input input_;
  FailingPort port_;
  Own spaces_[kSpaces];
  LiveBlocks blocks_;
  unsigned refused_before_ = 0;
};

}  // namespace
}  // namespace mete::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t length) {
  mete::fuzz::DlmallocFuzz({bytes, length}).run();
  return 0;
}

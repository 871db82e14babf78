// Carving, taking and putting back against a model of every block and every page of a slab.

#include "heap/slab_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "support/end_of_message.hpp"
#include "unit/fake_port/fake_port.hpp"
#include "unit/random.hpp"

namespace mete::heap {
namespace {

enum class Where { kUncarved, kFree, kOut, kInside };  // kInside: of a guest, but the first

// A slab over memory of its own. Pages that the slab says are clean are checked to be zero.
struct SlabModel {
  SlabModel(SizeClass size_class, unsigned shift)
      : page_shift(shift),
        bytes(bytes_of(size_class)),
        where(capacity_of(size_class), Where::kUncarved) {
    std::memset(memory.get(), 0, kSlabBytes);
    EXPECT_TRUE(open_slab(slab, size_class, all_pages()));
  }

  std::uint32_t all_pages() const {
    return static_cast<std::uint32_t>((1ull << (kSlabBytes >> page_shift)) - 1);
  }
  std::uint32_t index_of(const Block* block) const {
    const auto offset =
        static_cast<std::size_t>(reinterpret_cast<const std::byte*>(block) - memory.get());
    EXPECT_LT(offset, kSlabBytes);
    EXPECT_EQ(0u, offset % bytes);
    return static_cast<std::uint32_t>(offset / bytes);
  }
  std::size_t count(Where state) const {
    return static_cast<std::size_t>(std::count(where.begin(), where.end(), state));
  }

  // The blocks of a list go out: each was in `from`, and is written all over.
  void hand_out(const BlockList& list, Where from, std::uint32_t length) {
    const Block* block = list.head;
    std::vector<const Block*> blocks;
    for (std::uint32_t i = 0; i < length; ++i, block = block->next) blocks.push_back(block);
    for (const Block* each : blocks) {
      const std::uint32_t index = index_of(each);
      ASSERT_EQ(from, where[index]) << index;
      where[index] = Where::kOut;
      std::memset(memory.get() + index * bytes, 0xab, bytes);
    }
  }

  void carve_some(std::uint32_t most) {
    bool zeroed = false;
    const std::uint32_t before = slab.carved;
    const BlockList list = carve(slab, memory.get(), most, page_shift, zeroed);
    ASSERT_GE(list.length, 1u);
    ASSERT_LE(list.length, most);
    ASSERT_EQ(before + list.length, slab.carved);
    ASSERT_EQ(before, index_of(list.head)) << "in order";
    if (zeroed) {
      const auto* first = reinterpret_cast<const char*>(list.head);
      for (std::size_t i = sizeof(Block); i < bytes; ++i) ASSERT_EQ(0, first[i]);
    }
    const Block* last = list.head;
    for (std::uint32_t i = 1; i < list.length; ++i) last = last->next;
    ASSERT_EQ(nullptr, last->next);
    hand_out(list, Where::kUncarved, list.length);
  }

  void take_some(std::uint32_t most) {
    Block tail{};
    BlockList list{&tail, 1};
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < where.size() && expected.size() < most; ++i) {
      if (where[i] == Where::kFree) expected.push_back(i);
    }
    take_free(slab, memory.get(), most, page_shift, list);
    ASSERT_EQ(expected.size() + 1, list.length);
    const Block* block = list.head;
    for (const std::uint32_t index : expected) {
      ASSERT_EQ(index, index_of(block)) << "lowest addresses first";
      block = block->next;
    }
    ASSERT_EQ(&tail, block) << "in front of what was there";
    hand_out(list, Where::kFree, static_cast<std::uint32_t>(expected.size()));
  }

  void put(std::uint32_t index) {
    std::uint32_t blocks = 1;
    while (index + blocks < where.size() && where[index + blocks] == Where::kInside) ++blocks;
    const std::uint32_t offset = start_of(index);
    ASSERT_EQ((index + blocks) * bytes - offset, bytes_of_block(slab, slab.size_class, offset));
    ASSERT_EQ(blocks, put_back(slab, offset, reinterpret_cast<Block*>(memory.get() + offset)));
    std::fill_n(where.begin() + index, blocks, Where::kFree);
    guests.erase(index);
  }
  // Where a block that is out starts.
  std::uint32_t start_of(std::uint32_t index) const {
    const auto guest = guests.find(index);
    return guest == guests.end() ? index * bytes : guest->second;
  }

  // Where a guest starts, the first from block `index` on; on pages without memory only if
  // `clean_too`. None: kSlabBytes.
  std::uint32_t room_for(std::uint32_t guest_bytes, std::uint32_t index, bool clean_too) const {
    const std::uint32_t alignment = guest_bytes & (~guest_bytes + 1);
    for (; index < where.size(); ++index) {
      std::uint32_t from = index * bytes;
      while (from % alignment != 0) from += 8;
      const std::uint32_t first = from / bytes;
      const std::uint32_t end = (from + guest_bytes + bytes - 1) / bytes;
      if (end > where.size() || (end - first) * bytes - guest_bytes > guest_bytes / 4) continue;
      const bool free = std::all_of(where.begin() + first, where.begin() + end,
                                    [](Where each) { return each == Where::kFree; });
      bool clean = false;
      for (std::uint32_t p = first * bytes >> page_shift; p <= (end * bytes - 1) >> page_shift; ++p)
        clean |= (slab.clean_pages >> p & 1) != 0;
      if (free && (clean_too || !clean)) return from;
    }
    return kSlabBytes;
  }

  void take_some_guests(SizeClass guest, std::uint32_t most, bool clean_too) {
    ASSERT_TRUE(prepare_host(slab));
    std::vector<std::uint32_t> expected;
    std::uint32_t index = 0;
    while (expected.size() < most) {
      const std::uint32_t from = room_for(bytes_of(guest), index, clean_too);
      if (from == kSlabBytes) break;
      expected.push_back(from);
      index = (from + bytes_of(guest) + bytes - 1) / bytes;
    }
    const BlockList list = take_guests(slab, memory.get(), guest, most, page_shift, clean_too);
    ASSERT_EQ(expected.size(), list.length);
    const Block* block = list.head;
    for (const std::uint32_t from : expected) {
      ASSERT_EQ(memory.get() + from, reinterpret_cast<const std::byte*>(block))
          << "lowest addresses first";
      block = block->next;
    }
    ASSERT_EQ(nullptr, block);
    for (const std::uint32_t from : expected) {
      const std::uint32_t first = from / bytes;
      const std::uint32_t end = (from + bytes_of(guest) + bytes - 1) / bytes;
      guests[first] = from;
      where[first] = Where::kOut;
      std::fill(where.begin() + first + 1, where.begin() + end, Where::kInside);
      std::memset(memory.get() + from, 0xcd, end * bytes - from);
    }
  }

  void check() const {
    ASSERT_EQ(count(Where::kFree), slab.free);
    ASSERT_EQ(where.size() - count(Where::kUncarved), slab.carved);
    ASSERT_EQ(count(Where::kOut) == 0, slab.empty());
    ASSERT_EQ(count(Where::kInside), joined_blocks(slab));
    const std::size_t page = std::size_t{1} << page_shift;
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < where.size(); ++i) {
      if (where[i] != Where::kOut && where[i] != Where::kInside) continue;
      for (std::size_t p = i * bytes / page; p <= (i * bytes + bytes - 1) / page; ++p)
        used |= 1u << p;
    }
    ASSERT_EQ(all_pages() & ~used & ~std::uint32_t{slab.clean_pages}, idle_pages(slab, page_shift));
    for (std::size_t p = 0; p < kSlabBytes / page; ++p) {
      if ((slab.clean_pages >> p & 1) == 0) continue;
      ASSERT_EQ(0u, used >> p & 1) << "a clean page has no block in use";
      const auto* words = reinterpret_cast<const std::uint64_t*>(memory.get() + p * page);
      for (std::size_t w = 0; w < page / 8; w += 2)
        ASSERT_EQ(0u, words[w]) << "page " << p << " is not clean";
    }
  }

  // Gives the idle pages back, as the heap does.
  void purge() {
    const std::uint32_t idle = idle_pages(slab, page_shift);
    const std::size_t page = std::size_t{1} << page_shift;
    for (std::size_t p = 0; p < kSlabBytes / page; ++p) {
      if ((idle >> p & 1) != 0) std::memset(memory.get() + p * page, 0, page);
    }
    slab.clean_pages = static_cast<std::uint16_t>(slab.clean_pages | idle);
  }

  struct Free {
    void operator()(std::byte* block) const { std::free(block); }
  };
  std::unique_ptr<std::byte, Free> memory{
      static_cast<std::byte*>(std::aligned_alloc(kSlabBytes, kSlabBytes))};
  unsigned page_shift;
  std::uint32_t bytes;
  Slab slab{};
  std::vector<Where> where;
  std::map<std::uint32_t, std::uint32_t> guests;  // where those start that are out, by first block
};

class SlabOfClass : public testing::TestWithParam<std::tuple<unsigned, unsigned>> {};

TEST_P(SlabOfClass, AgreesWithTheModel) {
  const auto [index, page_shift] = GetParam();
  SlabModel model(SizeClass(index), page_shift);
  Random random(index);
  model.check();
  for (int step = 0; step < 600 / kSlowdown && !HasFailure(); ++step) {
    const std::uint32_t kind = random.below(9);
    if (kind < 2 && model.slab.carved < model.slab.capacity) {
      model.carve_some(1 + random.below(64));
    } else if (kind < 3) {
      model.take_some(random.below(64));
    } else if (kind < 7) {
      const bool most = random.one_in(10);  // now and then nearly everything comes back
      for (std::uint32_t i = 0; i < model.where.size(); ++i) {
        if (model.where[i] == Where::kOut && (most ? !random.one_in(20) : random.one_in(16)))
          model.put(i);
      }
    } else if (kind < 8) {
      model.purge();
    } else {
      const SizeClass guest(1 + random.below(79));
      if (may_host(SizeClass(index), guest))
        model.take_some_guests(guest, 1 + random.below(64), random.one_in(2));
    }
    model.check();
  }
  while (model.slab.carved < model.slab.capacity) model.carve_some(64);
  model.take_some(~0u);
  EXPECT_EQ(model.where.size(), model.count(Where::kOut) + model.count(Where::kInside));
  for (std::uint32_t i = 0; i < model.where.size(); ++i) {
    if (model.where[i] == Where::kOut) model.put(i);
  }
  EXPECT_TRUE(model.slab.empty());
  model.check();
}

INSTANTIATE_TEST_SUITE_P(Classes, SlabOfClass,
                         testing::Combine(testing::Values(1u, 2u, 5u, 15u, 16u, 23u, 24u, 40u, 57u,
                                                          70u, 79u),
                                          testing::Values(12u, 14u, 16u)));

TEST(SlabBlocks, HostsNeedMemoryForTheirBits) {
  SlabModel model(SizeClass(40), 12);
  fake_port::fail(fake_port::Call::kReserve, 1, fake_port::kForever);
  int hosts = 0;
  while (prepare_host(model.slab) && ++hosts < 10'000) {  // until what is reserved is used up
    ASSERT_TRUE(open_slab(model.slab, SizeClass(40), 0));
    model.slab.bits_words = 0;
  }
  ASSERT_LT(hosts, 10'000) << hosts;
  EXPECT_FALSE(model.slab.hosts.load());
  fake_port::stop_failing();
  EXPECT_TRUE(prepare_host(model.slab));
}

TEST(SlabBlocks, CarvingTouchesAFewKilobytesAtATime) {
  for (unsigned index = 1; index < kClassCount; ++index) {
    SlabModel model{SizeClass(index), 12};
    bool zeroed = false;
    const BlockList list = carve(model.slab, model.memory.get(), 64, 12, zeroed);
    EXPECT_TRUE(zeroed);
    EXPECT_LE((list.length - 1) * model.bytes, 4096u);
  }
}

TEST(SlabBlocks, ReopenedForAnotherClassNothingIsLeftOver) {
  SlabModel model(SizeClass(1), 12);
  for (const unsigned index : {1u, 79u, 2u, 40u, 1u, 15u}) {
    ASSERT_TRUE(open_slab(model.slab, SizeClass(index), 0));
    model.bytes = kClassBytes[index];
    model.where.assign(capacity_of(SizeClass(index)), Where::kUncarved);
    while (model.slab.carved < model.slab.capacity) model.carve_some(64);
    for (std::uint32_t i = 0; i < model.where.size(); i += 2) model.put(i);
    model.check();
  }
}

TEST(SlabBlocks, OpeningFailsWithoutMemoryForTheBits) {
  Slab slab{};
  fake_port::fail(fake_port::Call::kReserve, 1, fake_port::kForever);
  EXPECT_TRUE(open_slab(slab, SizeClass(79), 0)) << "few blocks need no memory";
  EXPECT_FALSE(open_slab(slab, SizeClass(1), 0));
  fake_port::stop_failing();
  EXPECT_TRUE(open_slab(slab, SizeClass(1), 0));
}

std::string line(const char* what, const void* address) {
  std::ostringstream text;
  text << "^mete: " << what << ": 0x" << std::hex << reinterpret_cast<std::uintptr_t>(address)
       << kEndOfMessage;
  return text.str();
}

TEST(SlabBlocksDeathTest, MistakesAreNamed) {
  SlabModel model(SizeClass(3), 12);  // 32 bytes
  model.carve_some(8);
  model.put(2);
  std::byte* const memory = model.memory.get();
  const auto put = [&](std::uint32_t offset) {
    put_back(model.slab, offset, reinterpret_cast<Block*>(memory + offset));
  };
  EXPECT_EXIT(put(2 * 32), testing::KilledBySignal(SIGABRT), line("double free", memory + 64));
  EXPECT_EXIT(put(3 * 32 + 16), testing::KilledBySignal(SIGABRT),
              line("free of a pointer into the middle of a block", memory + 3 * 32 + 16));
  EXPECT_EXIT(put(3 * 32 + 1), testing::KilledBySignal(SIGABRT),
              line("free of a pointer into the middle of a block", memory + 3 * 32 + 1));
  const std::uint32_t uncarved = model.slab.carved * 32u;
  EXPECT_EXIT(put(uncarved), testing::KilledBySignal(SIGABRT),
              line("double free", memory + uncarved))
      << "nothing was handed out there since the slab was empty, so it was freed before";
  for (std::uint32_t i = 0; i < 8; ++i) {
    if (i != 2) model.put(i);
  }
  model.take_some_guests(class_of(128), 1, true);
  EXPECT_EXIT(put(32), testing::KilledBySignal(SIGABRT),
              line("free of a pointer into the middle of a block", memory + 32));
  EXPECT_EXIT(put(16), testing::KilledBySignal(SIGABRT),
              line("free of a pointer into the middle of a block", memory + 16));
  model.put(0);
  EXPECT_EXIT(put(0), testing::KilledBySignal(SIGABRT), line("double free", memory));
}

}  // namespace
}  // namespace mete::heap

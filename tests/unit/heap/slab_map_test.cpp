// From any address to its slab word.

#include "heap/slab_map.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "pages/metadata.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::heap {
namespace {

using fake_port::Call;

const void* at(std::uintptr_t address) { return reinterpret_cast<const void*>(address); }

constexpr std::uintptr_t kSlabs[] = {0x10000, 0x5555'5678'0000, 0x7f12'3456'0000, 0x7fff'ffff'0000};

TEST(SlabMap, NullHasNoSlabBeforeTheStart) {
  const auto map = std::make_unique<SlabMap>();
  EXPECT_EQ(0u, map->word_of(nullptr));
}

TEST(SlabMap, FindsEveryByteOfASlabAndNothingElse) {
  const auto map = std::make_unique<SlabMap>();
  ASSERT_TRUE(map->start());
  for (const std::uintptr_t slab : kSlabs) EXPECT_EQ(0u, map->word_of(at(slab)));
  SlabWord word = 0;
  for (const std::uintptr_t slab : kSlabs) ASSERT_TRUE(map->set(at(slab), ++word << kClassShift));
  word = 0;
  for (const std::uintptr_t slab : kSlabs) {
    ++word;
    EXPECT_EQ(word << kClassShift, map->word_of(at(slab)));
    EXPECT_EQ(word << kClassShift, map->word_of(at(slab + 12345)));
    EXPECT_EQ(word << kClassShift, map->word_of(at(slab + 0xffff)));
    EXPECT_EQ(0u, map->word_of(at(slab - 1)));
    if (slab != kSlabs[3]) {
      EXPECT_EQ(0u, map->word_of(at(slab + 0x10000)));
    }
    map->clear(at(slab));
    EXPECT_EQ(0u, map->word_of(at(slab)));
  }
  EXPECT_EQ(0u, map->word_of(nullptr));
}

TEST(SlabMap, CoversUserSpaceOnly) {
  EXPECT_TRUE(SlabMap::covers(nullptr));
  EXPECT_TRUE(SlabMap::covers(at(0x7fff'ffff'ffff)));
  EXPECT_FALSE(SlabMap::covers(at(std::uintptr_t{1} << 48)));
  EXPECT_FALSE(SlabMap::covers(at(~std::uintptr_t{0})));
}

TEST(SlabMap, FailsWithoutMemoryAndWorksAfter) {
  const auto map = std::make_unique<SlabMap>();
  fake_port::fail(Call::kReserveReadOnly, 1, 1);
  EXPECT_FALSE(map->start());
  EXPECT_EQ(0u, map->word_of(nullptr));
  ASSERT_TRUE(map->start());
  fake_port::fail(Call::kReserve, 1, 1);
  EXPECT_FALSE(map->set(at(kSlabs[1]), 16));
  EXPECT_EQ(0u, map->word_of(at(kSlabs[1])));
  ASSERT_TRUE(map->set(at(kSlabs[1]), 16));
  EXPECT_EQ(16u, map->word_of(at(kSlabs[1])));
}

TEST(SlabMap, ItsLeavesAreMetadata) {
  const auto map = std::make_unique<SlabMap>();
  const std::size_t metadata = pages::metadata_bytes();
  const std::size_t reserved = fake_port::reserved_bytes();
  fake_port::fail(Call::kReserveReadOnly, 1, 1);
  EXPECT_FALSE(map->start());
  EXPECT_EQ(metadata, pages::metadata_bytes());
  ASSERT_TRUE(map->start());
  EXPECT_EQ(fake_port::reserved_bytes() - reserved, pages::metadata_bytes() - metadata);
  for (const std::uintptr_t slab : kSlabs) ASSERT_TRUE(map->set(at(slab), 16));
  EXPECT_EQ(fake_port::reserved_bytes() - reserved, pages::metadata_bytes() - metadata);
  EXPECT_LE(std::size_t{32} << 20, pages::metadata_bytes() - metadata);
}

// Of two threads that need the same leaf one makes it, and the other's goes back.
TEST(SlabMap, LeavesAreMadeOnce) {
  const auto map = std::make_unique<SlabMap>();
  ASSERT_TRUE(map->start());
  const std::size_t metadata = pages::metadata_bytes();
  const std::size_t reserved = fake_port::reserved_bytes();
  bool raced = false;
  fake_port::on_call(Call::kReserve, [&](const void*, std::size_t) {
    if (raced) return;
    raced = true;
    std::thread([&] { EXPECT_TRUE(map->set(at(kSlabs[1]), 16)); }).join();
  });
  ASSERT_TRUE(map->set(at(kSlabs[1] + 0x10000), 32));
  fake_port::on_call(Call::kReserve, {});
  EXPECT_EQ(16u, map->word_of(at(kSlabs[1])));
  EXPECT_EQ(32u, map->word_of(at(kSlabs[1] + 0x10000)));
  EXPECT_EQ(std::size_t{8} << 20, fake_port::reserved_bytes() - reserved);
  EXPECT_EQ(std::size_t{8} << 20, pages::metadata_bytes() - metadata);
}

TEST(SlabMap, TakesNoMemoryForAddressesThatAreNotOurs) {
  const auto map = std::make_unique<SlabMap>();
  ASSERT_TRUE(map->start());
  const std::uint64_t reserves = fake_port::calls(Call::kReserve);
  for (std::uintptr_t address = 0; address < std::uintptr_t{1} << 47;
       address += std::uintptr_t{1} << 35) {
    ASSERT_EQ(0u, map->word_of(at(address)));
  }
  EXPECT_EQ(reserves, fake_port::calls(Call::kReserve));
}

}  // namespace
}  // namespace mete::heap

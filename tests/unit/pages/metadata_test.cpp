// Memory for the allocator's own structures, and the arrays that are made of it.

#include "pages/metadata.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "pages/sparse_array.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::pages {
namespace {

using fake_port::Call;

TEST(Metadata, IsZeroAlignedAndDisjoint) {
  struct Piece {
    unsigned char* memory;
    std::size_t bytes;
  };
  std::vector<Piece> pieces;
  for (const std::size_t bytes : {1u, 63u, 1u, 64u, 32u, 33u, 1u, 32u, 64u, 65u, 1000u, 4096u,
                                  100'000u, 131'072u, 300'000u, 1u << 20}) {
    auto* memory = static_cast<unsigned char*>(allocate_metadata(bytes));
    ASSERT_NE(nullptr, memory);
    EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(memory) % (bytes <= 32 ? 32 : 64));
    EXPECT_TRUE(fake_port::is_reserved(memory, bytes));
    for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(0, memory[i]);
    std::memset(memory, static_cast<int>(pieces.size() + 1), bytes);
    pieces.push_back({memory, bytes});
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(i + 1, pieces[i].memory[0]);
    EXPECT_EQ(i + 1, pieces[i].memory[pieces[i].bytes - 1]);
  }
}

TEST(Metadata, CountsWhatItReserved) {
  const std::size_t before = metadata_bytes();
  const std::size_t reserved = fake_port::reserved_bytes();
  for (int i = 0; i < 100; ++i)
    ASSERT_NE(nullptr, allocate_metadata(std::size_t{5000} * static_cast<std::size_t>(i + 1)));
  EXPECT_EQ(fake_port::reserved_bytes() - reserved, metadata_bytes() - before);
}

TEST(Metadata, IsNullWithoutMemoryAndComesBack) {
  fake_port::fail(Call::kReserve, 1, fake_port::kForever);
  EXPECT_EQ(nullptr, allocate_metadata(std::size_t{1} << 20));
  std::size_t small = 0;
  while (allocate_metadata(4096) != nullptr) ++small;  // what is left of the current step
  EXPECT_LT(small, 64u);
  const std::size_t before = metadata_bytes();
  EXPECT_EQ(nullptr, allocate_metadata(4096));
  EXPECT_EQ(before, metadata_bytes());
  fake_port::stop_failing();
  EXPECT_NE(nullptr, allocate_metadata(4096));
  EXPECT_NE(nullptr, allocate_metadata(std::size_t{1} << 20));
}

using Array = SparseArray<std::uint64_t, 20, 10>;

TEST(SparseArray, ExistsWhereItWasEnsured) {
  const auto array = std::make_unique<Array>();
  EXPECT_EQ(nullptr, array->find(0));
  EXPECT_EQ(nullptr, array->find((1u << 20) - 1));
  ASSERT_TRUE(array->ensure(1000, 3000));
  EXPECT_NE(nullptr, array->find(0)) << "of the same chunk";
  EXPECT_NE(nullptr, array->find(3071));
  EXPECT_EQ(nullptr, array->find(3072));
  for (std::uint32_t i = 1000; i <= 3000; ++i) {
    ASSERT_EQ(0u, (*array)[i]);
    (*array)[i] = i;
  }
  ASSERT_TRUE(array->ensure(500, 5000)) << "what exists stays";
  for (std::uint32_t i = 1000; i <= 3000; ++i) {
    ASSERT_EQ(i, (*array)[i]);
    ASSERT_EQ(&(*array)[i], array->find(i));
  }
}

TEST(SparseArray, ReachesTheLastIndex) {
  const auto array = std::make_unique<Array>();
  ASSERT_TRUE(array->ensure((1u << 20) - 1, (1u << 20) - 1));
  (*array)[(1u << 20) - 1] = 7;
  EXPECT_EQ(7u, *array->find((1u << 20) - 1));
}

TEST(SparseArray, FailsWithoutMemoryAndWorksAfter) {
  using Wide = SparseArray<std::uint64_t, 32, 16>;  // chunks of 512 KiB
  const auto array = std::make_unique<Wide>();
  fake_port::fail(Call::kReserve, 2, fake_port::kForever);
  EXPECT_FALSE(array->ensure(0, 3 << 16));
  EXPECT_NE(nullptr, array->find(0));
  EXPECT_EQ(nullptr, array->find(1 << 16));
  fake_port::stop_failing();
  EXPECT_TRUE(array->ensure(0, 3 << 16));
  EXPECT_NE(nullptr, array->find(3 << 16));
}

}  // namespace
}  // namespace mete::pages

// The table of size classes has the properties that the rest of the engine and the documentation
// rely on.

#include "heap/size_class.hpp"

#include <gtest/gtest.h>

#include "heap/fast_path.hpp"

namespace mete::heap {
namespace {

TEST(SizeClass, StepsAreAsDocumented) {
  unsigned index = 1;
  for (std::uint32_t bytes = 16; bytes <= 128; bytes += 8) EXPECT_EQ(bytes, kClassBytes[index++]);
  for (std::uint32_t bytes = 144; bytes <= 256; bytes += 16) EXPECT_EQ(bytes, kClassBytes[index++]);
  for (std::uint32_t doubling = 256; doubling < 32768; doubling *= 2) {
    for (std::uint32_t i = 1; i <= 8; ++i)
      EXPECT_EQ(doubling + doubling / 8 * i, kClassBytes[index++]);
  }
  EXPECT_EQ(kClassCount, index);
}

TEST(SizeClass, ServesTheSmallestMultipleOfSixteenThatFits) {
  for (std::size_t bytes = 0; bytes <= kLargestClassBytes; ++bytes) {
    const SizeClass served = class_of(bytes);
    ASSERT_GE(bytes_of(served), bytes);
    ASSERT_EQ(0u, bytes_of(served) % 16);
    for (unsigned i = 1; i < served.index; ++i) {
      ASSERT_TRUE(kClassBytes[i] < bytes || kClassBytes[i] % 16 != 0) << bytes;
    }
  }
}

TEST(SizeClass, UnalignedServesTheSmallestThatFits) {
  for (std::size_t bytes = 0; bytes <= 128; ++bytes) {
    const SizeClass served = class_of_unaligned(bytes);
    ASSERT_GE(bytes_of(served), bytes);
    if (served.index > 1) {
      ASSERT_LT(kClassBytes[served.index - 1u], bytes);
    }
  }
}

TEST(SizeClass, RoundedToItsAlignmentASizeGetsAnAlignedClass) {
  for (std::size_t alignment = 1; alignment <= kLargestClassBytes; alignment *= 2) {
    for (std::size_t bytes = alignment; bytes <= kLargestClassBytes; bytes += alignment) {
      ASSERT_EQ(0u, bytes_of(class_of(bytes)) % alignment) << bytes << " aligned to " << alignment;
    }
  }
}

TEST(SizeClass, WasteIsAtMostAnEighthAboveTheSmallest) {
  for (std::size_t bytes = 129; bytes <= kLargestClassBytes; ++bytes) {
    ASSERT_LE((bytes_of(class_of(bytes)) - bytes) * 8, bytes + 16 * 8) << bytes;
    if (bytes > 256) {
      ASSERT_LE((bytes_of(class_of(bytes)) - bytes) * 8, bytes) << bytes;
    }
  }
}

TEST(SizeClass, BlocksAreFoundByTheirOffset) {
  for (unsigned i = 1; i < kClassCount; ++i) {
    const SizeClass size_class(i);
    for (std::uint32_t offset = 0; offset < kSlabBytes; ++offset) {
      ASSERT_EQ(offset / bytes_of(size_class), block_index(size_class, offset));
    }
  }
}

TEST(SizeClass, BinsHoldBetweenFourAndSixtyFourBlocks) {
  for (unsigned i = 1; i < kClassCount; ++i) {
    const std::int32_t limit = bin_limit(SizeClass(i));
    EXPECT_GE(limit, 4);
    EXPECT_LE(limit, 64);
    EXPECT_TRUE(limit == 4 || static_cast<std::uint32_t>(limit) * kClassBytes[i] <= 8192);
    EXPECT_GE(capacity_of(SizeClass(i)), 2u);
  }
}

TEST(SizeClass, FastPathUsesTheSameTable) {
  for (std::size_t bytes = 0; bytes <= kLargestClassBytes; ++bytes) {
    ASSERT_EQ(class_of(bytes).index * sizeof(Bin),
              kBinOfGranule[(bytes + kGranule - 1) / kGranule]);
  }
}

TEST(SlabWord, HoldsOwnerAndClass) {
  for (const std::uint32_t owner : {1u, 77u, kMostOwners - 1}) {
    for (unsigned i = 1; i < kClassCount; ++i) {
      const SlabWord word = slab_word(owner, SizeClass(i));
      ASSERT_EQ(owner, owner_of(word));
      ASSERT_EQ(SizeClass(i), class_in(word));
      ASSERT_NE(0u, word);
      ASSERT_EQ(i * sizeof(Bin), word ^ owner << kOwnerShift) << "the offset of the bin";
    }
  }
}

}  // namespace
}  // namespace mete::heap

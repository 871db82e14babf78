// The one place that knows how wide addresses are: what the layers above lay out over all addresses
// follows from these.
//
//                    64 bits                            32 bits
//   addresses        48 bits: the systems give out no   all of them: 3 GiB, or 4 GiB on a kernel of
//                    others unless they are asked to    64 bits, handed out downward from the top
//   window of pages  16 TiB around the first range      everything
//   leaf of the      128 GiB: 8 MiB of addresses        1 GiB: 64 KiB of addresses
//   slab map
//   longest run      1 TiB of 4 KiB pages               2 GiB: no object is larger than PTRDIFF_MAX
//   steps of         4 MiB to 256 MiB                   1 MiB to 16 MiB: what is reserved for
//   blocks reservation                                         is lost to stacks, libraries and
//   files

#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>

namespace mete::base {

struct AddressSpace {
  unsigned address_bits;
  unsigned window_bits;
  unsigned slab_map_leaf_bits;
  unsigned run_length_bits;  // of a number of pages
  std::size_t smallest_step;
  std::size_t largest_step;
};

inline constexpr unsigned kWordBits = sizeof(std::uintptr_t) * CHAR_BIT;

inline constexpr AddressSpace kAddressSpace =
    kWordBits == 64 ? AddressSpace{48, 44, 37, 28, std::size_t{4} << 20, std::size_t{256} << 20}
                    : AddressSpace{32, 32, 30, 19, std::size_t{1} << 20, std::size_t{16} << 20};

// The highest number of `bits` bits, also of as many as a word has.
constexpr std::uintptr_t last_of(unsigned bits) noexcept {
  return ~std::uintptr_t{0} >> (kWordBits - bits);
}

static_assert(kWordBits == 64 || kWordBits == 32);
static_assert(kAddressSpace.slab_map_leaf_bits < kAddressSpace.address_bits);

}  // namespace mete::base

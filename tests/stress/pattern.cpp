// Writes and checks the pattern, eight bytes at a time where a range allows it.
#include "pattern.hpp"

#include <algorithm>
#include <cstring>

#include "support/random.hpp"

namespace stress {

using support::mix;

namespace {
constexpr std::size_t kWord = sizeof(std::uint64_t);
}

Pattern::Pattern(const void* address, std::size_t size, std::uint64_t seed) noexcept
    : size_(size), key_(mix(reinterpret_cast<std::uintptr_t>(address) ^ mix(size ^ mix(seed)))) {}

std::uint64_t Pattern::word(std::size_t offset) const noexcept {
  return key_ + (offset / kWord) * 0x9e3779b97f4a7c15ULL;
}

std::byte Pattern::byte(std::size_t offset) const noexcept {
  return static_cast<std::byte>(word(offset) >> (8 * (offset % kWord)));
}

// Calls visit(from, to) for every range that carries the pattern, cut off at `length`; stops when
// visit says false.
template <class Visit>
void Pattern::for_each_range(std::size_t length, Visit visit) const noexcept {
  if (size_ <= kWholeLimit) {
    visit(std::size_t{0}, length);
    return;
  }
  if (!visit(std::size_t{0}, std::min(kEnds, length))) return;
  // A multiple of the page size, so that samples of a block stay where they are relative to its
  // pages.
  const std::size_t stride =
      std::max(kSampleStride, size_ / kMaxSamples / kSampleStride * kSampleStride);
  for (std::size_t from = stride; from + kWord <= std::min(length, size_ - kEnds); from += stride) {
    if (!visit(from, from + kWord)) return;
  }
  if (length > size_ - kEnds) visit(size_ - kEnds, length);
}

void Pattern::write(void* block) const noexcept {
  auto* bytes = static_cast<std::byte*>(block);
  for_each_range(size_, [&](std::size_t from, std::size_t to) {
    while (from < to) {
      if (from % kWord == 0 && to - from >= kWord) {
        const std::uint64_t value = word(from);
        std::memcpy(bytes + from, &value, kWord);
        from += kWord;
      } else {
        bytes[from] = byte(from);
        ++from;
      }
    }
    return true;
  });
}

Pattern::Mismatch Pattern::check(const void* block, std::size_t length) const noexcept {
  const auto* bytes = static_cast<const std::byte*>(block);
  Mismatch mismatch{};
  for_each_range(length, [&](std::size_t from, std::size_t to) {
    while (from < to) {
      if (from % kWord == 0 && to - from >= kWord) {
        std::uint64_t value;
        std::memcpy(&value, bytes + from, kWord);
        if (value == word(from)) {
          from += kWord;
          continue;
        }
      }
      if (bytes[from] != byte(from)) {
        mismatch = {true, from, byte(from), bytes[from]};
        return false;
      }
      ++from;
    }
    return true;
  });
  return mismatch;
}

}  // namespace stress

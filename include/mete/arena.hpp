// Arena: blocks cut off one after the other from chunks of memory, and given back all at once.
//
//   | chunk header | block | padding | block | block |  <- next ... end |     newest chunk
//         `-> previous chunk -> ... -> null
//
// allocate moves `next` forward. deallocate takes back only the last block; grow and shrink of the
// last block stay in place; everything else waits for reset() or for the end of the arena. Chunks
// come from an allocator and double in size; a buffer can come before them, or be all there is.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "mete/allocator.hpp"
#include "mete/both_contracts.hpp"
#include "mete/layout.hpp"

namespace mete {

// An allocator that has nothing to give.
struct NoMemory {
  Block allocate(Layout layout) const noexcept {
    return layout.size() == 0 ? Block::dangling(layout) : Block{};
  }
  void deallocate(void*, Layout) const noexcept {}
  friend constexpr bool operator==(NoMemory, NoMemory) noexcept { return true; }
};

// Meets both contracts; one thread at a time may call. Movable: blocks stay where they are.
//   mete::Arena arena{buffer};                    std::byte[n] or a span of them, and no more
//   mete::Arena arena{mete::System()};            chunks from System
//   mete::Arena arena{buffer, mete::System()};    the buffer first
template <Allocator A>
class Arena : public GlobalAllocFromAllocator<Arena<A>> {
 public:
  static constexpr std::size_t kFirstChunk = 4096;  // bytes, header included

  // first_chunk: bytes of the first chunk; what does not fit gets a chunk as large as needed.
  explicit Arena(A upstream = A(), std::size_t first_chunk = kFirstChunk) noexcept
      : upstream_(std::move(upstream)), next_chunk_(first_chunk) {}

  // The buffer stays the caller's, and has to live longer.
  explicit Arena(std::span<std::byte> buffer, A upstream = A()) noexcept
      : upstream_(std::move(upstream)),
        buffer_(buffer),
        next_(buffer.data()),
        end_(buffer.data() + buffer.size()),
        next_chunk_(larger(kFirstChunk, 2 * buffer.size())) {}

  Arena(Arena&& other) noexcept
      : upstream_(std::move(other.upstream_)),
        buffer_(std::exchange(other.buffer_, {})),
        next_(std::exchange(other.next_, nullptr)),
        end_(std::exchange(other.end_, nullptr)),
        newest_(std::exchange(other.newest_, nullptr)),
        next_chunk_(other.next_chunk_) {}
  Arena& operator=(Arena&&) = delete;

  ~Arena() { release(newest_); }

  Block allocate(Layout layout) noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
    if (std::byte* const ptr = cut(layout)) return {ptr, layout.size()};
    if (!add_chunk(layout)) return {};
    return {cut(layout), layout.size()};
  }

  void deallocate(void* ptr, Layout layout) noexcept {
    if (is_last(ptr, layout)) next_ = static_cast<std::byte*>(ptr);
  }

  Block grow(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    require(new_layout.size() >= old_layout.size(), kGrowRule);
    const std::size_t more = new_layout.size() - old_layout.size();
    if (is_last(ptr, old_layout) && is_aligned(ptr, new_layout) && more <= room()) {
      next_ += more;
      return {ptr, new_layout.size()};
    }
    return move_to(allocate(new_layout), *this, ptr, old_layout, old_layout.size());
  }

  Block grow_zeroed(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    const Block block = grow(ptr, old_layout, new_layout);
    if (block) {
      std::memset(static_cast<std::byte*>(block.ptr) + old_layout.size(), 0,
                  block.size - old_layout.size());
    }
    return block;
  }

  Block shrink(void* ptr, Layout old_layout, Layout new_layout) noexcept {
    require(new_layout.size() <= old_layout.size(), kShrinkRule);
    if (new_layout.size() == 0) {
      deallocate(ptr, old_layout);
      return Block::dangling(new_layout);
    }
    if (!is_aligned(ptr, new_layout))
      return move_to(allocate(new_layout), *this, ptr, old_layout, new_layout.size());
    if (is_last(ptr, old_layout)) next_ = static_cast<std::byte*>(ptr) + new_layout.size();
    return {ptr, new_layout.size()};
  }

  // Whether the address lies in memory of this arena. Complexity: the number of chunks, which is
  // logarithmic in their size.
  bool owns(const void* ptr) const noexcept {
    if (lies_in(ptr, buffer_.data(), buffer_.data() + buffer_.size())) return true;
    for (const Chunk* chunk = newest_; chunk != nullptr; chunk = chunk->previous)
      if (lies_in(ptr, chunk, chunk->end)) return true;
    return false;
  }

  // Ends all blocks at once, and starts over in the newest chunk, which is the largest, or in the
  // buffer if there is none. The other chunks go back.
  void reset() noexcept {
    if (newest_ == nullptr) {
      next_ = buffer_.data();
      return;
    }
    release(std::exchange(newest_->previous, nullptr));
    next_ = reinterpret_cast<std::byte*>(newest_ + 1);
  }

 private:
  struct Chunk {
    Chunk* previous;
    std::byte* end;
    Layout layout;  // of the whole chunk, as asked for
  };

  static constexpr std::size_t larger(std::size_t a, std::size_t b) noexcept {
    return a < b ? b : a;
  }

  static bool lies_in(const void* ptr, const void* begin, const void* end) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(ptr);
    return reinterpret_cast<std::uintptr_t>(begin) <= address &&
           address < reinterpret_cast<std::uintptr_t>(end);
  }

  static bool is_aligned(const void* ptr, Layout layout) noexcept {
    return (reinterpret_cast<std::uintptr_t>(ptr) & (layout.align() - 1)) == 0;
  }

  bool is_last(const void* ptr, Layout layout) const noexcept {
    return layout.size() != 0 && static_cast<const std::byte*>(ptr) + layout.size() == next_;
  }

  std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  // The next block of the current memory. Null: it does not fit.
  std::byte* cut(Layout layout) noexcept {
    const std::size_t padding =
        (0 - reinterpret_cast<std::uintptr_t>(next_)) & (layout.align() - 1);
    if (padding > room() || layout.size() > room() - padding) return nullptr;
    std::byte* const ptr = next_ + padding;
    next_ = ptr + layout.size();
    return ptr;
  }

  // Makes a chunk current that has room for a block of this layout.
  bool add_chunk(Layout layout) noexcept {
    const auto needed = Layout::of<Chunk>().extend(layout);
    if (!needed) return false;
    Layout whole = needed->first;
    const std::optional<Layout> wanted =
        Layout::from_size_align(larger(whole.size(), next_chunk_), whole.align());
    Block block;
    if (wanted) block = mete::allocate(upstream_, *wanted);
    if (block)
      whole = *wanted;
    else
      block = mete::allocate(upstream_, whole);
    if (!block) return false;
    std::byte* const begin = static_cast<std::byte*>(block.ptr);
    newest_ = ::new (begin) Chunk{newest_, begin + block.size, whole};
    next_ = begin + sizeof(Chunk);
    end_ = newest_->end;
    next_chunk_ = larger(next_chunk_, 2 * block.size);
    return true;
  }

  void release(Chunk* chunk) noexcept {
    while (chunk != nullptr) {
      Chunk* const previous = chunk->previous;
      mete::deallocate(upstream_, chunk, chunk->layout);
      chunk = previous;
    }
  }

  [[no_unique_address]] A upstream_;
  std::span<std::byte> buffer_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  Chunk* newest_ = nullptr;
  std::size_t next_chunk_;  // bytes
};

Arena(std::span<std::byte>)->Arena<NoMemory>;
template <std::size_t n>
Arena(std::byte (&)[n]) -> Arena<NoMemory>;
template <std::size_t n, Allocator A>
Arena(std::byte (&)[n], A) -> Arena<A>;

}  // namespace mete

// Tries the functions of a port (mete/port.h) and says in words which rule one of them breaks.
// Needs nothing but the port. What is about to be tried stands in port_selftest_trying, since what
// is wrong with a lock or with memory often shows in that a call does not return.

#include "dlmalloc/mspace.hpp"
#include "dlmalloc/optional_port.hpp"
#include "mete/port.h"

namespace optional_port = mete::dlmalloc::optional_port;
using mete::dlmalloc::parameters;

const char* volatile port_selftest_trying = "nothing yet";

namespace {

using Byte = volatile unsigned char;  // so that every byte is really written, and read

constexpr size_t kTwoWords = 2 * sizeof(void*);
void* const kNone = reinterpret_cast<void*>(~uintptr_t{0});

uintptr_t number_of(const volatile void* address) { return reinterpret_cast<uintptr_t>(address); }

// ---- locks ----

// A lock with a word on both sides that is nobody's business.
struct GuardedLock {
  uintptr_t before = 0x5a5a5a5a;
  void* lock = nullptr;
  uintptr_t after = 0xa5a5a5a5;

  // Calls one of the four. Returns: whether it left the words beside the lock alone.
  bool call(void (*function)(void**), const char* what_if_it_does_not_return) {
    port_selftest_trying = what_if_it_does_not_return;
    function(&lock);
    const volatile GuardedLock& now = *this;
    return now.before == 0x5a5a5a5a && now.after == 0xa5a5a5a5;
  }
};

constexpr const char* kInitWrites = "init_lock: writes beyond the word of the lock";
constexpr const char* kAcquireWrites = "acquire_lock: writes beyond the word of the lock";
constexpr const char* kReleaseWrites = "release_lock: writes beyond the word of the lock";
constexpr const char* kFinalWrites = "final_lock: writes beyond the word of the lock";
constexpr const char* kReleaseHangs = "release_lock: does not return";

const char* acquire_and_release(GuardedLock& lock, const char* what_if_it_is_not_free) {
  if (!lock.call(acquire_lock, what_if_it_is_not_free)) return kAcquireWrites;
  if (!lock.call(release_lock, kReleaseHangs)) return kReleaseWrites;
  if (!lock.call(acquire_lock, "release_lock: the lock is not free afterwards"))
    return kAcquireWrites;
  if (!lock.call(release_lock, kReleaseHangs)) return kReleaseWrites;
  return nullptr;
}

const char* test_locks() {
  GuardedLock zero;
  const char* fault =
      acquire_and_release(zero, "acquire_lock: a zero word is not a lock that is free");
  if (fault != nullptr) return fault;
  GuardedLock framed;
  if (!framed.call(init_lock, "init_lock: does not return")) return kInitWrites;
  fault = acquire_and_release(framed, "init_lock: the lock is not free afterwards");
  if (fault != nullptr) return fault;
  if (!framed.call(final_lock, "final_lock: does not return")) return kFinalWrites;
  return nullptr;
}

// ---- memory ----

struct Piece {
  Byte* base = nullptr;
  unsigned char stamp = 0;

  static size_t bytes() { return parameters.granularity; }
  bool is_taken() const { return base != nullptr; }
  // No two pieces have the same bytes, not even when one is shifted against the other.
  unsigned char at(size_t i) const { return static_cast<unsigned char>(stamp + 31 * i + i / 251); }
  void fill() const {
    for (size_t i = 0; i < bytes(); ++i) base[i] = at(i);
  }
  bool holds() const {
    for (size_t i = 0; i < bytes(); ++i) {
      if (base[i] != at(i)) return false;
    }
    return true;
  }
  bool is_clear() const {
    for (size_t i = 0; i < bytes(); ++i) {
      if (base[i] != 0) return false;
    }
    return true;
  }
  bool overlaps(const Piece& other) const {
    return number_of(base) - number_of(other.base) < bytes() ||
           number_of(other.base) - number_of(base) < bytes();
  }
  bool ends_where(const Piece& other) const { return base + bytes() == other.base; }
};

// One of the two functions that give memory, and the rules that it may break.
struct Giver {
  void* (*take)(size_t length);
  const char* null;
  const char* impossible;
  const char* unaligned;
  const char* used;
  const char* overlap;
  const char* unwritable;
};
#define METE_GIVER(function, take)                                                      \
  Giver {                                                                               \
    take, #function ": says null instead of (void*)-1 when there is no memory",         \
        #function ": gives memory that cannot be there",                                \
        #function ": memory is not aligned to two words",                               \
        #function ": gives memory that the program uses", #function ": pieces overlap", \
        #function ": memory cannot be written"                                          \
  }

constexpr int kPieces = 3;

class MemoryTest {
 public:
  const char* run() {
    const Giver heap = METE_GIVER(custom_mmap, custom_mmap);
    if (const char* const fault = ask_for_too_much(heap); fault != nullptr) return fault;
    for (int i = 0; i < kPieces; ++i) {
      if (const char* const fault = take(heap, pieces_[i]); fault != nullptr) return fault;
    }
    if (!pieces_[0].is_taken()) return "custom_mmap: gives no memory";
    const Giver direct = METE_GIVER(custom_direct_mmap, optional_port::direct_mmap);
    if (const char* const fault = ask_for_too_much(direct); fault != nullptr) return fault;
    if (const char* const fault = take(direct, pieces_[kPieces]); fault != nullptr) return fault;
    if (!all_hold()) return "custom_mmap: memory does not keep what is written";
    return give_back();
  }

 private:
  // Half of all addresses. Where they have 32 bits it might be there, and is given back.
  static const char* ask_for_too_much(const Giver& giver) {
    const size_t length = SIZE_MAX / 2 / Piece::bytes() * Piece::bytes();
    port_selftest_trying = giver.impossible;
    void* const base = giver.take(length);
    if (base == nullptr) return giver.null;
    if (base == kNone) return nullptr;
    if (sizeof(size_t) > 4 || number_of(base) > UINTPTR_MAX - length) return giver.impossible;
    custom_munmap(base, length);
    return nullptr;
  }

  const char* take(const Giver& giver, Piece& piece) {
    static Byte of_the_program = 0;
    Byte on_the_stack = 0;
    void* const base = giver.take(Piece::bytes());
    if (base == nullptr) return giver.null;
    if (base == kNone) return nullptr;
    if (number_of(base) % kTwoWords != 0) return giver.unaligned;
    const Piece taken{static_cast<Byte*>(base), ++stamp_};
    for (const Byte* const used : {&of_the_program, &on_the_stack}) {
      if (number_of(used) - number_of(base) < Piece::bytes()) return giver.used;
    }
    for (const Piece& other : pieces_) {
      if (other.is_taken() && taken.overlaps(other)) return giver.overlap;
    }
    if (giver.take == optional_port::direct_mmap && optional_port::mmap_clears() &&
        !taken.is_clear())
      return "custom_mmap_clears: what custom_direct_mmap gives is not zero";
    port_selftest_trying = giver.unwritable;
    taken.fill();
    piece = taken;
    return nullptr;
  }

  bool all_hold() const {
    for (const Piece& piece : pieces_) {
      if (piece.is_taken() && !piece.holds()) return false;
    }
    return true;
  }

  // Gives back `count` pieces that are neighbours from `base` on. Sets: whether they are gone.
  const char* give(Byte* base, size_t count, bool& gone) {
    const size_t bytes = count * Piece::bytes();
    port_selftest_trying = "custom_munmap: does not return";
    const int status = custom_munmap(const_cast<unsigned char*>(base), bytes);
    if (status != 0 && status != -1) return "custom_munmap: says neither 0 nor -1";
    gone = status == 0;
    for (Piece& piece : pieces_) {
      if (gone && number_of(piece.base) - number_of(base) < bytes) piece = {};
    }
    const char* const fault = "custom_munmap: changes memory that is still in use";
    port_selftest_trying = fault;
    return all_hold() ? nullptr : fault;
  }

  // First what is in no pair of neighbours; then the pair at once; and alone what is left. A port
  // may refuse, but a pair only if it refuses the others, too.
  const char* give_back() {
    Byte* pair = nullptr;
    for (int i = 0; i < kPieces && pair == nullptr; ++i) {
      for (int j = 0; j < kPieces; ++j) {
        if (!pieces_[i].is_taken() || !pieces_[i].ends_where(pieces_[j])) continue;
        pair = pieces_[i].base;
      }
    }
    bool took_one = false;
    bool took_pair = false;
    for (const Piece& piece : pieces_) {
      const size_t distance = number_of(piece.base) - number_of(pair);
      if (pair != nullptr && distance < 2 * Piece::bytes()) continue;
      if (const char* const fault = give_alone(piece, took_one); fault != nullptr) return fault;
    }
    if (pair == nullptr) return nullptr;
    if (const char* const fault = give(pair, 2, took_pair); fault != nullptr) return fault;
    for (const Piece& piece : pieces_) {
      if (const char* const fault = give_alone(piece, took_one); fault != nullptr) return fault;
    }
    return took_one && !took_pair ? "custom_munmap: refuses neighbours in one call" : nullptr;
  }

  const char* give_alone(const Piece& piece, bool& took_one) {
    if (!piece.is_taken()) return nullptr;
    bool gone = false;
    const char* const fault = give(piece.base, 1, gone);
    took_one |= gone;
    return fault;
  }

  Piece pieces_[kPieces + 1];  // the last one of custom_direct_mmap
  unsigned char stamp_ = 0;
};

}  // namespace

extern "C" {

const char* port_selftest(void) {
  const char* const fault = test_locks();
  return fault != nullptr ? fault : MemoryTest().run();
}

void port_selftest_exclusion(void** lock, size_t* counter, size_t rounds) {
  constexpr int kDelay = 16;  // steps between reading the counter and writing it
  volatile size_t& shared = *counter;
  for (size_t i = 0; i < rounds; ++i) {
    acquire_lock(lock);
    const size_t before = shared;
    for (int delay = 0; delay < kDelay; ++delay) __asm__ volatile("");
    shared = before + 1;
    release_lock(lock);
  }
}

}  // extern "C"

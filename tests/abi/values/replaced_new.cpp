// A program that replaces only the single-object forms of operator new and delete. The library's
// other forms have to reach them (ISO C++20 17.6.3.2, 17.6.3.3), and the library's own must not be
// called. Built twice: preloaded, and linked statically with libmete_override.a.

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "abi/checks.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored \
    "-Wsized-deallocation"  // the sized form is left to the library on purpose
#endif

static int news = 0;
static int deletes = 0;
static bool refuse = false;

void* operator new(std::size_t bytes) {
  if (refuse) throw std::bad_alloc();
  ++news;
  // A header of 16 bytes: handing the block to another allocator's delete would not go unnoticed.
  auto* block = static_cast<char*>(std::malloc(bytes + 16));
  if (block == nullptr) throw std::bad_alloc();
  std::memset(block, 0x11, 16);
  return block + 16;
}

void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  ++deletes;
  char* block = static_cast<char*>(pointer) - 16;
  for (int i = 0; i < 16; ++i) CHECK(block[i] == 0x11);
  std::free(block);
}

template <class Action>
static void expect_one(int& counter, Action action) {
  const int before = counter;
  action();
  CHECK(counter == before + 1);
}

int main() {
  void* block = nullptr;
  for (const std::size_t bytes : {1UL, 100UL, 40000UL, 2000000UL}) {
    expect_one(news, [&] { block = keep(::operator new(bytes)); });
    expect_one(deletes, [&] { ::operator delete(block); });
    expect_one(news, [&] { block = keep(::operator new[](bytes)); });
    expect_one(deletes, [&] { ::operator delete[](block); });
    expect_one(news, [&] { block = keep(::operator new(bytes, std::nothrow)); });
    expect_one(deletes, [&] { ::operator delete(block, std::nothrow); });
    expect_one(news, [&] { block = keep(::operator new[](bytes, std::nothrow)); });
    expect_one(deletes, [&] { ::operator delete[](block, std::nothrow); });
    expect_one(news, [&] { block = keep(::operator new(bytes)); });
    expect_one(deletes, [&] { ::operator delete(block, bytes); });
    expect_one(news, [&] { block = keep(::operator new[](bytes)); });
    expect_one(deletes, [&] { ::operator delete[](block, bytes); });
  }

  // The aligned forms are not replaced and stay together.
  const int before = news;
  block = ::operator new (100, std::align_val_t{256});
  CHECK(is_aligned(keep(block), 256));
  ::operator delete (block, std::align_val_t{256});
  CHECK(news == before);

  // Code inside libstdc++ uses the replacement, too.
  const int strings = news;
  {
    std::vector<std::string> lines;
    for (int i = 0; i < 100; ++i) lines.push_back(std::string(200, 'x') + std::to_string(i));
  }
  CHECK(news >= strings + 100);
  CHECK(news - deletes <= 1);

  refuse = true;
  CHECK(keep(::operator new(8, std::nothrow)) == nullptr);
  CHECK(keep(::operator new[](8, std::nothrow)) == nullptr);
  bool thrown = false;
  try {
    block = keep(::operator new[](8));
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  CHECK(thrown);
  return 0;
}

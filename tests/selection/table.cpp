// Every function of a selected table is called where there is one, and by nothing else.
//
// Exits with 0 if all is well, otherwise says what is not.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "mete/global.hpp"
#include "mete/typed.hpp"

namespace {

char last;       // the function that was called last
char pool[512];  // what it hands out

void* allocate(void* self, std::size_t, std::size_t) { return last = 'a', self; }
void deallocate(void*, void*, std::size_t, std::size_t) { last = 'd'; }
void* reallocate(void*, void* block, std::size_t, std::size_t, std::size_t) {
  return last = 'r', block;
}
std::size_t reallocate_inplace(void*, void*, std::size_t, std::size_t size, std::size_t) {
  return last = 'i', size + 1;
}
std::size_t usable_size(void*, std::size_t size, std::size_t) { return last = 'u', size + 2; }
void* allocate_zeroed(void* self, std::size_t, std::size_t) {
  last = 'z';
  return std::memset(self, 0, sizeof pool);
}

void expect(char function, bool good, const char* what) {
  if (last == function && good) return;
  std::printf("%s: called '%c', not '%c', or a wrong answer\n", what, last, function);
  std::exit(1);
}

}  // namespace

METE_GLOBAL_ALLOCATOR_TABLE = {
    pool, allocate, deallocate, reallocate, reallocate_inplace, usable_size, allocate_zeroed};

int main() {
  constexpr mete::Layout kLayout = mete::Layout::of<int>();
  expect('a', mete::alloc(kLayout) == pool, "alloc");
  expect('z', mete::alloc_zeroed(kLayout) == pool, "alloc_zeroed");
  expect('r', mete::realloc(pool, kLayout, 9) == pool, "realloc");
  expect('i', mete::realloc_in_place(pool, kLayout, 9) == 10, "realloc_in_place");
  expect('u', mete::usable_size(kLayout) == 6, "usable_size");
  expect('u', mete::Global().allocate(kLayout).size == 6, "Global::allocate");
  for (int i = 0; i < 3; ++i) {
    last = 0;
    expect('a', mete::alloc<kLayout>() == pool, "typed alloc");
    mete::dealloc<kLayout>(pool);
    expect('d', true, "typed dealloc");
  }
  int* const number = mete::make<int>(3);
  expect('a', *number == 3, "make");
  mete::destroy(number);
  expect('d', true, "destroy");
}

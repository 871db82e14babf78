// All forms of operator new and delete (ISO C++20 17.6.3) and the new-handler loop.

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory_resource>
#include <new>
#include <string>
#include <vector>

#include "abi/checks.h"

namespace {

const std::size_t kSizes[] = {0,    1,    8,     16,    24,     100,     1000,
                              4096, 5000, 32768, 32769, 100000, 1 << 20, 9 << 20};
const std::size_t kImpossible[] = {SIZE_MAX, SIZE_MAX - 4096, std::size_t{PTRDIFF_MAX} + 1,
                                   PTRDIFF_MAX, std::size_t{1} << 48};

void use(void* block, std::size_t bytes) {
  ASSERT_NE(block, nullptr) << bytes;
  ASSERT_GE(malloc_usable_size(block), bytes);
  std::memset(block, 0x2D, bytes);
}

TEST(OperatorNew, EveryFormPairsWithEveryDelete) {
  for (const std::size_t bytes : kSizes) {
    using Make = void* (*)(std::size_t);
    using Drop = void (*)(void*, std::size_t);
    const Make single[] = {[](std::size_t n) { return ::operator new(n); },
                           [](std::size_t n) { return ::operator new(n, std::nothrow); }};
    const Drop drop_single[] = {[](void* p, std::size_t) { ::operator delete(p); },
                                [](void* p, std::size_t n) { ::operator delete(p, n); },
                                [](void* p, std::size_t) { ::operator delete(p, std::nothrow); }};
    const Make array[] = {[](std::size_t n) { return ::operator new[](n); },
                          [](std::size_t n) { return ::operator new[](n, std::nothrow); }};
    const Drop drop_array[] = {[](void* p, std::size_t) { ::operator delete[](p); },
                               [](void* p, std::size_t n) { ::operator delete[](p, n); },
                               [](void* p, std::size_t) { ::operator delete[](p, std::nothrow); }};
    for (int i = 0; i < 4; ++i) {
      for (Make make : single) {
        for (Drop drop : drop_single) {
          void* block = make(bytes);
          ASSERT_TRUE(is_aligned(block, __STDCPP_DEFAULT_NEW_ALIGNMENT__)) << bytes;
          use(block, bytes);
          drop(block, bytes);
        }
      }
      for (Make make : array) {
        for (Drop drop : drop_array) {
          void* block = make(bytes);
          use(block, bytes);
          drop(block, bytes);
        }
      }
    }
  }
}

TEST(OperatorNew, AlignedFormsPairWithAlignedDeletes) {
  for (const std::size_t bytes : kSizes) {
    for (std::size_t power = 1; power <= (std::size_t{1} << 21); power *= 2) {
      const std::align_val_t alignment{power};
      for (int form = 0; form < 6; ++form) {
        void* block = form % 2 == 0 ? ::operator new(bytes, alignment)
                                    : ::operator new(bytes, alignment, std::nothrow);
        use(block, bytes);
        ASSERT_TRUE(is_aligned(block, power)) << bytes << " aligned to " << power;
        if (form < 2)
          ::operator delete(block, alignment);
        else if (form < 4)
          ::operator delete(block, bytes, alignment);
        else
          ::operator delete(block, alignment, std::nothrow);

        block = form % 2 == 0 ? ::operator new[](bytes, alignment)
                              : ::operator new[](bytes, alignment, std::nothrow);
        use(block, bytes);
        ASSERT_TRUE(is_aligned(block, power));
        if (form < 2)
          ::operator delete[](block, alignment);
        else if (form < 4)
          ::operator delete[](block, bytes, alignment);
        else
          ::operator delete[](block, alignment, std::nothrow);
      }
    }
  }
}

TEST(OperatorDelete, OfNullDoesNothing) {
  const auto null = [] { return keep(nullptr); };
  ::operator delete(null());
  ::operator delete[](null());
  ::operator delete (null(), std::size_t{8});
  ::operator delete[](null(), std::size_t{8});
  ::operator delete(null(), std::nothrow);
  ::operator delete[](null(), std::nothrow);
  ::operator delete (null(), std::align_val_t{64});
  ::operator delete[](null(), std::align_val_t{64});
  ::operator delete (null(), std::size_t{8}, std::align_val_t{64});
  ::operator delete[](null(), std::size_t{8}, std::align_val_t{64});
  ::operator delete (null(), std::align_val_t{64}, std::nothrow);
  ::operator delete[](null(), std::align_val_t{64}, std::nothrow);
}

struct alignas(64) CacheLine {
  unsigned char bytes[64];
};
struct alignas(8192) TwoPages {
  unsigned char bytes[100];
};
struct WithDestructor {
  ~WithDestructor() { bytes[0] = 1; }
  unsigned char bytes[40];
};

template <class T>
void make_and_drop(std::size_t count) {
  T* one = new T;
  ASSERT_TRUE(is_aligned(keep(one), alignof(T)));
  T* many = new T[count];
  ASSERT_TRUE(is_aligned(keep(many), alignof(T)));
  std::memset(static_cast<void*>(many), 7, sizeof(T) * count);
  delete[] many;
  delete one;
  std::vector<T> grows;
  for (std::size_t i = 0; i < count; ++i) {
    grows.emplace_back();
    ASSERT_TRUE(is_aligned(keep(grows.data()), alignof(T)));
  }
}

TEST(OperatorNew, TypesOfEveryAlignment) {
  for (std::size_t count = 1; count < 60; ++count) {
    make_and_drop<char>(count);
    make_and_drop<long double>(count);
    make_and_drop<WithDestructor>(count);
    make_and_drop<CacheLine>(count);
    make_and_drop<TwoPages>(count);
  }
  std::pmr::polymorphic_allocator<std::byte> pmr{std::pmr::new_delete_resource()};
  for (std::size_t alignment = 1; alignment <= 65536; alignment *= 2) {
    void* block = pmr.resource()->allocate(300, alignment);
    ASSERT_TRUE(is_aligned(block, alignment));
    pmr.resource()->deallocate(block, 300, alignment);
  }
}

TEST(OperatorNew, ImpossibleSizesThrowBadAlloc) {
  for (const std::size_t bytes : kImpossible) {
    EXPECT_THROW(keep(::operator new(hide(bytes))), std::bad_alloc) << bytes;
    EXPECT_THROW(keep(::operator new[](hide(bytes))), std::bad_alloc) << bytes;
    EXPECT_EQ(keep(::operator new(hide(bytes), std::nothrow)), nullptr) << bytes;
    EXPECT_EQ(keep(::operator new[](hide(bytes), std::nothrow)), nullptr) << bytes;
  }
  EXPECT_THROW(keep(new char[hide(PTRDIFF_MAX)]), std::bad_alloc);
  EXPECT_THROW(std::string(hide(PTRDIFF_MAX - 64), 'x'), std::bad_alloc);
}

TEST(OperatorNew, ImpossibleSizesThrowBadAllocInAlignedForms) {
  for (const std::size_t bytes : kImpossible) {
    // libstdc++ rounds the size up to the alignment and forgets that the sum may wrap.
    if (bytes > PTRDIFF_MAX && !on_mete()) continue;
    for (const std::align_val_t alignment : {std::align_val_t{64}, std::align_val_t{1 << 20}}) {
      EXPECT_THROW(keep(::operator new(hide(bytes), alignment)), std::bad_alloc) << bytes;
      EXPECT_THROW(keep(::operator new[](hide(bytes), alignment)), std::bad_alloc) << bytes;
      EXPECT_EQ(keep(::operator new(hide(bytes), alignment, std::nothrow)), nullptr) << bytes;
      EXPECT_EQ(keep(::operator new[](hide(bytes), alignment, std::nothrow)), nullptr) << bytes;
    }
  }
}

// Restores the handler of the process, whatever a test does.
class NewHandlerTest : public testing::Test {
 protected:
  void SetUp() override { calls = 0; }
  void TearDown() override { std::set_new_handler(nullptr); }
  static inline int calls = 0;
};
using NewHandler = NewHandlerTest;

TEST_F(NewHandler, IsCalledUntilItRemovesItself) {
  for (int form = 0; form < 8; ++form) {
    calls = 0;
    std::set_new_handler([] {
      if (++calls == 5) std::set_new_handler(nullptr);
    });
    const std::size_t bytes = hide(PTRDIFF_MAX);
    const std::align_val_t alignment{256};
    bool thrown = false;
    void* block = nullptr;
    try {
      switch (form) {
        case 0:
          block = ::operator new(bytes);
          break;
        case 1:
          block = ::operator new[](bytes);
          break;
        case 2:
          block = ::operator new(bytes, alignment);
          break;
        case 3:
          block = ::operator new[](bytes, alignment);
          break;
        case 4:
          block = ::operator new(bytes, std::nothrow);
          break;
        case 5:
          block = ::operator new[](bytes, std::nothrow);
          break;
        case 6:
          block = ::operator new(bytes, alignment, std::nothrow);
          break;
        case 7:
          block = ::operator new[](bytes, alignment, std::nothrow);
          break;
      }
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    EXPECT_EQ(block, nullptr) << "form " << form;
    EXPECT_EQ(thrown, form < 4) << "form " << form;
    EXPECT_EQ(calls, 5) << "form " << form;
  }
}

struct GiveUp : std::bad_alloc {};

TEST_F(NewHandler, MayThrowWhatDerivesFromBadAlloc) {
  std::set_new_handler([] {
    ++calls;
    throw GiveUp{};
  });
  EXPECT_THROW(keep(::operator new(hide(PTRDIFF_MAX))), GiveUp);
  EXPECT_THROW(keep(::operator new[](hide(PTRDIFF_MAX))), GiveUp);
  EXPECT_THROW(keep(::operator new (hide(PTRDIFF_MAX), std::align_val_t{64})), GiveUp);
  EXPECT_EQ(calls, 3);
}

// 17.6.3.2: the nothrow form calls the other one and gives null for what that throws.
TEST_F(NewHandler, ThatThrowsMakesTheNothrowFormsGiveNull) {
  std::set_new_handler([] {
    ++calls;
    throw GiveUp{};
  });
  EXPECT_EQ(keep(::operator new(hide(PTRDIFF_MAX), std::nothrow)), nullptr);
  EXPECT_EQ(keep(::operator new[](hide(PTRDIFF_MAX), std::nothrow)), nullptr);
  EXPECT_EQ(keep(::operator new (hide(PTRDIFF_MAX), std::align_val_t{64}, std::nothrow)), nullptr);
  EXPECT_EQ(keep(::operator new[](hide(PTRDIFF_MAX), std::align_val_t{64}, std::nothrow)), nullptr);
  EXPECT_EQ(calls, 4);
}

TEST_F(NewHandler, ThatMakesRoomLetsTheRequestSucceed) {
  static rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  std::set_new_handler([] {
    if (++calls == 3) setrlimit(RLIMIT_AS, &before);
  });
  rlimit tight = before;
  tight.rlim_cur = 2048UL << 20;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  void* block = nullptr;
  EXPECT_NO_THROW(block = ::operator new(hide(std::size_t{4} << 30)));
  setrlimit(RLIMIT_AS, &before);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(calls, 3);
  ::operator delete(block);
}

TEST_F(NewHandler, IsNotCalledByMalloc) {
  std::set_new_handler([] { ++calls; });
  EXPECT_EQ(std::malloc(hide(PTRDIFF_MAX)), nullptr);
  EXPECT_EQ(std::calloc(hide(PTRDIFF_MAX), 2), nullptr);
  EXPECT_EQ(calls, 0);
}

}  // namespace

// The process heap as the allocator under test: no C names involved, so it also works where a
// sanitizer owns malloc.
#include "allocator_under_test.hpp"
#include "global/process_heap.hpp"

namespace stress::under_test {

const char* const kFlavour = "core";
const bool kIsProcessMalloc = false;

const char* provider() noexcept { return "this program"; }

void* allocate(std::size_t bytes) noexcept { return mete::global::allocate(bytes); }
void* allocate_zeroed(std::size_t bytes) noexcept { return mete::global::allocate_zeroed(bytes); }
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
  return mete::global::allocate_aligned(alignment, bytes);
}
void deallocate(void* block) noexcept { mete::global::deallocate(block); }
void* reallocate(void* block, std::size_t bytes) noexcept {
  return mete::global::reallocate(block, bytes);
}
std::size_t usable_size(void* block) noexcept { return mete::global::usable_size(block); }

}  // namespace stress::under_test

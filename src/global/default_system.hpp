// What serves mete::alloc in a guest (mete::guest): the malloc of the program that it came into.

#pragma once

#include <cstddef>
#include <span>

#include "global/one_by_one.hpp"
#include "mete/layout.hpp"
#include "mete/system.hpp"

namespace mete::global {

struct Default : private System {
  using System::alloc;
  using System::alloc_zeroed;
  using System::dealloc;
  using System::realloc;

  static std::size_t realloc_in_place(void*, Layout layout, std::size_t) noexcept {
    return layout.size();
  }
  static std::size_t usable_size(Layout layout) noexcept { return layout.size(); }

  static std::size_t alloc_batch(Layout layout, std::span<void*> blocks) noexcept {
    return fill_one_by_one(blocks, [layout] { return alloc(layout); });
  }
  static void dealloc_batch(std::span<void* const> blocks, Layout layout) noexcept {
    for (void* const block : blocks) dealloc(block, layout);
  }
};

}  // namespace mete::global

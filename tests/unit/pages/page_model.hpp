// An oracle for PageAllocator: knows every run in use and what was written into it.
//
// Each operation is checked against it: runs do not overlap, lie where they were asked to, hold
// what was written, and pages that are said to be clean read zero.

#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <iterator>
#include <map>
#include <memory>

#include "pages/page_allocator.hpp"
#include "port/memory.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::pages {

class PageModel {
 public:
  explicit PageModel(const PageAllocator::Settings& settings = {}) {
    allocator->configure(settings);
  }

  PageAllocator& operator*() { return *allocator; }
  PageAllocator* operator->() { return allocator.get(); }

  // Takes a run and writes into it. Returns: no run when there is no memory.
  pages::Run take(std::uint32_t count, std::uint32_t alignment = 1, bool prefer_clean = false) {
    const pages::Run run = allocator->take(PageCount(count), PageCount(alignment), prefer_clean);
    if (!run) return run;
    EXPECT_EQ(PageCount(count), run.count);
    EXPECT_EQ(0u, run.first.value % alignment);
    EXPECT_LE(run.dirty, run.count);
    EXPECT_EQ(table->count_dirty(run.first, run.count), run.dirty);
    EXPECT_EQ(PageState::kInUse, (*table)[run.first].state());
    EXPECT_EQ(run.count, (*table)[run.first].length());
    EXPECT_TRUE(fake_port::is_reserved(address_of(run.first), bytes_of(run.count)));
    add(run.first, run.count);
    for (std::uint32_t i = 0; i < count; ++i) expect_zero_if_clean(run.first + PageCount(i));
    return run;
  }

  void give(PageId first) {
    const auto run = runs.find(first);
    check(first);
    const PageCount count = run->second.count;
    runs.erase(run);
    in_use -= count;
    allocator->give(first, count);
  }

  // Gives a run of which only the pages in `touched` are said to be dirty; the others are made zero
  // first.
  void give_touched(PageId first, std::uint64_t touched) {
    check(first);
    const PageCount count = runs[first].count;
    for (std::uint32_t i = 0; i < count.value; ++i) {
      const PageId page = first + PageCount(i);
      if ((touched >> i & 1) == 0 && !table->is_dirty(page))
        std::memset(address_of(page), 0, page_bytes());
    }
    runs.erase(first);
    in_use -= count;
    allocator->give_touched(first, count, touched);
  }

  bool grow(PageId first, std::uint32_t count) {
    const PageCount old = runs[first].count;
    if (!allocator->grow_in_place(first, old, PageCount(count))) return false;
    check(first);
    EXPECT_EQ(PageCount(count), (*table)[first].length());
    const PageCount more = PageCount(count) - old;
    runs[first].count = PageCount(count);
    in_use += more;
    expect_apart(first);
    EXPECT_TRUE(fake_port::is_reserved(address_of(first), bytes_of(PageCount(count))));
    for (std::uint32_t i = old.value; i < count; ++i) expect_zero_if_clean(first + PageCount(i));
    write(first);
    return true;
  }

  void shrink(PageId first, std::uint32_t count) {
    allocator->shrink_in_place(first, runs[first].count, PageCount(count));
    in_use -= runs[first].count - PageCount(count);
    runs[first].count = PageCount(count);
    EXPECT_EQ(PageCount(count), (*table)[first].length());
    check(first);
  }

  // Moves the contents of a run into a new one of `count` pages. Returns: the new run.
  pages::Run move(PageId from, std::uint32_t count) {
    const pages::Run to = allocator->take(PageCount(count), PageCount(1), true);
    if (!to) return to;
    check(from);
    const Pages old = runs[from];
    runs.erase(from);
    in_use -= old.count;
    allocator->move(from, old.count, to.first);
    for (std::uint32_t i = 0; i < old.count.value; ++i)
      expect_stamp(to.first + PageCount(i), i, old.stamp);
    add(to.first, to.count);
    return to;
  }

  // The contents of a run are what was written.
  void check(PageId first) {
    const Pages& run = runs[first];
    for (std::uint32_t i = 0; i < run.count.value; ++i)
      expect_stamp(first + PageCount(i), i, run.stamp);
  }

  // The counts of the allocator are ours, and its structures are sound.
  void audit() {
    const char* fault = allocator->audit();
    EXPECT_EQ(nullptr, fault) << fault;
    const PageStatistics now = allocator->statistics();
    EXPECT_EQ(in_use, now.in_use);
    EXPECT_EQ(now.reserved, now.in_use + now.free_dirty + now.free_clean);
    EXPECT_GE(now.peak_in_use, now.in_use.value);
  }

  // Pages that may be kept free and dirty.
  PageCount bound(const PageAllocator::Settings& settings) {
    PurgePolicy policy;
    policy.configure({PageCount(static_cast<std::uint32_t>(settings.retain_bytes / page_bytes())),
                      settings.retain_percent, 0});
    return policy.bound(in_use);
  }

  std::size_t page_bytes() const { return port::page_size(); }
  std::byte* address_of(PageId page) const { return allocator->window().address_of(page); }
  std::size_t bytes_of(PageCount count) const { return allocator->window().bytes_of(count); }

  struct Pages {
    PageCount count;
    std::uint64_t stamp;
  };
  std::map<PageId, Pages> runs;
  PageCount in_use;
  std::unique_ptr<PageTable> table = std::make_unique<PageTable>();
  std::unique_ptr<PageAllocator> allocator = std::make_unique<PageAllocator>(*table);

 private:
  void add(PageId first, PageCount count) {
    EXPECT_TRUE(runs.emplace(first, Pages{count, ++stamps_}).second);
    in_use += count;
    expect_apart(first);
    write(first);
  }

  void expect_apart(PageId first) {
    const auto here = runs.find(first);
    if (here != runs.begin()) {
      const auto before = std::prev(here);
      EXPECT_LE(before->first + before->second.count, first);
    }
    if (const auto after = std::next(here); after != runs.end()) {
      EXPECT_LE(first + here->second.count, after->first);
    }
  }

  std::uint64_t* word(PageId page, std::size_t offset) const {
    return reinterpret_cast<std::uint64_t*>(address_of(page) + offset);
  }

  void write(PageId first) {
    const Pages& run = runs[first];
    for (std::uint32_t i = 0; i < run.count.value; ++i) {
      *word(first + PageCount(i), 0) = run.stamp << 32 | i;
      *word(first + PageCount(i), page_bytes() - 8) = run.stamp << 32 | i;
    }
  }

  void expect_stamp(PageId page, std::uint32_t index, std::uint64_t stamp) {
    EXPECT_EQ(stamp << 32 | index, *word(page, 0));
    EXPECT_EQ(stamp << 32 | index, *word(page, page_bytes() - 8));
  }

  void expect_zero_if_clean(PageId page) {
    // Both ends of the page may have been written by write() already.
    if (table->is_dirty(page)) return;
    for (std::size_t offset = 8; offset + 8 < page_bytes(); offset += 128) {
      ASSERT_EQ(0u, *word(page, offset)) << "a clean page is not zero";
    }
  }

  std::uint64_t stamps_ = 0;
};

}  // namespace mete::pages

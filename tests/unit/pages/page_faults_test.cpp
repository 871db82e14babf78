// PageAllocator on a system that refuses: a failed call loses no page, breaks no structure and is
// not the end.

#include <gtest/gtest.h>

#include <time.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unit/fake_port/fresh_process.hpp"
#include "unit/pages/page_model.hpp"
#include "unit/random.hpp"

namespace mete::pages {
namespace {

using fake_port::Call;

constexpr PageAllocator::Settings kKeepNone{.retain_bytes = 0, .retain_percent = 0};
constexpr std::uint32_t kMore = 6000;

// Reserves, frees with holes, grows, shrinks, moves, purges and releases; whatever fails, goes on.
void work(PageModel& model) {
  std::vector<PageId> taken;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const pages::Run run = model.take(1 + i * 37 % 200, i % 5 == 0 ? 64 : 1);
    if (run) taken.push_back(run.first);
  }
  model.audit();
  for (std::size_t i = 0; i < taken.size(); i += 2) model.give(taken[i]);
  model.audit();
  for (std::size_t i = 1; i < taken.size(); i += 2) {
    const std::uint32_t count = model.runs[taken[i]].count.value;
    if (i % 4 == 1 && !model.grow(taken[i], count + 20)) model.move(taken[i], count + 20);
    if (i % 4 == 3 && count > 1) model.shrink(taken[i], count / 2);
  }
  model.audit();
  model.take(kMore);  // more than was ever reserved: grows a lot, or releases when refused
  model.audit();
  model->tick(2000);
  model->trim(PageCount());
  model.audit();
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  model->trim(PageCount());
  model.audit();
}

const char* name_of(Call call) {
  return call == Call::kReserve ? "Reserve" : call == Call::kDecommit ? "Decommit" : "Move";
}

class FailingCall : public testing::TestWithParam<Call> {};

// Every n-th call fails, once or from then on.
TEST_P(FailingCall, LosesNothing) {
  const Call call = GetParam();
  std::uint64_t made = 0;
  {
    PageModel model(kKeepNone);
    const std::uint64_t before = fake_port::calls(call);
    work(model);
    made = fake_port::calls(call) - before;
  }
  ASSERT_GT(made, 0u);
  const std::uint64_t step = made * kSlowdown / 10 + 1;
  for (const std::uint64_t times : {std::uint64_t{1}, fake_port::kForever}) {
    for (std::uint64_t nth = 1; nth <= made; nth += step) {
      fake_port::in_fresh_process("call " + std::to_string(nth), [&] {
        PageModel model(kKeepNone);
        fake_port::fail(call, nth, times);
        work(model);
        if (nth == 1) {
          EXPECT_GT(fake_port::failed(call), 0u);
        }
        fake_port::stop_failing();
        work(model);
        EXPECT_EQ(PageCount(), model->statistics().free_dirty);
        EXPECT_TRUE(model.take(kMore)) << "all is well again";
        model.audit();
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, FailingCall,
                         testing::Values(Call::kReserve, Call::kDecommit, Call::kMove),
                         [](const auto& test) { return std::string(name_of(test.param)); });

// When address space is refused, free ranges are released and the request is tried again.
TEST(RefusedAddressSpace, FreeRangesAreReleasedFirst) {
  fake_port::deny_hints(true);
  PageModel model(kKeepNone);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(model.take(1024));
  const PageCount reserved = model->statistics().reserved;
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  const std::uint64_t released = fake_port::calls(Call::kRelease);
  fake_port::fail(Call::kReserve, 1, 1);
  ASSERT_TRUE(model.take(reserved.value + 1));
  EXPECT_GT(fake_port::calls(Call::kRelease), released);
  model.audit();
}

TEST(RefusedAddressSpace, RangesThatCannotBeReleasedStayOurs) {
  fake_port::deny_hints(true);
  PageModel model(kKeepNone);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(model.take(1024));
  const PageCount reserved = model->statistics().reserved;
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  fake_port::fail(Call::kReserve, 1, fake_port::kForever);
  fake_port::fail(Call::kRelease, 1, fake_port::kForever);
  EXPECT_FALSE(model.take(10'000));
  EXPECT_EQ(reserved, model->statistics().reserved);
  model.audit();
  fake_port::fail(Call::kRelease, 2, 1);
  EXPECT_FALSE(model.take(10'000));
  model.audit();
  for (int i = 0; i < 3; ++i) model.take(1024);
  model.audit();
}

TEST(RefusedAddressSpace, MetadataFailingLeavesNoRangeBehind) {
  // The first reserve of a fresh allocator is its range, those after it are metadata.
  for (std::uint64_t nth = 1; nth <= 4; ++nth) {
    fake_port::in_fresh_process("reserve " + std::to_string(nth), [&] {
      PageModel model;
      fake_port::fail(Call::kReserve, nth, fake_port::kForever);
      const pages::Run run = model.take(1);
      const bool failed = fake_port::failed(Call::kReserve) != 0;
      if (failed && !run) {
        EXPECT_EQ(PageCount(), model->statistics().reserved);
        EXPECT_EQ(metadata_bytes(), fake_port::reserved_bytes()) << "the range went back";
      }
      model.audit();
      fake_port::stop_failing();
      EXPECT_TRUE(model.take(1));
      model.audit();
    });
  }
}

// Memory that is locked cannot be given back: it stays dirty and is used again.
TEST(RefusedDecommit, PagesStayDirtyAndUsable) {
  fake_port::fail(Call::kDecommit, 1, fake_port::kForever);
  PageModel model(kKeepNone);
  std::vector<pages::Run> runs;
  for (int i = 0; i < 20; ++i) runs.push_back(model.take(100));
  for (const pages::Run& run : runs) model.give(run.first);
  EXPECT_EQ(PageCount(2000), model->statistics().free_dirty);
  EXPECT_EQ(0u, model->statistics().purged);
  EXPECT_EQ(PageCount(), model->trim(PageCount()));
  model.audit();
  EXPECT_EQ(PageCount(100), model.take(100).dirty);
  const pages::Run run = model.take(10);
  const PageAllocator::Stretch all{run.first, run.count};
  EXPECT_EQ(0u, model->purge_in_use(&all, 1, PageAllocator::Cost::kCredit));
  model.check(run.first);
  model.audit();
}

// Makes `other` run in a thread of its own while the next purge of this thread is under way; the
// purge takes long enough for it to get as far as it can.
class DuringNextPurge {
 public:
  explicit DuringNextPurge(std::function<void()> other) : other_(std::move(other)) {
    fake_port::on_call(Call::kDecommit, [this](const void*, std::size_t) {
      if (thread_.joinable()) return;
      thread_ = std::thread(other_);
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    });
  }
  ~DuringNextPurge() {
    if (thread_.joinable()) thread_.join();
    fake_port::on_call(Call::kDecommit, {});
  }
  DuringNextPurge(const DuringNextPurge&) = delete;
  DuringNextPurge& operator=(const DuringNextPurge&) = delete;

  void join() {
    ASSERT_TRUE(thread_.joinable()) << "nothing was purged";
    thread_.join();
  }

 private:
  std::function<void()> other_;
  std::thread thread_;
};

// While one thread gives a run back, the lock is free and the run is in no list: others go on.
TEST(PurgingRun, IsNotInTheWayOfOthers) {
  PageModel model;
  const pages::Run run = model.take(10'000);
  ASSERT_TRUE(model.take(1));
  pages::Run other;
  fake_port::on_call(Call::kDecommit, [&](const void*, std::size_t) {
    if (other) return;
    std::thread([&] {
      other = model->take(PageCount(50), PageCount(1));
      const pages::Run more = model->take(PageCount(100), PageCount(1));
      model->give(more.first, more.count);  // of two that would purge, one does nothing
      EXPECT_EQ(nullptr, model->audit());
    }).join();
  });
  model.give(run.first);
  ASSERT_TRUE(other);
  fake_port::on_call(Call::kDecommit, {});
  model->give(other.first, other.count);
  model.audit();
}

// With no more address space to be had, memory that another thread is giving back is as good as
// free. Who waits for it sleeps.
TEST(PurgingRun, IsWaitedForWhenThereIsNothingElse) {
  PageAllocator::Settings settings;
  settings.limit_bytes = std::size_t{16} << 20;
  PageModel model(settings);
  const pages::Run run = model.take(4096);
  ASSERT_TRUE(run);
  pages::Run other;
  timespec used{};
  DuringNextPurge during([&] {
    other = model->take(PageCount(50), PageCount(1));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  });
  model.give(run.first);
  during.join();
  EXPECT_TRUE(other) << "16 MiB were free or about to be";
  EXPECT_EQ(0, used.tv_sec);
  EXPECT_LT(used.tv_nsec, 50'000'000) << "it waited without sleeping";
}

// What was waited for may be too short by itself: its addresses are released like those of other
// free runs.
TEST(PurgingRun, IsReleasedForALongerRequest) {
  fake_port::deny_hints(true);
  PageAllocator::Settings settings = kKeepNone;
  settings.limit_bytes = std::size_t{8} << 20;
  PageModel model(settings);
  const pages::Run first = model.take(1024);
  const pages::Run second = model.take(1024);
  ASSERT_TRUE(first && second);
  model.give(first.first);
  pages::Run other;
  DuringNextPurge during([&] { other = model->take(PageCount(1500), PageCount(1)); });
  model.give(second.first);
  during.join();
  EXPECT_TRUE(other) << "8 MiB were free or about to be";
  model->audit();
}

// Memory that others give while everything is purged for a request is found.
TEST(PurgingRun, MemoryGivenMeanwhileIsFound) {
  PageAllocator::Settings settings;
  settings.limit_bytes = std::size_t{16} << 20;
  PageModel model(settings);
  const pages::Run longer = model.take(2048);
  const pages::Run between = model.take(1);
  const pages::Run shorter = model.take(1024);
  ASSERT_TRUE(longer && between && shorter);
  ASSERT_TRUE(model.take(1023));
  model.give(shorter.first);
  bool purged = false;
  fake_port::on_call(Call::kDecommit, [&](const void*, std::size_t) {
    if (purged) return;
    purged = true;
    std::thread([&] { model->give(longer.first, longer.count); }).join();
  });
  EXPECT_TRUE(model->take(PageCount(2000), PageCount(1)));
  EXPECT_TRUE(purged);
  EXPECT_EQ(nullptr, model->audit());
}

// trim() keeps its word also when another thread purges already.
TEST(PurgingRun, IsWaitedForByTrim) {
  PageModel model;
  const pages::Run run = model.take(10'000);
  ASSERT_TRUE(model.take(1));
  PageCount left(1);
  DuringNextPurge during([&] {
    model->trim(PageCount());
    left = model->statistics().free_dirty;
  });
  model.give(run.first);
  during.join();
  EXPECT_EQ(PageCount(), left);
  model.audit();
}

// A fork waits for the purge: in the child there is no thread that would finish it.
TEST(ForkWhilePurging, ChildHasTheRunBack) {
  PageModel model;
  const pages::Run run = model.take(10'000);
  ASSERT_TRUE(model.take(1));
  int child = -1;
  DuringNextPurge during([&] {
    model->lock_for_fork();
    child = ::fork();
    if (child != 0) return model->unlock_after_fork();
    model->recover_in_child();
    const char* fault = model->audit();
    EXPECT_EQ(nullptr, fault) << fault;
    EXPECT_EQ(PageCount(1), model->statistics().in_use);
    const pages::Run again = model->take(PageCount(10'000), PageCount(1));
    EXPECT_TRUE(again);
    model->give(again.first, again.count);
    EXPECT_NE(PageCount(), model->trim(PageCount()));
    EXPECT_EQ(nullptr, model->audit());
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  });
  model.give(run.first);
  during.join();
  ASSERT_GT(child, 0);
  int status = -1;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  EXPECT_EQ(0, status);
  model.audit();
}

}  // namespace
}  // namespace mete::pages

// Long random sequences of everything PageAllocator can do, against the model, on each page size.

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "unit/pages/page_model.hpp"
#include "unit/random.hpp"

namespace mete::pages {
namespace {

struct Sequence {
  Random random;
  PageModel model;
  std::uint64_t now = 1000;

  PageId any() {
    auto run = model.runs.lower_bound(PageId(
        model.runs.begin()->first.value +
        random.below(model.runs.rbegin()->first.value - model.runs.begin()->first.value + 1)));
    return run->first;
  }

  std::uint32_t length() {
    switch (random.below(8)) {
      case 0:
        return 1;
      case 1:
        return 1 + random.below(1000);
      case 2:
        return 16;
      default:
        return 1 + random.below(60);
    }
  }

  void step() {
    const std::uint32_t kind = random.below(16);
    if (model.runs.size() < 4 || (kind < 6 && model.runs.size() < 400)) {
      const std::uint32_t alignment = random.one_in(4) ? 1u << random.below(9) : 1;
      model.take(length(), alignment, random.one_in(8));
    } else if (kind < 10) {
      model.give(any());
    } else if (kind == 10) {
      const PageId first = any();
      if (model.runs[first].count.value > 64) return;
      model.give_touched(first, std::uint64_t{random()} << 32 | random());
    } else if (kind == 11) {
      const PageId first = any();
      model.grow(first, model.runs[first].count.value + 1 + random.below(50));
    } else if (kind == 12) {
      const PageId first = any();
      if (model.runs[first].count.value > 1)
        model.shrink(first, 1 + random.below(model.runs[first].count.value - 1));
    } else if (kind == 13) {
      const PageId first = any();
      model.move(first, model.runs[first].count.value + random.below(50));
    } else if (kind == 14) {
      model->tick(now += random.below(300));
    } else if (random.one_in(20)) {
      model->trim(PageCount(random.below(500)));
    }
  }
};

struct Variant {
  const char* name;
  std::size_t page_size;
  PageAllocator::Settings settings;
  bool deny_hints;
  bool vacate;
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class PageSequence : public testing::TestWithParam<Variant> {};

TEST_P(PageSequence, AgreesWithTheModel) {
  const Variant& variant = GetParam();
  fake_port::set_page_size(variant.page_size);
  fake_port::deny_hints(variant.deny_hints);
  fake_port::vacate_on_move(variant.vacate);
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    Sequence sequence{Random(seed), PageModel(variant.settings)};
    const int steps = static_cast<int>(std::size_t{1500} * 4096 / variant.page_size) / kSlowdown;
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      sequence.step();
      if (i % kSlowdown == 0) sequence.model.audit();
    }
    while (!sequence.model.runs.empty()) sequence.model.give(sequence.model.runs.begin()->first);
    sequence.model->trim(PageCount());
    sequence.model.audit();
    EXPECT_EQ(PageCount(), sequence.model->statistics().free_dirty);
    EXPECT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Variants, PageSequence,
    testing::Values(
        Variant{"Defaults", 4096, {}, false, false},
        Variant{"KeepNothing", 4096, {.retain_bytes = 0, .retain_percent = 0}, false, false},
        Variant{"RangesApart", 4096, {}, true, false}, Variant{"Vacating", 4096, {}, false, true},
        Variant{"Limit", 4096, {.limit_bytes = std::size_t{32} << 20}, true, false},
        Variant{"Pages16K", 16384, {}, false, false}, Variant{"Pages64K", 65536, {}, false, true}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mete::pages

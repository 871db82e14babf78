// What glibc's malloc tells about itself and lets itself be told: mallinfo, malloc_info,
// malloc_stats, malloc_trim, mallopt. The numbers are of the whole process heap; words of glibc
// that have no counterpart here are 0.

#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include <cstdint>

#include "abi/alias.hpp"
#include "abi/with_malloc.hpp"
#include "base/compiler.hpp"
#include "base/text.hpp"
#include "global/process_heap.hpp"
#include "global/settings.hpp"
#include "global/statistics.hpp"
#include "port/process.hpp"

namespace mete::abi {
namespace {

// arena == uordblks + fordblks; keepcost is what malloc_trim can give back of fordblks.
struct mallinfo2 info() noexcept {
  const global::Statistics now = global::statistics();
  struct mallinfo2 out = {};
  out.arena = static_cast<std::size_t>(now.mapped - now.metadata);
  out.ordblks = static_cast<std::size_t>(now.slabs_opened);
  out.uordblks = static_cast<std::size_t>(now.allocated);
  out.fordblks = out.arena - out.uordblks;
  out.keepcost = static_cast<std::size_t>(now.retained);
  return out;
}

// -1, glibc's "never trim", is the most that the option allows.
bool set_kibibytes(OptionId id, int bytes) noexcept {
  return global::set_option(id, bytes < 0 ? option(id).max : bytes / 1024);
}

}  // namespace
}  // namespace mete::abi

extern "C" {

METE_EXPORT struct mallinfo2 mallinfo2(void) noexcept { return mete::abi::info(); }

// The old structure has ints: what does not fit wraps, as in glibc.
METE_EXPORT struct mallinfo mallinfo(void) noexcept {
  const struct mallinfo2 now = mete::abi::info();
  struct mallinfo out = {};
  out.arena = static_cast<int>(now.arena);
  out.ordblks = static_cast<int>(now.ordblks);
  out.uordblks = static_cast<int>(now.uordblks);
  out.fordblks = static_cast<int>(now.fordblks);
  out.keepcost = static_cast<int>(now.keepcost);
  return out;
}

METE_EXPORT int malloc_info(int options, FILE* stream) noexcept {
  if (options != 0) return EINVAL;
  const mete::global::Statistics now = mete::global::statistics();
  const auto element = [stream](const char* name, std::uint64_t value) {
    fprintf(stream, "<%s>%llu</%s>\n", name, static_cast<unsigned long long>(value), name);
  };
  fputs("<malloc version=\"mete-1\">\n<heap nr=\"0\">\n", stream);
  element("allocated", now.allocated);
  element("active", now.active);
  element("mapped", now.mapped);
  element("retained", now.retained);
  element("metadata", now.metadata);
  element("peak_active", now.peak_active);
  element("purged", now.purged);
  element("heaps", now.heaps);
  element("threads", now.threads_started);
  element("large_allocated", now.large_allocated);
  fputs("</heap>\n</malloc>\n", stream);
  return 0;
}

METE_EXPORT void malloc_stats(void) noexcept {
  const mete::global::Statistics now = mete::global::statistics();
  mete::base::Text text;
  text.add("system bytes     = ").add(now.mapped).add("\nin use bytes     = ").add(now.allocated);
  text.add("\nretained bytes   = ")
      .add(now.retained)
      .add("\ngiven back bytes = ")
      .add(now.purged)
      .add("\n");
  mete::port::write_error(text.data(), text.size());
}

METE_EXPORT int malloc_trim(std::size_t pad) noexcept { return mete::global::trim(pad) ? 1 : 0; }

// Returns 1 for what is known. M_TRIM_THRESHOLD is the free memory that is kept. The others ask for
// things that this heap does in its own way, or for nothing but speed: accepted, without effect.
METE_EXPORT int mallopt(int parameter, int value) noexcept {
  switch (parameter) {
    case M_TRIM_THRESHOLD:
      return mete::abi::set_kibibytes(mete::OptionId::kRetainKib, value) ? 1 : 0;
    case M_MXFAST:
      return value >= 0 && value <= 160 ? 1 : 0;
    case M_NLBLKS:
    case M_GRAIN:
    case M_KEEP:
    case M_TOP_PAD:
    case M_MMAP_THRESHOLD:
    case M_MMAP_MAX:
    case M_CHECK_ACTION:
    case M_PERTURB:
    case M_ARENA_TEST:
    case M_ARENA_MAX:
      return 1;
    default:
      return 0;
  }
}

METE_ALIAS(__libc_mallinfo2, mallinfo2);
METE_ALIAS(__libc_mallinfo, mallinfo);
METE_ALIAS(__libc_mallopt, mallopt);
METE_ALIAS(__mallinfo2, mallinfo2);
METE_ALIAS(__mallinfo, mallinfo);
METE_ALIAS(__malloc_info, malloc_info);
METE_ALIAS(__malloc_stats, malloc_stats);
METE_ALIAS(__malloc_trim, malloc_trim);
METE_ALIAS(__mallopt, mallopt);

}  // extern "C"

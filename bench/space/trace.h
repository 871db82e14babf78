/* The format of a recorded trace: records as they are here, one after the other. */
#ifndef BENCH_SPACE_TRACE_H
#define BENCH_SPACE_TRACE_H

#include <stdint.h>

enum trace_kind { kTraceAllocate, kTraceDeallocate, kTraceReallocate };

struct trace_record {
  uint64_t what;   /* trace_kind, from bit 2 on log2 of the alignment or 0, from bit 8 on bytes */
  uint64_t block;  /* the address that was freed or resized; 0 for an allocation */
  uint64_t result; /* the address of what there is now; 0 for a free */
};

#endif

/* What an allocator is to bench/space: a table of functions. A shared object that defines
 * `bench_space_peer` takes part; mete's own tables are in own.cpp. One thread calls. */
#ifndef BENCH_SPACE_PEER_H
#define BENCH_SPACE_PEER_H

#include <stddef.h>

struct space_peer {
  /* Begins anew in memory that the caller has, aligned to a page; without memory (null, 0) in what
   * the allocator takes from the system. What was there before is forgotten. Null: it cannot. */
  void* (*init)(void* memory, size_t bytes);
  /* Null when there is no memory. */
  void* (*allocate)(void* handle, size_t bytes);
  void (*deallocate)(void* handle, void* block);
  void* (*reallocate)(void* handle, void* block, size_t bytes);
  /* For alignments above that of a pointer; null if it has no such function. */
  void* (*allocate_aligned)(void* handle, size_t alignment, size_t bytes);
  /* The most bytes that it took from the system so far; null if it never takes any. */
  size_t (*peak)(void* handle);
};

#ifdef __cplusplus
extern "C" const struct space_peer bench_space_peer;
#else
extern const struct space_peer bench_space_peer;
#endif

#endif

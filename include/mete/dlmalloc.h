/* The interface of dlmalloc 2.8.6 and its spaces, on mete::Space. Link libmete_dlmalloc.a
 * (mete::dlmalloc), which needs a port of eight functions (port.h) and no operating system, or
 * libmete.so, which has one.
 *
 * All functions without a space work on one that the program has; they may be called from any
 * thread. Sizes are in bytes. Contract: requirements D1 to D21 and M1 to M8; where dlmalloc is
 * known to be wrong (X1 to X16) this is right. */

#ifndef METE_DLMALLOC_H
#define METE_DLMALLOC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
/* libmete.so exports them. */
#if defined(__ELF__)
#pragma GCC visibility push(default)
#endif

/* For dlmallopt and mspace_mallopt. (size_t)-1 as a value: as large as can be. */
#define M_TRIM_THRESHOLD (-1) /* free bytes at which memory goes back; default 2 MiB */
#define M_GRANULARITY (-2)    /* memory is asked for in multiples of it; a power of two */
#define M_MMAP_THRESHOLD (-3) /* blocks of this size or more are mapped alone; default 256 KiB */
/* Of mete: not 0: mistakes are counted and the call does nothing, instead of custom_abort. */
#define M_PROCEED_ON_ERROR (-4)

struct mallinfo_dl {
  size_t arena;    /* bytes from the system, but for those mapped alone */
  size_t ordblks;  /* free pieces */
  size_t smblks;   /* 0 */
  size_t hblks;    /* blocks mapped alone */
  size_t hblkhd;   /* bytes mapped alone */
  size_t usmblks;  /* most bytes from the system so far */
  size_t fsmblks;  /* 0 */
  size_t uordblks; /* bytes in use */
  size_t fordblks; /* bytes free */
  size_t keepcost; /* bytes that a trim would give back */
};

/* D1 to D8. Null if there is no memory. A size of 0 is served by the smallest block. */
void* dlmalloc(size_t bytes);
void dlfree(void* block);
void* dlcalloc(size_t count, size_t bytes);
void* dlrealloc(void* block, size_t bytes);
void* dlrealloc_in_place(void* block, size_t bytes);
void* dlmemalign(size_t alignment, size_t bytes);
int dlposix_memalign(void** block, size_t alignment, size_t bytes);
void* dlvalloc(size_t bytes);
void* dlpvalloc(size_t bytes);

/* D9 to D15. */
int dlmallopt(int parameter, int value);
size_t dlmalloc_error_count(void); /* mistakes that were noticed so far */
size_t dlmalloc_footprint(void);
size_t dlmalloc_max_footprint(void);
size_t dlmalloc_footprint_limit(void);
size_t dlmalloc_set_footprint_limit(size_t bytes);
void dlmalloc_inspect_all(void (*handler)(void* start, void* end, size_t used_bytes,
                                          void* argument),
                          void* argument);
struct mallinfo_dl dlmallinfo(void);

/* D16 to D21. */
void** dlindependent_calloc(size_t count, size_t bytes, void** blocks);
void** dlindependent_comalloc(size_t count, const size_t* bytes, void** blocks);
/* Frees and nulls the blocks of this space. Returns: how many are of others, which stay. */
size_t dlbulk_free(void** blocks, size_t count);
int dlmalloc_trim(size_t pad);
void dlmalloc_stats(void); /* on stderr; only with the port for Linux */
size_t dlmalloc_usable_size(const void* block);

/* M1 to M8: the same in a space of one's own. */
typedef void* mspace;
mspace create_mspace(size_t capacity, int locked);
mspace create_mspace_with_base(void* base, size_t capacity, int locked);
size_t destroy_mspace(mspace space);
int mspace_track_large_chunks(mspace space, int enable);
void* mspace_malloc(mspace space, size_t bytes);
void mspace_free(mspace space, void* block);
void* mspace_calloc(mspace space, size_t count, size_t bytes);
void* mspace_realloc(mspace space, void* block, size_t bytes);
void* mspace_realloc_in_place(mspace space, void* block, size_t bytes);
void* mspace_memalign(mspace space, size_t alignment, size_t bytes);
void** mspace_independent_calloc(mspace space, size_t count, size_t bytes, void** blocks);
void** mspace_independent_comalloc(mspace space, size_t count, const size_t* bytes, void** blocks);
size_t mspace_bulk_free(mspace space, void** blocks, size_t count);
size_t mspace_usable_size(const void* block);
size_t mspace_footprint(mspace space);
size_t mspace_max_footprint(mspace space);
size_t mspace_footprint_limit(mspace space);
size_t mspace_set_footprint_limit(mspace space, size_t bytes);
struct mallinfo_dl mspace_mallinfo(mspace space);
int mspace_trim(mspace space, size_t pad);
void mspace_malloc_stats(mspace space);
void mspace_inspect_all(mspace space,
                        void (*handler)(void* start, void* end, size_t used_bytes, void* argument),
                        void* argument);
int mspace_mallopt(int parameter, int value);

#if defined(__ELF__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif

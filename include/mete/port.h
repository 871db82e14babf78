/* The port of libmete_dlmalloc.a: the functions that whoever brings mete to a new platform writes.
 * Besides them it needs memcpy, memmove and memset. Linux, Windows and UEFI have ports in the
 * library that are linked if none of one's own is (src/dlmalloc/linux, windows, uefi).
 *
 * Contract: requirements C15 to C22, after portable-dlmalloc. */

#ifndef METE_PORT_H
#define METE_PORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory of `length` bytes, a multiple of the granularity; aligned to two words at least, to a page
 * where there are pages. Contents may be anything. (void*)-1, not null, if there is none. */
void* custom_mmap(size_t length);

/* Takes back what custom_mmap or custom_direct_mmap gave, whole pieces, several in one call if they
 * are neighbours. 0, or -1 if that is not possible; the memory stays in use then. */
int custom_munmap(void* base, size_t length);

/* As custom_mmap, for one large block. (void*)-1 also where that is not supported: large blocks
 * come out of the heap then. Optional: without it no block is mapped alone. */
void* custom_direct_mmap(size_t length);

/* Not 0 if what custom_direct_mmap gives is all zero. Optional: without it, it may be anything. */
int custom_mmap_clears(void);

/* There is no memory for a request, which is going to be null: the place to set errno. Optional. */
void custom_no_memory(void);

/* A lock in one word, all zero at first and usable like that without init_lock (X9). With one
 * thread the bodies are empty. init_lock and final_lock frame the life of a space of its own. */
void init_lock(void** lock);
void final_lock(void** lock);
void acquire_lock(void** lock);
void release_lock(void** lock);

/* Something is wrong that cannot be mended: `message` says what, in ASCII. Does not return. */
void custom_abort(const char* message, const char* source_file, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif

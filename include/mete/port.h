/* The port of libmete_dlmalloc.a: the functions that whoever brings mete to a new platform writes.
 * Besides them it needs memcpy, memmove and memset. Linux, Windows, UEFI and WebAssembly have ports
 * in the library that are linked if none of one's own is (folders of src/dlmalloc).
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

/* ---- for whoever writes a port: does it keep to the rules above? ---- */

/* Null if so, otherwise a text that names the function and the rule that it breaks. Takes a few
 * pieces of memory, which a port that takes nothing back has lost then: for a test program. */
const char* port_selftest(void);

/* The rule that is being tried: for a debugger or a watchdog, if port_selftest does not return. */
extern const char* volatile port_selftest_trying;

/* What one thread cannot see, that a lock keeps others out. Several threads call this at the same
 * time with the same lock, a word of zero at first, and the same counter, 0 at first. Each adds
 * `rounds` to it, one by one under the lock; so in the end it is rounds times threads, or less if
 * the lock let two of them in. */
void port_selftest_exclusion(void** lock, size_t* counter, size_t rounds);

#ifdef __cplusplus
}
#endif

#endif

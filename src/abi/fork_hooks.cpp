// In a static program glibc's fork does not look for handlers first: it calls these, by weak reference, when its own
// malloc would need them. Defined here they keep that malloc out of the program and make the heap safe across fork.
// Where pthread_atfork's handlers run too, the nested calls are counted (heap/thread_heaps.cpp).

#include "base/compiler.hpp"
#include "heap/thread_heaps.hpp"

extern "C" {

METE_EXPORT void __malloc_fork_lock_parent(void) noexcept { mete::heap::prepare_fork(); }
METE_EXPORT void __malloc_fork_unlock_parent(void) noexcept { mete::heap::after_fork_in_parent(); }
METE_EXPORT void __malloc_fork_unlock_child(void) noexcept { mete::heap::after_fork_in_child(); }

// Called when a thread ends; its heap is left to the pool by the thread-exit callback already.
METE_EXPORT void __malloc_arena_thread_freeres(void) noexcept {}

}  // extern "C"

// Other copies of mete in the process: a plugin that was linked with its own, say. Each serves its
// callers and knows nothing of the others' blocks, so one that gets a block of another can only
// refuse it; but it can say whose it is.

#pragma once

namespace mete::heap {

// The file whose copy of mete the address belongs to, null if there is none; this copy is not
// asked. Not to be called with a lock held.
const char* other_copy_of(const void* pointer) noexcept;

}  // namespace mete::heap

//! A program whose allocator is `MspaceAlloc` (P1, P2, C3).

#[path = "../../workload/workload.rs"]
mod workload;

use mete_dlmalloc::{raw, MspaceAlloc};

const CAPACITY: usize = 16 << 20;

#[global_allocator]
static GLOBAL: MspaceAlloc = MspaceAlloc::new(CAPACITY);

#[test]
fn c3_c5_a_program_on_an_mspace() {
    let first = workload::run(4, 40);
    assert!(first > 10_000, "{first} words");
    assert_eq!(first, workload::run(4, 40));

    let space = GLOBAL.as_raw();
    assert!(!space.is_null());
    let info = unsafe { raw::mspace_mallinfo(space) };
    assert!(info.arena >= CAPACITY, "{info:?}");
    assert!(info.uordblks > 0 && info.uordblks < 1 << 20, "{info:?}");
    // Nothing of the program is in the other space.
    assert_eq!(unsafe { raw::dlmalloc_footprint() }, 0);
}

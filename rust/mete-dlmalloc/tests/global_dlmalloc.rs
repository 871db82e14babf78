//! A program whose allocator is `DLMalloc` (P1, P2, C1), looked over on the way.
#![deny(unsafe_op_in_unsafe_fn)]

#[path = "../../workload/workload.rs"]
mod workload;

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mete_dlmalloc::{raw, DLMalloc};

/// Counts what reaches `DLMalloc`, and what must not: sizes of zero.
struct Watched;

static CALLS: AtomicUsize = AtomicUsize::new(0);
static EMPTY: AtomicUsize = AtomicUsize::new(0);

fn note(size: usize) {
    CALLS.fetch_add(1, Relaxed);
    EMPTY.fetch_add(usize::from(size == 0), Relaxed);
}

unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { DLMalloc.alloc(layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(layout.size());
        unsafe { DLMalloc.dealloc(block, layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { DLMalloc.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(new_size);
        unsafe { DLMalloc.realloc(block, layout, new_size) }
    }
}

#[global_allocator]
static GLOBAL: Watched = Watched;

/// One test, for what it sees is of the whole program.
#[test]
fn c1_l3_a_program_on_dlmalloc() {
    let block = Box::new(1u64);
    let size = unsafe { raw::dlmalloc_usable_size(&*block as *const u64 as *const _) };
    assert!(
        (8..100).contains(&size),
        "a box is no block of the space: {size}"
    );

    let first = workload::run(4, 40);
    assert!(first > 10_000, "{first} words");
    assert_eq!(first, workload::run(4, 40));

    // Nothing of a size of zero gets here: vectors and boxes of nothing, and what shrinks to nothing.
    let mut nothing = vec![1u8; 10];
    nothing.clear();
    nothing.shrink_to_fit();
    drop((nothing, vec![(); 1000], Box::new(()), String::new()));
    assert!(
        CALLS.load(Relaxed) > 100_000,
        "{} calls",
        CALLS.load(Relaxed)
    );
    assert_eq!(EMPTY.load(Relaxed), 0);

    // All is freed: what is in use is next to nothing, and most memory can go back.
    let info = unsafe { raw::dlmallinfo() };
    assert!(info.uordblks < 1 << 20, "{info:?}");
    assert!(unsafe { raw::dlmalloc_footprint() } < 64 << 20, "{info:?}");
    assert_eq!(info.hblks, 0, "{info:?}");
}

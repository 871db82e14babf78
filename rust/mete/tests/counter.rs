//! The counting wrapper of `std::alloc` around mete (S4).

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mete::Mete;

struct Counter;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let ret = Mete.alloc(layout);
        if !ret.is_null() {
            ALLOCATED.fetch_add(layout.size(), Relaxed);
        }
        ret
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        Mete.dealloc(ptr, layout);
        ALLOCATED.fetch_sub(layout.size(), Relaxed);
    }
}

#[global_allocator]
static A: Counter = Counter;

#[test]
fn s4_the_counter_counts() {
    let before = ALLOCATED.load(Relaxed);
    assert!(before > 0, "allocated bytes before main: {before}");
    let block = vec![1u8; 10 << 20];
    let with = ALLOCATED.load(Relaxed);
    assert!(with >= before + (9 << 20));
    drop(block);
    assert!(ALLOCATED.load(Relaxed) <= with - (9 << 20));
}

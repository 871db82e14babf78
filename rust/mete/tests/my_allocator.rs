//! The examples of `std::alloc` with mete in the place of the system's allocator (P1, P2, P5).

mod support;

use std::alloc::{alloc, dealloc, handle_alloc_error, GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mete::Mete;

struct MyAllocator;

static CALLS: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for MyAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Relaxed);
        Mete.alloc(layout)
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        Mete.dealloc(ptr, layout)
    }
}

#[global_allocator]
static GLOBAL: MyAllocator = MyAllocator;

#[allow(clippy::vec_init_then_push)] // as in the example
#[test]
fn p1_p5_a_vector_goes_through_the_wrapper() {
    let before = CALLS.load(Relaxed);
    let mut v = Vec::new();
    v.push(1);
    support::used(&v);
    assert!(CALLS.load(Relaxed) > before);
    assert_eq!(vec![1], v);
}

#[test]
fn g12_a_u16_round_trip() {
    unsafe {
        let layout = Layout::new::<u16>();
        let ptr = alloc(layout);
        if ptr.is_null() {
            handle_alloc_error(layout);
        }
        *(ptr as *mut u16) = 42;
        assert_eq!(*(ptr as *mut u16), 42);
        dealloc(ptr, layout);
    }
}

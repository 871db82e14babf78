//! The five functions of an allocator crate of early Rust.

mod support;

use mete::allocator_abi::{
    __rust_allocate, __rust_deallocate, __rust_reallocate, __rust_reallocate_inplace,
    __rust_usable_size,
};
use support::{assert_aligned, assert_filled, fill, grow_up, layout};

#[test]
fn b1_b2_b3_a_block_lives_through_all_of_them() {
    for align in [1, 8, 64, 4096] {
        unsafe {
            let block = __rust_allocate(100, align);
            assert_aligned(block, layout(100, align));
            fill(block, 100, 1);
            let block = __rust_reallocate(block, 100, 100_000, align);
            assert_aligned(block, layout(100_000, align));
            assert_filled(block, 100, 1);
            let block = __rust_reallocate(block, 100_000, 50, align);
            assert_filled(block, 50, 1);
            __rust_deallocate(block, 50, align);
        }
    }
    assert!(unsafe { __rust_allocate(1 << 46, 8) }.is_null());
}

#[test]
fn b4_resizes_in_place_or_says_the_old_size() {
    grow_up();
    unsafe {
        let block = __rust_allocate(100, 8);
        assert_eq!(104, __rust_reallocate_inplace(block, 100, 104, 8));
        assert_eq!(100, __rust_reallocate_inplace(block, 100, 105, 8));
        assert_eq!(104, __rust_reallocate_inplace(block, 100, 50, 8));
        fill(block, 104, 1);
        __rust_deallocate(block, 50, 8);
    }
}

#[test]
fn b5_says_what_a_request_gives() {
    grow_up();
    for (size, align, usable) in [
        (1, 1, 16),
        (17, 8, 24),
        (17, 16, 32),
        (100, 64, 128),
        (129, 8, 144),
        (40_000, 8, 40_960),
    ] {
        unsafe {
            assert_eq!(usable, __rust_usable_size(size, align), "{size}, {align}");
            let block = __rust_allocate(size, align);
            fill(block, usable, 1);
            assert_eq!(
                usable,
                __rust_reallocate_inplace(block, size, usable, align)
            );
            __rust_deallocate(block, size, align);
        }
    }
}

/// The blocks of a thread's first calls are whole cache lines.
#[test]
fn b5_says_no_more_than_a_young_thread_gets() {
    for (size, align) in [(1, 1), (17, 8), (17, 16), (100, 64), (129, 8), (40_000, 8)] {
        unsafe {
            let usable = __rust_usable_size(size, align);
            let block = __rust_allocate(size, align);
            let more = __rust_reallocate_inplace(block, size, usable, align);
            assert!(usable <= more, "{usable} of {more}");
            fill(block, more, 1);
            __rust_deallocate(block, size, align);
        }
    }
}

//! No memory and nobody who can go on: the lines that a program ends with, and the hook.

mod support;

use std::alloc::Layout;
use std::sync::atomic::{AtomicUsize, Ordering};

use mete::{
    handle_alloc_error, set_alloc_error_hook, take_alloc_error_hook, HeapOptions, MeteHeap,
};
use support::{assert_aborted, is_child, layout, run_child, used};

/// Enough for the harness, not for what the tests ask for.
#[global_allocator]
static GLOBAL: MeteHeap = MeteHeap::new(HeapOptions::new().limit(64 << 20));

const LINE: &str = "memory allocation of 1073741824 bytes failed";

fn giga() -> Layout {
    layout(1 << 30, 1)
}

#[test]
fn e4_e5_the_default_hook_prints_a_line_and_the_process_aborts() {
    if is_child() {
        handle_alloc_error(giga());
    }
    let test = "e4_e5_the_default_hook_prints_a_line_and_the_process_aborts";
    assert_aborted(&run_child(test, &[]), LINE);
}

#[test]
fn e4_the_line_has_room_for_every_size() {
    if is_child() {
        handle_alloc_error(layout(isize::MAX as usize, 1));
    }
    let test = "e4_the_line_has_room_for_every_size";
    let line = format!("memory allocation of {} bytes failed", isize::MAX);
    assert_aborted(&run_child(test, &[]), &line);
}

#[test]
fn e3_rust_reports_a_vec_without_memory() {
    if is_child() {
        used(Vec::<u8>::with_capacity(1 << 30));
        return;
    }
    assert_aborted(
        &run_child("e3_rust_reports_a_vec_without_memory", &[]),
        LINE,
    );
}

#[test]
fn g1_a_vec_that_may_fail_does_so_without_an_end() {
    let mut bytes = vec![7u8; 100];
    assert!(bytes.try_reserve(1 << 30).is_err());
    assert!(bytes.try_reserve_exact(isize::MAX as usize - 200).is_err());
    assert_eq!(vec![7u8; 100], bytes);
}

static SEEN: AtomicUsize = AtomicUsize::new(0);

fn remember(layout: Layout) {
    SEEN.store(layout.size(), Ordering::SeqCst);
    eprintln!("{} bytes, aligned to {}", layout.size(), layout.align());
}

fn panic_instead(layout: Layout) {
    panic!("memory allocation of {} bytes failed", layout.size());
}

#[test]
fn e1_e5_e6_a_hook_is_called_and_may_return() {
    if is_child() {
        set_alloc_error_hook(panic_instead);
        set_alloc_error_hook(remember);
        handle_alloc_error(layout(4096, 64));
    }
    let output = run_child("e1_e5_e6_a_hook_is_called_and_may_return", &[]);
    assert_aborted(&output, "4096 bytes, aligned to 64");
}

#[test]
fn e2_e6_e7_a_hook_may_panic_and_is_taken_out_once() {
    if is_child() {
        let default = take_alloc_error_hook();
        set_alloc_error_hook(panic_instead);
        let result = std::panic::catch_unwind(|| handle_alloc_error(giga()));
        let message = *result.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(LINE, message);

        let taken = take_alloc_error_hook();
        assert!(std::panic::catch_unwind(|| taken(giga())).is_err());
        let then = take_alloc_error_hook();
        assert_eq!(default as usize, then as usize, "the default holds again");
        set_alloc_error_hook(remember);
        take_alloc_error_hook()(layout(77, 1));
        assert_eq!(77, SEEN.load(Ordering::SeqCst));
        handle_alloc_error(giga());
    }
    let test = "e2_e6_e7_a_hook_may_panic_and_is_taken_out_once";
    assert_aborted(&run_child(test, &[]), LINE);
}

#[cfg(feature = "alloc_error_hook")]
#[test]
fn e3_a_vec_without_memory_reaches_the_hook() {
    if is_child() {
        mete::forward_std_alloc_errors();
        set_alloc_error_hook(remember);
        used(Vec::<u8>::with_capacity(1 << 30));
        return;
    }
    let output = run_child("e3_a_vec_without_memory_reaches_the_hook", &[]);
    assert_aborted(&output, "1073741824 bytes, aligned to 1");
}

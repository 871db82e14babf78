//! The example of `std::alloc::set_alloc_error_hook` as it stands (E1, E3, E6): nightly.

#![cfg(feature = "alloc_error_hook")]
#![feature(alloc_error_hook)]

mod support;

use std::alloc::{set_alloc_error_hook, Layout};

use mete::{HeapOptions, MeteHeap};
use support::used;

#[global_allocator]
static GLOBAL: MeteHeap = MeteHeap::new(HeapOptions::new().limit(64 << 20));

fn custom_alloc_error_hook(layout: Layout) {
    panic!("memory allocation of {} bytes failed", layout.size());
}

#[test]
#[should_panic(expected = "memory allocation of 1073741824 bytes failed")]
fn e6_the_hook_panics_in_place_of_the_abort() {
    set_alloc_error_hook(custom_alloc_error_hook);
    used(Vec::<u8>::with_capacity(1 << 30));
}

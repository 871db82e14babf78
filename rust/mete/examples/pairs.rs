//! Allocates and frees in pairs, to count instructions:
//!   cargo build --release --example pairs
//!   valgrind --tool=callgrind --toggle-collect='*box_64*' target/release/examples/pairs
//! Prints: 1000 pairs each

use std::hint::black_box;

#[global_allocator]
static GLOBAL: mete::Mete = mete::Mete;

#[inline(never)]
fn box_64(pairs: usize) {
    for _ in 0..pairs {
        drop(black_box(Box::new([1u8; 64])));
    }
}

#[inline(never)]
fn box_24(pairs: usize) {
    for _ in 0..pairs {
        drop(black_box(Box::new([1u64; 3])));
    }
}

#[inline(never)]
fn vec_1000(pairs: usize) {
    for _ in 0..pairs {
        drop(black_box(Vec::<u8>::with_capacity(1000)));
    }
}

fn main() {
    let pairs = 1000;
    for pairs in [1, pairs] {
        box_64(pairs);
        box_24(pairs);
        vec_1000(pairs);
    }
    println!("{pairs} pairs each");
}

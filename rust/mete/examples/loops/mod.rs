//! Loops that allocate and free in pairs, each a function of its own for callgrind.

use std::time::Instant;

/// Hides a value from the compiler, without an instruction.
#[inline(always)]
fn hide<T>(value: T) {
    // SAFETY: a comment does nothing; that the assembler may read memory is what hides it.
    unsafe { std::arch::asm!("/* {0} */", in(reg) &value) }
}

#[inline(never)]
fn box_64(pairs: usize) {
    for _ in 0..pairs {
        hide(Box::new([1u8; 64]));
    }
}

#[inline(never)]
fn box_24(pairs: usize) {
    for _ in 0..pairs {
        hide(Box::new([1u64; 3]));
    }
}

#[inline(never)]
fn vec_1000(pairs: usize) {
    for _ in 0..pairs {
        hide(Vec::<u8>::with_capacity(1000));
    }
}

/// Runs each loop for as many pairs as the command line says, 1000 if it says nothing, and prints
/// nanoseconds of a pair.
pub fn run() {
    let pairs = match std::env::args().nth(1) {
        Some(count) => count.parse().expect("how many pairs"),
        None => 1000,
    };
    time("box_64", box_64, pairs);
    time("box_24", box_24, pairs);
    time("vec_1000", vec_1000, pairs);
}

fn time(name: &str, run: fn(usize), pairs: usize) {
    run(1);
    let start = Instant::now();
    run(pairs);
    let nanoseconds = start.elapsed().as_nanos() as f64 / pairs as f64;
    println!("{name:9}{nanoseconds:8.2}");
}

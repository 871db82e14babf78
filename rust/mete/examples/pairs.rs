//! Allocates and frees in pairs, to count instructions:
//!   cargo build --release --example pairs
//!   valgrind --tool=callgrind --toggle-collect='*box_64*' target/release/examples/pairs
//! Prints: 1000 pairs each

#[global_allocator]
static GLOBAL: mete::Mete = mete::Mete;

/// Hides a value from the compiler, without an instruction.
#[inline(always)]
fn used<T>(value: T) {
    unsafe { std::arch::asm!("/* {0} */", in(reg) &value) }
}

#[inline(never)]
fn box_64(pairs: usize) {
    for _ in 0..pairs {
        used(Box::new([1u8; 64]));
    }
}

#[inline(never)]
fn box_24(pairs: usize) {
    for _ in 0..pairs {
        used(Box::new([1u64; 3]));
    }
}

#[inline(never)]
fn vec_1000(pairs: usize) {
    for _ in 0..pairs {
        used(Vec::<u8>::with_capacity(1000));
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

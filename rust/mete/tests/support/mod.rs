//! What several tests share: the methods of `Allocator` as a trait, patterns, random numbers, children.

#![allow(dead_code)] // each test uses a part

use std::alloc::Layout;
use std::process::{Command, Output};
use std::ptr::NonNull;

use mete::{AllocError, Mete, MeteHeap, Space};

pub type Block = Result<NonNull<[u8]>, AllocError>;

/// Makes so many calls that the thread has a heap of its own, and its blocks are no larger than
/// their size class.
pub fn grow_up() {
    for _ in 0..1000 {
        let block = Mete.allocate(layout(100, 8)).unwrap();
        unsafe { Mete.deallocate(block.cast(), layout(100, 8)) };
    }
}

/// The inherent methods that all allocators of the crate have.
pub trait Blocks {
    fn allocate(&self, layout: Layout) -> Block;
    fn allocate_zeroed(&self, layout: Layout) -> Block;
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout);
    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block;
    unsafe fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block;
    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block;
}

macro_rules! blocks {
    ($type:ty) => {
        impl Blocks for $type {
            fn allocate(&self, layout: Layout) -> Block {
                <$type>::allocate(self, layout)
            }
            fn allocate_zeroed(&self, layout: Layout) -> Block {
                <$type>::allocate_zeroed(self, layout)
            }
            unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
                <$type>::deallocate(self, block, layout)
            }
            unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block {
                <$type>::grow(self, block, old, new)
            }
            unsafe fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block {
                <$type>::grow_zeroed(self, block, old, new)
            }
            unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Block {
                <$type>::shrink(self, block, old, new)
            }
        }
    };
}
blocks!(Mete);
blocks!(MeteHeap);
blocks!(Space<'_>);

pub fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// The address of a block, and how many bytes there really are.
pub fn parts(block: NonNull<[u8]>) -> (NonNull<u8>, usize) {
    (block.cast(), unsafe { block.as_ref() }.len())
}

pub fn assert_aligned(block: *const u8, layout: Layout) {
    assert_eq!(0, block as usize % layout.align(), "{layout:?}");
}

fn byte(seed: usize, i: usize) -> u8 {
    (seed.wrapping_mul(31).wrapping_add(i.wrapping_mul(7)) >> 2) as u8 | 1
}

/// Writes bytes that follow from `seed`, none of them 0.
///
/// # Safety
/// There are `size` bytes, and they are the caller's.
pub unsafe fn fill(block: *mut u8, size: usize, seed: usize) {
    for i in 0..size {
        block.add(i).write(byte(seed, i));
    }
}

/// # Safety
/// There are `size` bytes that were written.
pub unsafe fn assert_filled(block: *const u8, size: usize, seed: usize) {
    for i in 0..size {
        assert_eq!(byte(seed, i), block.add(i).read(), "byte {i} of {size}");
    }
}

/// # Safety
/// There are `size` bytes that were written.
pub unsafe fn assert_zero(block: *const u8, size: usize) {
    for i in 0..size {
        assert_eq!(0, block.add(i).read(), "byte {i} of {size}");
    }
}

/// Random numbers: xorshift64*.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
    /// Mostly small, sometimes as large as `most`.
    pub fn size(&mut self, most: usize) -> usize {
        let bits = self.below(most.trailing_zeros() as usize + 1);
        self.below(1 << bits)
    }
}

/// Lets no compiler leave out what `value` needs: `std::hint::black_box` is younger than Rust 1.63.
pub fn used<T>(value: T) {
    unsafe { std::arch::asm!("/* {0} */", in(reg) &value) }
}

/// Runs one test of this program alone in a child, with `CHILD` in its environment.
pub fn run_child(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("CHILD", test)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

pub fn is_child() -> bool {
    std::env::var_os("CHILD").is_some()
}

pub fn assert_aborted(output: &Output, line: &str) {
    use std::os::unix::process::ExitStatusExt;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(Some(6), output.status.signal(), "SIGABRT; stderr: {stderr}");
    assert!(
        stderr.lines().any(|got| got == line),
        "no line {line:?} in {stderr}"
    );
}

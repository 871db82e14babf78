//! What holds for both allocators: any size and alignment, contents when a block is resized, failure.
#![deny(unsafe_op_in_unsafe_fn)]

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;

use mete_dlmalloc::{raw, DLMalloc, MspaceAlloc};

static SPACE: MspaceAlloc = MspaceAlloc::new(0);
static BOTH: [&(dyn GlobalAlloc + Sync); 2] = [&DLMalloc, &SPACE];

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

unsafe fn fill(block: *mut u8, size: usize) {
    (0..size).for_each(|i| unsafe { block.add(i).write((i % 251) as u8) });
}

unsafe fn holds(block: *mut u8, size: usize) -> bool {
    (0..size).all(|i| unsafe { block.add(i).read() } == (i % 251) as u8)
}

#[test]
fn c8_every_alignment_up_to_64_kib() {
    for allocator in BOTH {
        for shift in 0..=16 {
            let align = 1 << shift;
            for size in [
                1,
                24,
                align - 1,
                align,
                align + 1,
                100_000,
                300_000,
                1 << 20,
            ] {
                let layout = layout(size.max(1), align);
                // Several, so that one that is aligned by chance is not all there is.
                let blocks: Vec<_> = (0..5).map(|_| unsafe { allocator.alloc(layout) }).collect();
                for &block in &blocks {
                    assert!(!block.is_null());
                    assert_eq!(block as usize % align, 0, "{layout:?}");
                    unsafe { fill(block, layout.size()) };
                }
                for &block in &blocks {
                    assert!(unsafe { holds(block, layout.size()) }, "{layout:?}");
                    unsafe { allocator.dealloc(block, layout) };
                }
            }
        }
    }
}

#[test]
fn x1_every_block_is_aligned_to_two_words() {
    for size in 1..200 {
        let block = unsafe { DLMalloc.alloc(layout(size, 1)) };
        assert_eq!(block as usize % (2 * std::mem::size_of::<usize>()), 0);
        unsafe { DLMalloc.dealloc(block, layout(size, 1)) };
    }
}

#[test]
fn x5_x7_resizing_keeps_contents_and_alignment() {
    // From the heap to mapped alone and back, by much and by little: 256 KiB is the threshold.
    let sizes = [
        40,
        5000,
        300_000,
        299_000,
        3 << 20,
        1 << 20,
        262_144,
        90_000,
        1000,
        1,
        700_000,
        17,
    ];
    for allocator in BOTH {
        for align in [1, 16, 32, 64, 1024, 4096, 65536] {
            let mut old = layout(sizes[0], align);
            let mut block = unsafe { allocator.alloc(old) };
            // Behind the block, so that it cannot always grow where it is.
            let mut neighbour = unsafe { allocator.alloc(old) };
            for size in sizes {
                unsafe { fill(block, old.size()) };
                unsafe { neighbour.write_bytes(0xee, old.size()) };
                let new = unsafe { allocator.realloc(block, old, size) };
                assert!(!new.is_null());
                assert_eq!(new as usize % align, 0, "{old:?} to {size}");
                assert!(
                    unsafe { holds(new, size.min(old.size())) },
                    "{old:?} to {size}"
                );
                // What is copied too far (X7), or lies too short, is in the neighbour.
                unsafe { fill(new, size) };
                assert!((0..old.size()).all(|i| unsafe { neighbour.add(i).read() } == 0xee));
                unsafe { allocator.dealloc(neighbour, old) };
                block = new;
                old = layout(size, align);
                neighbour = unsafe { allocator.alloc(old) };
            }
            unsafe { allocator.dealloc(neighbour, old) };
            unsafe { allocator.dealloc(block, old) };
        }
    }
}

#[test]
fn x7_shrinking_a_block_that_is_mapped_alone() {
    for allocator in BOTH {
        for align in [8, 64, 8192] {
            for size in [1, 100, 100_000, 250_000] {
                let large = layout(4 << 20, align);
                let block = unsafe { allocator.alloc(large) };
                unsafe { fill(block, large.size()) };
                let block = unsafe { allocator.realloc(block, large, size) };
                assert!(
                    !block.is_null() && unsafe { holds(block, size) },
                    "{size} of {large:?}"
                );
                // It is not mapped alone any more, with all that it had.
                let usable = unsafe { raw::dlmalloc_usable_size(block.cast()) };
                assert!(
                    (size..=2 * size + 8192).contains(&usable),
                    "{usable} for {size}"
                );
                unsafe { allocator.dealloc(block, layout(size, align)) };
            }
        }
    }
}

#[test]
fn g3_x13_zeroed_blocks_are_zero() {
    for allocator in BOTH {
        for align in [1, 16, 64, 4096] {
            for size in [1, 33, 4096, 70_000, 262_144, 1 << 20] {
                let layout = layout(size, align);
                // Memory that has been used before, and memory that has not.
                for _ in 0..3 {
                    let block = unsafe { allocator.alloc_zeroed(layout) };
                    assert!(
                        (0..size).all(|i| unsafe { block.add(i).read() } == 0),
                        "{layout:?}"
                    );
                    unsafe { block.write_bytes(0xff, size) };
                    unsafe { allocator.dealloc(block, layout) };
                }
            }
        }
    }
}

#[test]
fn x13_fresh_pages_are_not_touched() {
    // 1 GiB that is cleared by hand would be resident.
    let layout = layout(1 << 30, 16);
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    for allocator in BOTH {
        let before = resident();
        let block = unsafe { allocator.alloc_zeroed(layout) };
        assert!(!block.is_null());
        let more = resident().saturating_sub(before);
        assert!(more < 256 << 20, "{more} bytes were touched");
        unsafe { allocator.dealloc(block, layout) };
    }
}

#[test]
fn g5_what_fails_is_null_and_leaves_the_block() {
    let most = isize::MAX as usize - 65536;
    for allocator in BOTH {
        for align in [1, 16, 64, 65536] {
            let huge = layout(most, align);
            assert_eq!(unsafe { allocator.alloc(huge) }, ptr::null_mut());
            assert_eq!(unsafe { allocator.alloc_zeroed(huge) }, ptr::null_mut());
            let small = layout(1000, align);
            let block = unsafe { allocator.alloc(small) };
            unsafe { fill(block, 1000) };
            assert_eq!(
                unsafe { allocator.realloc(block, small, most) },
                ptr::null_mut()
            );
            assert!(unsafe { holds(block, 1000) });
            unsafe { allocator.dealloc(block, small) };
        }
    }
}

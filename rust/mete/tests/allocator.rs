//! The methods of Allocator, on all three allocators of the crate.

mod support;

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use mete::{AllocError, HeapOptions, Mete, MeteHeap, Space};
use support::{assert_aligned, assert_filled, assert_zero, fill, layout, parts, Blocks};

fn each(check: impl Fn(&dyn Blocks)) {
    check(&Mete);
    check(&MeteHeap::new(HeapOptions::new()));
    let mut memory = vec![MaybeUninit::uninit(); 4 << 20];
    let space = Space::new(&mut memory).unwrap();
    check(&space);
    assert!(space.check());
}

#[test]
fn t1_t3_blocks_are_as_long_as_they_say() {
    each(|a| unsafe {
        for size in [1, 7, 24, 100, 1000, 40_000, 300_000] {
            for align in [1, 8, 16, 64, 4096, 65_536] {
                let layout = layout(size, align);
                let (block, given) = parts(a.allocate(layout).unwrap());
                let (next, _) = parts(a.allocate(layout).unwrap());
                assert!(given >= size);
                assert_aligned(block.as_ptr(), layout);
                fill(next.as_ptr(), size, 1);
                fill(block.as_ptr(), given, 2);
                assert_filled(next.as_ptr(), size, 1);
                assert_filled(block.as_ptr(), given, 2);
                a.deallocate(block, layout);
                a.deallocate(next, layout);
            }
        }
    });
}

#[test]
fn t2_the_whole_slice_is_zero() {
    each(|a| unsafe {
        for size in [1, 24, 100, 1000, 40_000] {
            let layout = layout(size, 8);
            let (dirty, given) = parts(a.allocate(layout).unwrap());
            fill(dirty.as_ptr(), given, 2);
            a.deallocate(dirty, layout);
            let (block, given) = parts(a.allocate_zeroed(layout).unwrap());
            assert_zero(block.as_ptr(), given);
            a.deallocate(block, layout);
        }
    });
}

#[test]
fn l14_t3_t6_layouts_without_size_need_no_memory() {
    each(|a| unsafe {
        for align in [1usize, 8, 4096, 1 << 40] {
            let none = layout(0, align);
            let (block, given) = parts(a.allocate(none).unwrap());
            assert_eq!((align, 0), (block.as_ptr() as usize, given));
            assert_eq!(0, parts(a.allocate_zeroed(none).unwrap()).1);
            a.deallocate(block, none);
            let (block, given) = parts(a.grow(block, none, none).unwrap());
            assert_eq!(0, given);
            assert_eq!(0, parts(a.shrink(block, none, none).unwrap()).1);
        }
        let some = layout(100, 64);
        let (block, _) = parts(a.allocate(layout(0, 1)).unwrap());
        let (block, given) = parts(a.grow_zeroed(block, layout(0, 1), some).unwrap());
        assert_aligned(block.as_ptr(), some);
        assert_zero(block.as_ptr(), given);
        let (end, given) = parts(a.shrink(block, some, layout(0, 4096)).unwrap());
        assert_eq!((4096, 0), (end.as_ptr() as usize, given));
    });
}

const STEPS: [(usize, usize); 9] = [
    (1, 1),
    (20, 8),
    (20, 64),
    (24, 1),
    (1000, 16),
    (1000, 8192),
    (5000, 8),
    (40_000, 65_536),
    (300_000, 16),
];

/// Neighbours, so that not every one of them is aligned to more than it has to be.
fn neighbours(a: &dyn Blocks, layout: Layout) -> Vec<NonNull<u8>> {
    let blocks: Vec<_> = (0..5).map(|_| parts(a.allocate(layout).unwrap())).collect();
    for (block, _) in &blocks {
        unsafe { fill(block.as_ptr(), layout.size(), 7) };
    }
    blocks.into_iter().map(|(block, _)| block).collect()
}

#[test]
fn t4_t5_t11_grow_keeps_contents_through_any_alignment() {
    each(|a| unsafe {
        let first = layout(STEPS[0].0, STEPS[0].1);
        for (i, mut block) in neighbours(a, first).into_iter().enumerate() {
            let zeroed = i % 2 == 0;
            let mut old = first;
            for (size, align) in STEPS {
                let new = layout(size, align);
                let grown = match zeroed {
                    true => a.grow_zeroed(block, old, new),
                    false => a.grow(block, old, new),
                };
                let given;
                (block, given) = parts(grown.unwrap());
                assert_aligned(block.as_ptr(), new);
                assert!(given >= size);
                assert_filled(block.as_ptr(), old.size(), 7);
                if zeroed {
                    assert_zero(block.as_ptr().add(old.size()), given - old.size());
                }
                fill(block.as_ptr(), given, 1);
                fill(block.as_ptr(), size, 7);
                old = new;
            }
            a.deallocate(block, old);
        }
    });
}

#[test]
fn t4_t6_the_alignment_of_a_block_may_change_alone() {
    each(|a| unsafe {
        for size in [24, 100, 2_000] {
            let old = layout(size, 8);
            for (i, block) in neighbours(a, old).into_iter().enumerate() {
                let new = layout(size, 64);
                let resized = match i % 2 {
                    0 => a.grow(block, old, new),
                    _ => a.shrink(block, old, new),
                };
                let (block, _) = parts(resized.unwrap());
                assert_aligned(block.as_ptr(), new);
                assert_filled(block.as_ptr(), size, 7);
                a.deallocate(block, new);
            }
        }
    });
}

#[test]
fn t6_shrink_keeps_contents_through_any_alignment() {
    each(|a| unsafe {
        let first = layout(STEPS[8].0, STEPS[8].1);
        for mut block in neighbours(a, first) {
            let mut old = first;
            for (size, align) in STEPS.into_iter().rev() {
                let new = layout(size, align);
                let given;
                (block, given) = parts(a.shrink(block, old, new).unwrap());
                assert_aligned(block.as_ptr(), new);
                assert!(given >= size);
                assert_filled(block.as_ptr(), size, 7);
                old = new;
            }
            a.deallocate(block, old);
        }
    });
}

#[test]
fn t12_a_failure_leaves_the_block() {
    each(|a| unsafe {
        let old = layout(100, 8);
        let (block, _) = parts(a.allocate(old).unwrap());
        fill(block.as_ptr(), 100, 3);
        for align in [8, 64, 65_536] {
            let much = layout(isize::MAX as usize + 1 - align, align);
            assert_eq!(Err(AllocError), a.grow(block, old, much));
            assert_eq!(Err(AllocError), a.grow_zeroed(block, old, much));
            assert_eq!(Err(AllocError), a.allocate(much));
            assert_eq!(Err(AllocError), a.allocate_zeroed(much));
        }
        let aligned = layout(50, 1 << 62);
        assert_eq!(Err(AllocError), a.shrink(block, old, aligned));
        assert_filled(block.as_ptr(), 100, 3);
        a.deallocate(block, old);
    });
}

#[test]
fn t6_t12_a_shrink_without_memory_stays() {
    let heap = MeteHeap::new(HeapOptions::new().limit(40_960));
    let old = layout(30_000, 8);
    let new = layout(12_000, 8);
    let (block, _) = parts(heap.allocate(old).unwrap());
    unsafe {
        fill(block.as_ptr(), 30_000, 3);
        assert_eq!(Err(AllocError), heap.allocate(new), "or this tests nothing");
        let (shrunk, given) = parts(heap.shrink(block, old, new).unwrap());
        assert_filled(shrunk.as_ptr(), 12_000, 3);
        fill(shrunk.as_ptr(), given, 4);
        heap.deallocate(shrunk, new);
    }
    assert_eq!(0, heap.statistics().in_use);
}

#[test]
fn t8_the_error_says_what_happened() {
    let error = Mete.allocate(Layout::array::<u8>(isize::MAX as usize).unwrap());
    assert_eq!("memory allocation failed", error.unwrap_err().to_string());
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "`new_layout.size()` must be greater than or equal to")]
fn t4_grow_to_less_is_refused_in_debug_builds() {
    let _ = unsafe { Mete.grow(std::ptr::NonNull::dangling(), layout(2, 1), layout(1, 1)) };
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "`new_layout.size()` must be smaller than or equal to")]
fn t6_shrink_to_more_is_refused_in_debug_builds() {
    let _ = unsafe { Mete.shrink(std::ptr::NonNull::dangling(), layout(1, 1), layout(2, 1)) };
}

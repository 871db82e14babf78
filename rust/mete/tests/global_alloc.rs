//! The contract of GlobalAlloc, on the heap of the process and on a heap of its own.

mod support;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use mete::{HeapOptions, Mete, MeteHeap};
use support::{assert_aligned, assert_filled, assert_zero, fill, grow_up, layout};

#[global_allocator]
static GLOBAL: Mete = Mete;

static HEAP: MeteHeap = MeteHeap::new(HeapOptions::new().name("contract"));

fn each(check: impl Fn(&dyn GlobalAlloc)) {
    check(&Mete);
    check(&HEAP);
}

const SIZES: [usize; 14] = [
    1, 8, 9, 16, 24, 40, 100, 128, 129, 1000, 5000, 32_768, 32_769, 300_000,
];

fn all_layouts() -> impl Iterator<Item = Layout> {
    let aligns = (0..=16).map(|bit| 1 << bit);
    aligns.flat_map(|align| SIZES.iter().map(move |&size| layout(size, align)))
}

#[test]
fn g1_g2_blocks_of_every_alignment_to_64_kib_hold_what_is_written() {
    each(|a| unsafe {
        for layout in all_layouts() {
            let blocks: Vec<_> = (0..4).map(|_| a.alloc(layout)).collect();
            for (seed, &block) in blocks.iter().enumerate() {
                assert!(!block.is_null());
                assert_aligned(block, layout);
                fill(block, layout.size(), seed);
            }
            for (seed, &block) in blocks.iter().enumerate() {
                assert_filled(block, layout.size(), seed);
                a.dealloc(block, layout);
            }
        }
    });
}

#[test]
fn g3_zeroed_blocks_are_zero_after_dirty_ones() {
    each(|a| unsafe {
        for layout in all_layouts() {
            let dirty = a.alloc(layout);
            fill(dirty, layout.size(), 1);
            a.dealloc(dirty, layout);
            let block = a.alloc_zeroed(layout);
            assert_aligned(block, layout);
            assert_zero(block, layout.size());
            a.dealloc(block, layout);
        }
    });
}

#[test]
fn g4_g6_realloc_keeps_contents_and_alignment() {
    each(|a| unsafe {
        for old in all_layouts() {
            for new_size in SIZES {
                let block = a.alloc(old);
                fill(block, old.size(), 3);
                let moved = a.realloc(block, old, new_size);
                let new = layout(new_size, old.align());
                assert!(!moved.is_null());
                assert_aligned(moved, new);
                assert_filled(moved, old.size().min(new_size), 3);
                fill(moved, new_size, 5);
                a.dealloc(moved, new);
            }
        }
    });
}

#[test]
fn g4_realloc_stays_where_there_is_room() {
    for (size, align, new_size) in [
        (1000, 1, 1024),
        (1024, 1, 900),
        (1000, 64, 1024),
        (90_000, 8, 70_000),
    ] {
        let old = layout(size, align);
        unsafe {
            let block = Mete.alloc(old);
            assert_eq!(block, Mete.realloc(block, old, new_size), "{size}");
            Mete.dealloc(block, layout(new_size, align));
        }
    }
}

#[test]
fn g5_a_failed_realloc_leaves_the_block() {
    each(|a| unsafe {
        for align in [1, 16, 64, 4096, 65_536] {
            for size in [24, 5000, 100_000] {
                let old = layout(size, align);
                let block = a.alloc(old);
                fill(block, size, 9);
                let most = isize::MAX as usize + 1 - align;
                assert!(a.realloc(block, old, most).is_null());
                assert_filled(block, size, 9);
                a.dealloc(block, old);
            }
        }
    });
}

#[test]
fn g1_g7_g8_what_no_machine_has_is_null() {
    each(|a| unsafe {
        for align in [1usize, 16, 64, 4096, 1 << 20, 1 << 40, 1 << 62] {
            let most = isize::MAX as usize + 1 - align;
            for size in [most, most - 1, most / 2 + 1] {
                let layout = layout(size, align);
                assert!(a.alloc(layout).is_null(), "{layout:?}");
                assert!(a.alloc_zeroed(layout).is_null(), "{layout:?}");
            }
        }
        assert!(a.alloc(layout(1, 1 << 62)).is_null());
    });
}

#[test]
fn c8_alignments_above_a_page_are_honoured() {
    each(|a| unsafe {
        for bit in 12..=24 {
            for size in [1, 1000, 100_000] {
                let layout = layout(size, 1 << bit);
                let block = a.alloc(layout);
                assert!(!block.is_null(), "{layout:?}");
                assert_aligned(block, layout);
                fill(block, size, bit);
                assert_filled(block, size, bit);
                a.dealloc(block, layout);
            }
        }
    });
}

#[test]
fn t10_a_block_goes_back_with_any_size_that_fits() {
    grow_up();
    let asked = layout(100, 8);
    let block = Mete.allocate(asked).unwrap();
    let given = unsafe { block.as_ref() }.len();
    assert_eq!(104, given, "classes are 8 bytes apart");
    for size in asked.size()..=given {
        unsafe {
            let block = Mete.alloc(asked);
            fill(block, given, 0);
            Mete.dealloc(block, layout(size, 8));
        }
    }
    unsafe { Mete.deallocate(block.cast(), asked) };
}

/// The end of a thread runs destructors of its own, before and after the allocator's.
#[test]
fn blocks_come_and_go_while_a_thread_ends() {
    struct AtTheEnd(Vec<String>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let copy: Vec<String> = self.0.iter().map(|text| text.repeat(1000)).collect();
            ENDED.fetch_add(copy.iter().map(String::len).sum(), Ordering::Relaxed);
        }
    }
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static LAST: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) });

    for _ in 0..100 {
        let thread = std::thread::spawn(|| {
            let texts = (0..10).map(|i| i.to_string()).collect();
            LAST.with(|last| *last.borrow_mut() = Some(AtTheEnd(texts)));
        });
        thread.join().unwrap();
    }
    assert_eq!(100 * 10 * 1000, ENDED.load(Ordering::Relaxed));
}

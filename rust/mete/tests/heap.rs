//! Heaps of one's own.

mod support;

use std::alloc::{GlobalAlloc, Layout};
use std::hint::spin_loop;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mete::{AllocError, HeapOptions, HeapStatistics, Mete, MeteHeap};
use support::{assert_filled, fill, layout, parts};

#[global_allocator]
static GLOBAL: MeteHeap = MeteHeap::new(HeapOptions::new().name("program"));

#[test]
fn c2_a_static_heap_serves_the_program() {
    let block = vec![1u8; 1000];
    assert!(GLOBAL.owns(block.as_ptr()));
    assert!(GLOBAL.statistics().in_use >= 1000);
}

#[test]
fn a_limit_holds_and_comes_free_again() {
    let heap = MeteHeap::new(HeapOptions::new().limit(1 << 20));
    let block = layout(64 << 10, 8);
    let mut blocks = Vec::new();
    while let Ok(block) = heap.allocate(block) {
        blocks.push(block.cast());
    }
    assert_eq!(16, blocks.len());
    assert_eq!(Err(AllocError), heap.allocate(layout(1, 1)));
    assert_eq!(1 << 20, heap.statistics().limit);
    unsafe { heap.deallocate(blocks.pop().unwrap(), block) };
    assert!(heap.allocate(block).is_ok());
}

#[test]
fn statistics_count_what_is_in_use() {
    let heap = MeteHeap::new(HeapOptions::new());
    assert_eq!(HeapStatistics::default(), heap.statistics());
    let layout = layout(100, 8);
    let (one, given) = parts(heap.allocate(layout).unwrap());
    let (two, _) = parts(heap.allocate(layout).unwrap());
    let now = heap.statistics();
    assert_eq!((2, 2 * given), (now.blocks, now.in_use));
    assert!(now.held >= now.in_use);
    unsafe {
        heap.deallocate(one, layout);
        Mete.deallocate(two, layout); // goes where it came from
    }
    let now = heap.statistics();
    assert_eq!((0, 0, 2 * given), (now.blocks, now.in_use, now.peak_in_use));
}

#[test]
fn owns_its_blocks_and_no_others() {
    let heap = MeteHeap::new(HeapOptions::new());
    let other = MeteHeap::new(HeapOptions::new());
    assert!(!heap.owns(&heap as *const MeteHeap), "not started");
    for size in [10, 100_000] {
        let block = heap.allocate(layout(size, 8)).unwrap().cast::<u8>();
        assert!(other.allocate(layout(size, 8)).is_ok());
        assert!(heap.owns(block.as_ptr()));
        assert!(!other.owns(block.as_ptr()));
    }
    assert!(!heap.owns(&heap as *const MeteHeap), "on the stack");
}

#[test]
fn m2_c4_reset_and_destroy_end_all_blocks() {
    let heap = MeteHeap::new(HeapOptions::new());
    for end in [MeteHeap::reset, MeteHeap::destroy] {
        for size in [10, 1000, 100_000] {
            for _ in 0..100 {
                let (block, given) = parts(heap.allocate(layout(size, 8)).unwrap());
                unsafe { fill(block.as_ptr(), given, size) };
            }
        }
        assert_eq!(300, heap.statistics().blocks);
        unsafe { end(&heap) };
        assert_eq!((0, 0), (heap.statistics().blocks, heap.statistics().in_use));
    }
    assert_eq!(0, heap.statistics().held, "destroyed");
    assert!(heap.allocate(layout(10, 8)).is_ok(), "and started again");
}

/// Address space of the process that its heap has mapped and not got free.
fn active() -> u64 {
    mete::statistics().active
}

#[test]
fn dropping_gives_everything_back() {
    let size = 64 << 20;
    let before = active();
    let heap = MeteHeap::new(HeapOptions::new().capacity(1 << 20));
    assert_eq!(Ok(()), heap.start());
    assert!(heap.statistics().held >= 1 << 20);
    assert!(heap.allocate(layout(size, 8)).is_ok());
    // Other tests run at the same time, with less.
    assert!(active() >= before + size as u64 / 4 * 3);
    drop(heap);
    assert!(active() < before + size as u64 / 2);
}

#[test]
fn x6_threads_that_come_first_together_get_one_heap() {
    for _ in 0..300 {
        let heap = MeteHeap::new(HeapOptions::new());
        let missing = AtomicUsize::new(2);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    missing.fetch_sub(1, Ordering::SeqCst);
                    while missing.load(Ordering::SeqCst) != 0 {
                        spin_loop();
                    }
                    let block = heap.allocate(layout(100, 8)).unwrap();
                    assert!(heap.owns(block.as_ptr()));
                });
            }
        });
        assert_eq!(2, heap.statistics().blocks);
    }
}

#[test]
fn batches_come_and_go_together() {
    let heap = MeteHeap::new(HeapOptions::new());
    let layout = layout(48, 16);
    let mut blocks = [null_mut(); 1000];
    for done in [
        heap.allocate_batch(layout, &mut blocks),
        Mete.allocate_batch(layout, &mut blocks),
    ] {
        assert_eq!(1000, done);
    }
    assert_eq!(
        1000,
        heap.statistics().blocks,
        "the second are of the process"
    );
    for (seed, &block) in blocks.iter().enumerate() {
        assert!(!heap.owns(block));
        unsafe { fill(block, 48, seed) };
    }
    for (seed, &block) in blocks.iter().enumerate() {
        unsafe { assert_filled(block, 48, seed) };
    }
    unsafe { Mete.deallocate_batch(&blocks, layout) };
    assert_eq!(500, heap.allocate_batch(layout, &mut blocks[..500]));
    assert_eq!(1500, heap.statistics().blocks);
    unsafe { heap.deallocate_batch(&blocks[..500], layout) };
    assert_eq!(1000, heap.statistics().blocks);
}

#[test]
fn batches_without_size_or_memory() {
    let heap = MeteHeap::new(HeapOptions::new().limit(10_000));
    let mut blocks = [null_mut(); 100];
    let done = heap.allocate_batch(layout(1000, 8), &mut blocks);
    assert!((8..=10).contains(&done), "{done}");
    assert!(blocks[done..].iter().all(|block| block.is_null()));
    assert_eq!(0, Mete.allocate_batch(layout(1 << 46, 8), &mut blocks));
    let none = layout(0, 64);
    assert_eq!(100, heap.allocate_batch(none, &mut blocks));
    assert!(blocks.iter().all(|&block| block as usize == 64));
    unsafe { heap.deallocate_batch(&blocks, none) };
    assert_eq!(100, Mete.allocate_batch(none, &mut blocks));
    unsafe { Mete.deallocate_batch(&blocks, none) };
}

#[test]
fn g5_realloc_stops_at_the_limit() {
    let heap = MeteHeap::new(HeapOptions::new().limit(100_000));
    let old = Layout::new::<[u8; 1000]>();
    unsafe {
        let block = heap.alloc(old);
        fill(block, 1000, 1);
        assert!(heap.realloc(block, old, 200_000).is_null());
        assert_filled(block, 1000, 1);
        let block = heap.realloc(block, old, 50_000);
        assert!(heap.owns(block));
        assert_filled(block, 1000, 1);
    }
}

/// `shrink_to_fit` ends a program where this is null.
#[test]
fn g5_g8_realloc_to_less_needs_no_memory() {
    let heap = MeteHeap::new(HeapOptions::new().limit(40_960));
    let (old, new) = (layout(30_000, 8), layout(12_000, 8));
    unsafe {
        let block = heap.alloc(old);
        fill(block, 30_000, 3);
        assert!(heap.alloc(new).is_null(), "or this tests nothing");
        assert_eq!(block, heap.realloc(block, old, 12_000));
        assert_filled(block, 12_000, 3);
        heap.dealloc(block, new);
    }
    assert_eq!(0, heap.statistics().in_use);
}

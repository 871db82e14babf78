//! The life of an `MspaceAlloc`: made late, once, and again after its end.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Barrier;
use std::thread;

use mete_dlmalloc::{raw, MspaceAlloc};

const SMALL: Layout = Layout::new::<[u64; 8]>();

#[test]
fn c2_made_by_the_first_allocation() {
    static SPACE: MspaceAlloc = MspaceAlloc::new(5 << 20);
    assert_eq!(SPACE.as_raw(), null_mut());
    let block = unsafe { SPACE.alloc(SMALL) };
    let space = SPACE.as_raw();
    assert!(!space.is_null() && !block.is_null());
    let footprint = unsafe { raw::mspace_footprint(space) };
    assert!(footprint >= 5 << 20, "{footprint}");
    // The capacity is there: as much in small blocks needs no more.
    for _ in 0..(5 << 20) / 80 {
        assert!(!unsafe { SPACE.alloc(SMALL) }.is_null());
    }
    assert_eq!(unsafe { raw::mspace_footprint(space) }, footprint);
    unsafe { SPACE.destroy() };
}

#[test]
fn c2_c9_without_capacity_it_begins_with_the_granularity() {
    let allocator = MspaceAlloc::new(0);
    unsafe { allocator.alloc(SMALL) };
    assert_eq!(
        unsafe { raw::mspace_footprint(allocator.as_raw()) },
        2 << 20
    );
    unsafe { allocator.destroy() };
}

#[test]
fn c2_no_memory_for_the_mspace_is_null() {
    let allocator = MspaceAlloc::new(usize::MAX / 2);
    for _ in 0..2 {
        assert_eq!(unsafe { allocator.alloc(SMALL) }, null_mut());
        assert_eq!(unsafe { allocator.alloc_zeroed(SMALL) }, null_mut());
        assert_eq!(
            unsafe { allocator.alloc(SMALL.align_to(4096).unwrap()) },
            null_mut()
        );
        assert_eq!(allocator.as_raw(), null_mut());
    }
    unsafe { allocator.destroy() };
}

#[test]
fn c4_x15_destroyed_in_one_shot_and_made_again() {
    static SPACE: MspaceAlloc = MspaceAlloc::new(0);
    unsafe { SPACE.destroy() }; // there is none
    for round in 0..50u64 {
        for size in [1, 100, 10_000, 1 << 20] {
            let layout = Layout::from_size_align(size, 8).unwrap();
            let block = unsafe { SPACE.alloc(layout) };
            assert!(!block.is_null());
            unsafe { block.write_bytes(round as u8, size) };
        }
        let info = unsafe { raw::mspace_mallinfo(SPACE.as_raw()) };
        // Of this mspace alone: nothing of the rounds before is in it.
        assert_eq!(info.hblks, 1, "{info:?}");
        assert!(info.uordblks < 3 << 20, "{info:?}");
        unsafe { SPACE.destroy() };
        assert_eq!(SPACE.as_raw(), null_mut());
    }
}

#[test]
fn c4_all_memory_goes_back() {
    let mapped = || {
        let maps = std::fs::read_to_string("/proc/self/statm").unwrap();
        maps.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096
    };
    let allocator = MspaceAlloc::new(64 << 20);
    let before = mapped();
    for _ in 0..100 {
        let large = Layout::from_size_align(8 << 20, 64).unwrap();
        assert!(!unsafe { allocator.alloc(large) }.is_null());
        unsafe { allocator.destroy() };
    }
    let more = mapped().saturating_sub(before);
    assert!(more < 2 << 30, "{more} bytes are still mapped"); // 7 GiB if they leaked
}

const THREADS: usize = 16;

/// The first allocations of 16 threads in each space at the same moment: the handles that they see
/// then, and their blocks. Nothing is checked here, since a thread that ends lets the others wait.
fn race(spaces: &[MspaceAlloc]) -> Vec<Vec<(usize, usize)>> {
    let barrier = Barrier::new(THREADS);
    let one = |space: &MspaceAlloc| {
        barrier.wait();
        let block = unsafe { space.alloc(SMALL) };
        (space.as_raw() as usize, block as usize)
    };
    thread::scope(|scope| {
        let of_all = || spaces.iter().map(one).collect();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(of_all)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().unwrap();
        threads.into_iter().map(join).collect()
    })
}

#[test]
fn x6_x15_racing_first_allocations_get_the_same_mspace() {
    #[allow(clippy::declare_interior_mutable_const)] // each element is a new one
    const FRESH: MspaceAlloc = MspaceAlloc::new(0);
    static SPACES: [MspaceAlloc; 300] = [FRESH; 300];
    // The second time after their end.
    for _ in 0..2 {
        let seen = race(&SPACES);
        for (i, space) in SPACES.iter().enumerate() {
            let handle = space.as_raw();
            assert!(!handle.is_null());
            assert!(seen.iter().all(|of_one| of_one[i].0 == handle as usize));
            // All blocks are of that mspace, and there are as many as were asked for.
            let mut blocks: Vec<_> = seen
                .iter()
                .map(|of_one| of_one[i].1 as *mut c_void)
                .collect();
            blocks.sort_unstable();
            blocks.dedup();
            assert_eq!(blocks.len(), THREADS);
            assert!(!blocks[0].is_null());
            let foreign = unsafe { raw::mspace_bulk_free(handle, blocks.as_mut_ptr(), THREADS) };
            assert_eq!(foreign, 0);
            assert_eq!(unsafe { raw::mspace_mallinfo(handle) }.uordblks, 0);
            unsafe { space.destroy() };
        }
    }
}

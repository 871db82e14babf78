//! Every function of `raw`, by its requirement. The functions on the space of the program look at
//! numbers of the whole program, so those tests wait for each other.
#![deny(unsafe_op_in_unsafe_fn)]

use std::ffi::{c_void, CStr};
use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard};

use mete_dlmalloc::raw::*;

/// The space of the program, for one test at a time. A test that fails says nothing about the next.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

unsafe fn bytes<'a>(block: *mut c_void, count: usize) -> &'a mut [u8] {
    assert!(!block.is_null());
    unsafe { std::slice::from_raw_parts_mut(block.cast(), count) }
}

/// What a walk over a space finds: pieces in use, and the bytes of them.
unsafe extern "C" fn add(start: *mut c_void, end: *mut c_void, used: usize, found: *mut c_void) {
    assert!((end as usize) > start as usize && used <= end as usize - start as usize);
    let found = unsafe { &mut *found.cast::<(usize, usize)>() };
    if used != 0 {
        *found = (found.0 + 1, found.1 + used);
    }
}

#[test]
fn d1_to_d5_blocks() {
    let _alone = alone();
    unsafe {
        let empty = dlmalloc(0);
        assert!(!empty.is_null());
        dlfree(empty);
        dlfree(null_mut());
        assert!(dlmalloc(usize::MAX).is_null());

        let zeroed = dlcalloc(100, 3);
        assert!(bytes(zeroed, 300).iter().all(|byte| *byte == 0));
        assert!(dlcalloc(usize::MAX / 2, 3).is_null());

        bytes(zeroed, 300).fill(7);
        let longer = dlrealloc(zeroed, 400_000);
        assert!(bytes(longer, 300).iter().all(|byte| *byte == 7));
        assert!(dlrealloc(longer, usize::MAX).is_null());
        assert_eq!(dlrealloc_in_place(longer, 300_000), longer);
        assert!(dlrealloc_in_place(longer, 1 << 30).is_null());
        let shorter = dlrealloc(longer, 10);
        assert_eq!(bytes(shorter, 10), [7; 10]);
        dlfree(shorter);
        dlfree(dlrealloc(null_mut(), 10));
    }
}

#[test]
fn d6_d7_d8_alignment() {
    let _alone = alone();
    unsafe {
        let odd = dlmemalign(100, 10);
        assert_eq!(odd as usize % 128, 0);
        let mut block = 1 as *mut c_void;
        assert_eq!(dlposix_memalign(&mut block, 3, 10), 22);
        assert_eq!(dlposix_memalign(&mut block, 64, usize::MAX), 12);
        assert_eq!(block as usize, 1);
        assert_eq!(dlposix_memalign(&mut block, 1024, 10), 0);
        assert_eq!(block as usize % 1024, 0);
        let page = dlvalloc(10);
        let pages = dlpvalloc(4097);
        assert_eq!((page as usize % 4096, pages as usize % 4096), (0, 0));
        assert!(dlmalloc_usable_size(pages) >= 8192);
        [odd, block, page, pages]
            .into_iter()
            .for_each(|block| dlfree(block));
    }
}

#[test]
fn d9_c9_options() {
    let _alone = alone();
    unsafe {
        assert_eq!(dlmallopt(M_GRANULARITY, 128 << 10), 1);
        let space = create_mspace(0, 1);
        assert_eq!(mspace_footprint(space), 128 << 10);
        destroy_mspace(space);
        for wrong in [0, 1000, 2048, 3 << 20] {
            assert_eq!(dlmallopt(M_GRANULARITY, wrong), 0, "{wrong}");
        }
        assert_eq!(mspace_mallopt(M_GRANULARITY, 2 << 20), 1);

        let blocks_alone = || dlmallinfo().hblks;
        let before = blocks_alone();
        assert_eq!(dlmallopt(M_MMAP_THRESHOLD, 10_000), 1);
        let block = dlmalloc(10_000);
        assert_eq!(blocks_alone(), before + 1);
        assert_eq!(dlmallopt(M_MMAP_THRESHOLD, 256 << 10), 1);
        dlfree(block);
        assert_eq!(blocks_alone(), before);
        assert_eq!(dlmallopt(M_TRIM_THRESHOLD, -1), 1);
        assert_eq!(dlmallopt(M_TRIM_THRESHOLD, 2 << 20), 1);
        assert_eq!(dlmallopt(1, 1), 0);
    }
}

#[test]
fn m_proceed_on_error_counts() {
    let _alone = alone();
    unsafe {
        let block = dlmalloc(10);
        let guard = dlmalloc(10);
        assert_eq!(dlmallopt(M_PROCEED_ON_ERROR, 1), 1);
        let before = dlmalloc_error_count();
        dlfree(block);
        dlfree(block);
        assert_eq!(dlmalloc_error_count(), before + 1);
        assert_eq!(dlmallopt(M_PROCEED_ON_ERROR, 0), 1);
        dlfree(guard);
    }
}

#[test]
fn d10_to_d15_d20_numbers() {
    let _alone = alone();
    unsafe {
        let block = dlmalloc(1000);
        let large = dlmalloc(1 << 20);
        let info = dlmallinfo();
        let footprint = dlmalloc_footprint();
        assert_eq!(footprint, info.arena + info.hblkhd);
        assert!(info.hblks == 1 && info.hblkhd > 1 << 20, "{info:?}");
        assert!(info.uordblks > 1000 + (1 << 20), "{info:?}");
        assert!(dlmalloc_max_footprint() >= footprint && info.usmblks >= footprint);
        dlfree(large);

        assert_eq!(dlmalloc_footprint_limit(), usize::MAX);
        // As much as there is, in steps of a page (X8).
        assert_eq!(dlmalloc_set_footprint_limit(1), 4096);
        assert_eq!(dlmalloc_set_footprint_limit(0), 0);
        assert!(dlmalloc(1 << 28).is_null());
        assert_eq!(dlmalloc_set_footprint_limit(usize::MAX), usize::MAX);

        let mut found = (0usize, 0usize);
        dlmalloc_inspect_all(add, &mut found as *mut _ as *mut c_void);
        assert!(found.0 >= 1 && found.1 >= 1000, "{found:?}");
        dlmalloc_stats();
        dlfree(block);
    }
}

#[test]
fn d16_d17_d18_many_at_once() {
    let _alone = alone();
    unsafe {
        let mut blocks = [null_mut(); 10];
        assert_eq!(
            dlindependent_calloc(10, 40, blocks.as_mut_ptr()),
            blocks.as_mut_ptr()
        );
        for block in blocks {
            assert_eq!(bytes(block, 40), [0; 40]);
        }
        assert_eq!(dlbulk_free(blocks.as_mut_ptr(), 10), 0);
        assert_eq!(blocks, [null_mut(); 10]);
        assert!(dlindependent_calloc(usize::MAX / 8, 16, null_mut()).is_null()); // X10

        let sizes = [10usize, 2000, 30];
        let array = dlindependent_comalloc(3, sizes.as_ptr(), null_mut());
        assert!(!array.is_null());
        for (i, size) in sizes.into_iter().enumerate() {
            bytes(*array.add(i), size).fill(1);
        }
        assert_eq!(dlbulk_free(array, 3), 0);
        dlfree(array.cast());
    }
}

#[test]
fn d19_d21_trim_and_usable_size() {
    let _alone = alone();
    unsafe {
        dlmallopt(M_TRIM_THRESHOLD, -1);
        let blocks: Vec<_> = (0..100).map(|_| dlmalloc(200 << 10)).collect();
        assert!(dlmalloc_usable_size(blocks[0]) >= 200 << 10);
        assert_eq!(dlmalloc_usable_size(null()), 0);
        blocks.into_iter().for_each(|block| dlfree(block));
        let before = dlmalloc_footprint();
        assert_eq!(dlmalloc_trim(usize::MAX), 0);
        assert_eq!(dlmalloc_trim(0), 1);
        assert!(dlmalloc_footprint() < before);
        dlmallopt(M_TRIM_THRESHOLD, 2 << 20);
    }
}

#[test]
fn m1_to_m5_a_space_of_its_own() {
    let _alone = alone(); // what destroy_mspace returns depends on the granularity
    unsafe {
        let space = create_mspace(100_000, 1);
        assert_eq!(mspace_track_large_chunks(space, 1), 0);
        let large = mspace_malloc(space, 1 << 20);
        assert_eq!(mspace_mallinfo(space).hblks, 0);
        assert_eq!(mspace_track_large_chunks(space, 0), 1);
        mspace_free(space, large);

        let zeroed = mspace_calloc(space, 10, 10);
        assert_eq!(bytes(zeroed, 100), [0; 100]);
        bytes(zeroed, 100).fill(3);
        let longer = mspace_realloc(space, zeroed, 100_000);
        assert_eq!(bytes(longer, 100), [3; 100]);
        assert_eq!(mspace_realloc_in_place(space, longer, 50), longer);
        assert!(mspace_usable_size(longer) >= 50);
        let aligned = mspace_memalign(space, 4096, 100);
        assert_eq!(aligned as usize % 4096, 0);
        let footprint = mspace_footprint(space);
        assert_eq!(destroy_mspace(space), footprint);

        let mut base = vec![0u64; 8 << 10];
        let size = 8 * base.len();
        assert!(create_mspace_with_base(base.as_mut_ptr().cast(), 100, 0).is_null());
        let space = create_mspace_with_base(base.as_mut_ptr().cast(), size, 0);
        let block = mspace_malloc(space, 1000) as usize;
        let start = base.as_ptr() as usize;
        assert!((start..start + size).contains(&block));
        assert_eq!(destroy_mspace(space), 0);
        assert!(create_mspace(usize::MAX, 0).is_null());
    }
}

#[test]
fn m6_m7_m8_x2_x3_x4_the_rest_in_a_space() {
    let _alone = alone();
    unsafe {
        let space = create_mspace(0, 1);
        let mut blocks = [null_mut(); 5];
        assert!(!mspace_independent_calloc(space, 5, 100, blocks.as_mut_ptr()).is_null());
        assert_eq!(bytes(blocks[4], 100), [0; 100]);
        assert_eq!(mspace_bulk_free(space, blocks.as_mut_ptr(), 5), 0);
        let sizes = [1usize, 2, 3, 4, 5000];
        let array = mspace_independent_comalloc(space, 5, sizes.as_ptr(), blocks.as_mut_ptr());
        assert_eq!(array, blocks.as_mut_ptr());
        bytes(blocks[4], 5000).fill(1);
        let of_another = dlmalloc(10);
        let mut mixed = [blocks[0], of_another, null_mut()];
        assert_eq!(mspace_bulk_free(space, mixed.as_mut_ptr(), 3), 1);
        assert_eq!(mixed, [null_mut(), of_another, null_mut()]);
        dlfree(of_another);

        let mut found = (0usize, 0usize);
        mspace_inspect_all(space, add, &mut found as *mut _ as *mut c_void);
        assert!(found.0 == 4 && found.1 >= 5009, "{found:?}");
        let info = mspace_mallinfo(space);
        assert!(info.uordblks >= 5009 && info.uordblks < 10_000, "{info:?}");
        assert_eq!(mspace_footprint(space), mspace_max_footprint(space));
        assert_eq!(mspace_footprint_limit(space), usize::MAX);
        assert_eq!(mspace_set_footprint_limit(space, 5000), 8192);
        assert!(mspace_malloc(space, 16 << 20).is_null());
        assert_eq!(mspace_footprint_limit(space), 8192);
        assert_eq!(mspace_set_footprint_limit(space, usize::MAX), usize::MAX);
        let blocks: Vec<_> = (0..20).map(|_| mspace_malloc(space, 250_000)).collect();
        mspace_mallopt(M_TRIM_THRESHOLD, -1);
        blocks
            .into_iter()
            .for_each(|block| mspace_free(space, block));
        assert_eq!(mspace_trim(space, 0), 1);
        mspace_mallopt(M_TRIM_THRESHOLD, 2 << 20);
        mspace_malloc_stats(space);
        destroy_mspace(space);
    }
}

#[test]
fn c18_the_port_keeps_to_its_rules() {
    let _alone = alone(); // it takes memory by the granularity, which another test sets
    let fault = unsafe { port_selftest() };
    assert!(fault.is_null(), "{:?}", unsafe {
        CStr::from_ptr(fault.cast())
    });
    let (mut lock, mut counter) = (null_mut::<c_void>(), 0usize);
    let (lock_at, counter_at) = (
        &mut lock as *mut _ as usize,
        &mut counter as *mut _ as usize,
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || unsafe {
                port_selftest_exclusion(lock_at as *mut _, counter_at as *mut _, 50_000)
            });
        }
    });
    assert_eq!(counter, 200_000);
    unsafe {
        acquire_lock(&mut lock);
        assert!(!lock.is_null());
        release_lock(&mut lock);
    }
}

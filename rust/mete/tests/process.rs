//! The heap of the process as a whole: numbers, options, memory given back and reused.

mod support;

use std::alloc::GlobalAlloc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use mete::{option, set_option, statistics, trim, Mete, ProcessOption};
use support::{fill, is_child, layout, run_child};

#[global_allocator]
static GLOBAL: Mete = Mete;

/// Tests of one process run at the same time; these are about all of it.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn statistics_move() {
    let _alone = alone();
    let before = statistics();
    assert!(before.allocated <= before.active && before.active <= before.mapped);
    let size = 100 << 20;
    let block = layout(size, 8);
    let held = unsafe { Mete.alloc(block) };
    let now = statistics();
    let moved = size as u64 - (1 << 20); // the harness gives back at the same time
    assert!(now.allocated >= before.allocated + moved);
    assert!(now.active >= before.active + moved);
    assert!(now.peak_active >= now.active);
    assert!(now.large_allocated > before.large_allocated);
    unsafe { Mete.dealloc(held, block) };
    assert!(statistics().active <= now.active - moved);
    thread::spawn(|| drop(vec![0u8; 100])).join().unwrap();
    let then = statistics();
    assert!(then.threads_started > before.threads_started && then.heaps >= 2);
}

#[test]
fn trim_gives_memory_back() {
    let _alone = alone();
    let block = layout(100 << 20, 8);
    set_option(ProcessOption::RetainKib, 1 << 20);
    let held = unsafe { Mete.alloc(block) };
    unsafe {
        fill(held, 100 << 20, 1);
        Mete.dealloc(held, block);
    }
    let before = statistics();
    assert!(before.retained >= 50 << 20, "or this tests nothing");
    assert!(trim(0));
    let now = statistics();
    assert!(now.retained < 50 << 20);
    assert!(now.purged > before.purged && now.purge_calls > before.purge_calls);
}

#[test]
fn options_have_ranges() {
    let _alone = alone();
    assert!(set_option(ProcessOption::PurgeIntervalMs, 500));
    assert!(!set_option(ProcessOption::PurgeIntervalMs, 9));
    assert_eq!(500, option(ProcessOption::PurgeIntervalMs));
    assert!(!set_option(ProcessOption::HugePages, -1));
    assert_eq!(0, option(ProcessOption::HugePages));
}

#[test]
fn options_come_from_the_environment() {
    let _alone = alone();
    let test = "options_come_from_the_environment";
    const ALL: [(ProcessOption, &str, &str); 7] = [
        (ProcessOption::RetainKib, "METE_RETAIN_KIB", "11"),
        (ProcessOption::RetainPercent, "METE_RETAIN_PERCENT", "12"),
        (ProcessOption::PurgeRate, "METE_PURGE_RATE", "13"),
        (
            ProcessOption::PurgeIntervalMs,
            "METE_PURGE_INTERVAL_MS",
            "14",
        ),
        (ProcessOption::HugePages, "METE_HUGE_PAGES", "1"),
        (ProcessOption::LimitMib, "METE_LIMIT_MIB", "1024"),
        (ProcessOption::Stats, "METE_STATS", "1"),
    ];
    if is_child() {
        for (which, name, value) in ALL {
            assert_eq!(value, option(which).to_string(), "{name}");
        }
        assert!(Vec::<u8>::new().try_reserve(2 << 30).is_err(), "the limit");
        return;
    }
    let variables: Vec<_> = ALL.iter().map(|&(_, name, value)| (name, value)).collect();
    let output = run_child(test, &variables);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("mete: in use "), "the summary: {stderr}");
    let output = run_child(test, &[("METE_STATS", "2")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let line = "mete: METE_STATS=2 ignored: expected an integer from 0 to 1, using 0\n";
    assert!(stderr.contains(line), "{stderr}");
}

/// Pages of the process that are resident.
fn resident_pages() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn g3_x13_fresh_memory_is_not_cleared_again() {
    let _alone = alone();
    for align in [1, 64, 4096, 1 << 20] {
        let layout = layout(256 << 20, align);
        mete::trim(0); // what came back is taken for written to
        let before = resident_pages();
        let block = unsafe { Mete.alloc_zeroed(layout) };
        assert!(!block.is_null());
        let pages = resident_pages().saturating_sub(before);
        assert!(pages < 8192, "{pages} of 65536 pages were touched: {align}");
        unsafe { Mete.dealloc(block, layout) };
    }
}

#[test]
fn g4_large_blocks_grow_in_place_into_free_pages() {
    let _alone = alone();
    for align in [8, 4096] {
        let old = layout(100 << 20, align);
        let new_size = 150 << 20;
        unsafe {
            // Free pages behind the block: of one that was as large as it will be.
            let room = Mete.alloc(layout(400 << 20, align));
            Mete.dealloc(room, layout(400 << 20, align));
            let block = Mete.alloc(old);
            assert_eq!(block, Mete.realloc(block, old, new_size), "{align}");
            Mete.dealloc(block, layout(new_size, align));
        }
    }
}

#[test]
fn g5_g8_realloc_to_less_needs_no_memory() {
    let _alone = alone();
    let test = "g5_g8_realloc_to_less_needs_no_memory";
    if is_child() {
        let (old, new) = (layout(30_000, 8), layout(12_000, 8));
        unsafe {
            let block = Mete.alloc(old);
            fill(block, 30_000, 3);
            while !Mete.alloc(old).is_null() {}
            while !Mete.alloc(new).is_null() {}
            assert_eq!(block, Mete.realloc(block, old, 12_000));
            support::assert_filled(block, 12_000, 3);
            let block = mete::allocator_abi::__rust_reallocate(block, 12_000, 5_000, 8);
            support::assert_filled(block, 5_000, 3);
        }
        std::process::exit(0); // there is no memory for a report
    }
    let output = run_child(test, &[("METE_LIMIT_MIB", "64")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

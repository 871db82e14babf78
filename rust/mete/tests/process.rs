//! The heap of the process as a whole: numbers, options, memory given back.

mod support;

use std::alloc::GlobalAlloc;
use std::thread;

use mete::{option, set_option, statistics, trim, Mete, ProcessOption};
use support::{fill, is_child, layout, run_child};

#[global_allocator]
static GLOBAL: Mete = Mete;

#[test]
fn statistics_move() {
    let before = statistics();
    assert!(before.allocated <= before.active && before.active <= before.mapped);
    let size = 100 << 20;
    let block = layout(size, 8);
    let held = unsafe { Mete.alloc(block) };
    let now = statistics();
    let moved = size as u64 / 2; // other tests give back at the same time
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
    assert!(set_option(ProcessOption::PurgeIntervalMs, 500));
    assert!(!set_option(ProcessOption::PurgeIntervalMs, 9));
    assert_eq!(500, option(ProcessOption::PurgeIntervalMs));
    assert!(!set_option(ProcessOption::HugePages, -1));
    assert_eq!(0, option(ProcessOption::HugePages));
}

#[test]
fn options_come_from_the_environment() {
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

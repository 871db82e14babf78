//! A program of ordinary size on mete: parser, maps, strings, threads, channels.

#[path = "../../workload/workload.rs"]
mod workload;

#[global_allocator]
static GLOBAL: mete::Mete = mete::Mete;

#[test]
fn a_program_runs_the_same_each_time() {
    let first = workload::run(4, 40);
    assert!(first > 10_000, "{first} words");
    let allocated = mete::statistics().allocated;
    assert_eq!(first, workload::run(4, 40));
    let now = mete::statistics().allocated;
    assert!(now < allocated + (4 << 20), "{allocated} bytes, then {now}");
}

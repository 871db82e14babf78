//! What the heap of the process can tell, and be told.

use crate::engine;

/// Numbers of the whole process, in bytes unless said otherwise. Blocks that other threads hold ready
/// are counted as they were a moment ago.
///
/// `allocated <= active <= mapped`; `retained` and `metadata` are the part of `mapped` that serves no
/// block.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Blocks in the program's hands, rounded up to their size class or to pages.
    pub allocated: u64,
    /// Pages of slabs and large blocks.
    pub active: u64,
    /// Address space taken from the system, metadata included.
    pub mapped: u64,
    /// Free pages that still have memory.
    pub retained: u64,
    /// Address space of tables; most of it has no memory.
    pub metadata: u64,
    /// The most of `active`.
    pub peak_active: u64,
    /// Given back to the system, each time counted.
    pub purged: u64,
    /// System calls that did it.
    pub purge_calls: u64,
    /// Threads that have allocated.
    pub threads_started: u64,
    /// Of these, the most at one time.
    pub threads_peak: u64,
    /// Heaps that there have been; ended threads leave theirs to new ones.
    pub heaps: u64,
    /// Blocks above the last size class.
    pub large_allocated: u64,
    /// Slabs taken from the pages.
    pub slabs_opened: u64,
    /// Ranges of addresses taken from the system.
    pub ranges: u64,
    /// Batches of blocks handed to the thread that owns them.
    pub remote_batches: u64,
    /// Times a heap gave what it had cached back to its slabs before it grew.
    pub drains: u64,
    /// Large blocks that grew by moving page tables in place of copying.
    pub moves: u64,
}

/// The numbers of this moment. Any thread; it takes the lock of each heap for a moment.
pub fn statistics() -> Statistics {
    let mut now = Statistics::default();
    // SAFETY: there is room for the numbers.
    unsafe { engine::mete_rust_statistics(&mut now) };
    now
}

/// Gives free memory of the process back to the system, all but `keep` bytes. Returns whether there
/// was any. Without it, free memory goes back bit by bit. Any thread.
pub fn trim(keep: usize) -> bool {
    // SAFETY: any number may be kept.
    unsafe { engine::mete_rust_trim(keep) }
}

/// The options of the process, in the order of `mete/options.hpp`. Each is read from the environment
/// variable that it names when the process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcessOption {
    /// `METE_RETAIN_KIB`: free dirty memory that is always kept.
    RetainKib,
    /// `METE_RETAIN_PERCENT`: further free dirty memory kept, of what is in use.
    RetainPercent,
    /// `METE_PURGE_RATE`: MiB per second that are purged at once beyond the first time, at most.
    PurgeRate,
    /// `METE_PURGE_INTERVAL_MS`: milliseconds between two looks at what can be purged.
    PurgeIntervalMs,
    /// `METE_HUGE_PAGES`: 1 asks the system for huge pages where they fit.
    HugePages,
    /// `METE_LIMIT_MIB`: MiB of address space for blocks, at most; 0: no limit.
    LimitMib,
    /// `METE_STATS`: 1 prints a summary on stderr when the program exits.
    Stats,
}

/// The value that an option has now.
pub fn option(which: ProcessOption) -> i64 {
    // SAFETY: any number may be asked about.
    unsafe { engine::mete_rust_option(which as usize) }
}

/// Changes an option from now on. Returns false, and changes nothing, if the value is out of its
/// range. Any thread.
pub fn set_option(which: ProcessOption, value: i64) -> bool {
    // SAFETY: any number may be tried.
    unsafe { engine::mete_rust_set_option(which as usize, value) }
}

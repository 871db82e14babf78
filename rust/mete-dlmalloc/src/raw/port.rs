//! Functions of `mete/port.h`: the locks of a port, and trying one that is being written.

use core::ffi::c_void;

extern "C" {
    /// Waits until the lock is free, and has it then (C18). A word of zero is a free lock.
    ///
    /// # Safety
    ///
    /// `lock` is a word that is only used as a lock, and not held by this thread.
    pub fn acquire_lock(lock: *mut *mut c_void);
    /// Lets go of a lock (C18).
    ///
    /// # Safety
    ///
    /// This thread has the lock.
    pub fn release_lock(lock: *mut *mut c_void);

    /// Tries whether the port of the program keeps to `mete/port.h`. Returns: null if so, otherwise a
    /// text in ASCII, ended by a zero byte, that names the function and the rule it breaks.
    ///
    /// # Safety
    ///
    /// For a test program: a port that breaks a rule may do anything. No other thread calls a function
    /// of this crate.
    pub fn port_selftest() -> *const u8;
    /// Adds `rounds` to the counter, one by one under the lock, in several threads at the same time: in
    /// the end it is `rounds` times threads, or less if the lock let two of them in.
    ///
    /// # Safety
    ///
    /// Both point to words that nobody else uses, zero at first and the same for all threads.
    pub fn port_selftest_exclusion(lock: *mut *mut c_void, counter: *mut usize, rounds: usize);
}

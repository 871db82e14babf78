//! dlmalloc's interface on mete's best-fit engine: a global allocator for any platform.
//!
//! ```
//! use mete_dlmalloc::DLMalloc;
//!
//! #[global_allocator]
//! static GLOBAL: DLMalloc = DLMalloc;
//!
//! fn main() {
//!     assert_eq!(vec![7; 3].iter().sum::<i32>(), 21);
//! }
//! ```
//!
//! * [`DLMalloc`]: the space of the program.
//! * [`MspaceAlloc`]: a space of its own, with a capacity, that can end in one shot.
//! * [`raw`]: every function of `mete/dlmalloc.h`.
//!
//! Both allocators honour any alignment that a [`Layout`](core::alloc::Layout) can have (C8); what
//! needs no more than two words of it, a block has in any case. Sizes and alignments are in bytes.
//! All calls may come from any thread; no call unwinds (G7). The crate needs neither std nor a C
//! library (C10).
//!
//! # Memory, and a port of one's own
//!
//! Memory and locks come from a port of C functions. Without the feature `custom-port` it is mete's
//! for Linux, Windows, UEFI or WebAssembly. With it none of those is linked, and the program defines
//! these with `#[no_mangle] pub unsafe extern "C"` (C15 to C21; `mete/port.h` has their contract):
//!
//! ```text
//! fn custom_mmap(length: usize) -> *mut c_void           // usize::MAX as *mut c_void: no memory
//! fn custom_munmap(base: *mut c_void, length: usize) -> i32                    // 0, or -1: no
//! fn init_lock(lock: *mut *mut c_void)        // a word that is zero is a lock without this, too
//! fn final_lock(lock: *mut *mut c_void)       // not for locks that had no init_lock (C19)
//! fn acquire_lock(lock: *mut *mut c_void)
//! fn release_lock(lock: *mut *mut c_void)
//! fn custom_abort(message: *const c_char, source_file: *const c_char, line: u32) -> !
//! fn custom_direct_mmap(length: usize) -> *mut c_void    // optional, for one large block
//! fn custom_mmap_clears() -> i32                         // optional: that is zero if not 0
//! fn custom_no_memory()                                  // optional: a request is going to fail
//! ```
//!
//! `custom_abort` may panic: Rust ends the process where a panic leaves a function of C (since 1.81;
//! with an older one it must not). [`raw::port_selftest`] tries whether a port keeps to the contract.
//!
//! # Environment of the build
//!
//! * `DEFAULT_MMAP_GRANULARITY` (or `METE_DEFAULT_GRANULARITY`, which wins): how much memory the port
//!   is asked for at a time, a power of two, in decimal or with 0x; 2 MiB if not set (C9).
//! * `CXX`, `AR`, `CXXFLAGS`, each also for one target as in `CXX_aarch64_unknown_linux_gnu`; `CC` and
//!   `CFLAGS` where those are not set (C11). The compiler is GCC or Clang with C++20.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]
#![deny(missing_docs)]

mod dlmalloc;
mod functions;
mod mspace;
pub mod raw;

pub use dlmalloc::DLMalloc;
pub use mspace::MspaceAlloc;

/// The program in the README is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Every function of `mete/dlmalloc.h`, under its name in C (C6; D1 to D21, M1 to M8), and of
//! `mete/port.h` what is for those who write a port.
//!
//! Sizes and alignments are in bytes. Unless it says otherwise any thread may call any function, one
//! at a time is inside a space, and a function that returns a pointer returns null if there is no
//! memory. A block that is wrong (free already, of another space, of none) ends the program by the
//! port's `custom_abort`, unless [`M_PROCEED_ON_ERROR`] says otherwise.
//!
//! # Safety
//!
//! All are unsafe for the reason that C's `malloc` is: a pointer to a block is one that the same space
//! returned and that was not freed since, and nobody else is using the block while it is resized or
//! freed; a pointer to an array is one to as many elements as the call says.

mod dlmalloc;
mod mspace;
mod port;

use core::ffi::c_void;

pub use dlmalloc::*;
pub use mspace::*;
pub use port::*;

/// For [`dlmallopt`]: free bytes at which memory goes back to the port; 2 MiB at first, -1: never by
/// itself.
pub const M_TRIM_THRESHOLD: i32 = -1;
/// For [`dlmallopt`]: memory is asked for in multiples of it; a power of two of at least 4096, at
/// first as the build says.
pub const M_GRANULARITY: i32 = -2;
/// For [`dlmallopt`]: blocks of this size or more are mapped alone; 256 KiB at first (X11).
pub const M_MMAP_THRESHOLD: i32 = -3;
/// For [`dlmallopt`], of mete: not 0: mistakes are counted ([`dlmalloc_error_count`]) and the call does
/// nothing, instead of `custom_abort`.
pub const M_PROCEED_ON_ERROR: i32 = -4;

/// What [`dlmalloc_inspect_all`] calls for each piece of memory `start..end`. `used_bytes` is 0 if it is
/// free. The lock of the space is held: it must not call functions of the same space, nor unwind.
pub type DLInspectHandler = unsafe extern "C" fn(
    start: *mut c_void,
    end: *mut c_void,
    used_bytes: usize,
    argument: *mut c_void,
);

/// The state of a space (D15): `struct mallinfo_dl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MallInfo {
    /// Bytes from the port, but for those mapped alone.
    pub arena: usize,
    /// Free pieces.
    pub ordblks: usize,
    /// 0.
    pub smblks: usize,
    /// Blocks mapped alone (X11).
    pub hblks: usize,
    /// Bytes mapped alone.
    pub hblkhd: usize,
    /// Most bytes from the port so far.
    pub usmblks: usize,
    /// 0.
    pub fsmblks: usize,
    /// Bytes in use.
    pub uordblks: usize,
    /// Bytes free.
    pub fordblks: usize,
    /// Bytes that a trim would give back.
    pub keepcost: usize,
}

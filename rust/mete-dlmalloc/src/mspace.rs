//! An mspace as an allocator, made when it is first needed.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::functions::{self, Functions};
use crate::raw;

/// A space of its own: for an initial capacity above the granularity, or to end all its blocks at
/// once (C5).
///
/// ```
/// use mete_dlmalloc::MspaceAlloc;
///
/// #[global_allocator]
/// static GLOBAL: MspaceAlloc = MspaceAlloc::new(16 << 20);
///
/// # fn main() { assert_eq!(String::from("a") + "b", "ab"); }
/// ```
///
/// The mspace is made by the first allocation, with a lock. Threads whose first allocations race wait
/// for the one that makes it, and all get the same (X6). Fails with null, the first allocation also
/// if there is no memory for the mspace; the next one tries again. Dropping the value leaks the
/// mspace: [`destroy`](MspaceAlloc::destroy) is what ends it.
#[derive(Debug)]
pub struct MspaceAlloc {
    capacity: usize,
    /// Null: none yet, or none any more.
    space: AtomicPtr<c_void>,
    /// A lock of the port, held while an mspace is made. It is valid as it is (X9).
    lock: AtomicPtr<c_void>,
}

impl MspaceAlloc {
    /// An allocator whose mspace is made with room for `capacity` bytes of blocks and bookkeeping, and
    /// grows when they are used up; 0 is the default granularity (C2). Allocates nothing.
    pub const fn new(capacity: usize) -> MspaceAlloc {
        MspaceAlloc {
            capacity,
            space: AtomicPtr::new(null_mut()),
            lock: AtomicPtr::new(null_mut()),
        }
    }

    /// The mspace for the functions of [`raw`], null while there is none. Any thread may call.
    pub fn as_raw(&self) -> *mut c_void {
        // Acquire: pairs with the store in space_slow(); what the mspace was made of is seen.
        self.space.load(Ordering::Acquire)
    }

    /// Gives all memory of the mspace back to the port, whatever is in use in it (C4). Does nothing if
    /// there is none. An allocation that begins afterwards makes a new mspace, with the same capacity
    /// (X15).
    ///
    /// # Safety
    ///
    /// No block of this allocator is used any more, freed and resized included. No other thread is in a
    /// call on it from the beginning of this one to its end, but for a second `destroy`: it could have
    /// found the mspace that ends.
    pub unsafe fn destroy(&self) {
        // Nobody finds the mspace from here on: a second destroy ends nothing twice. AcqRel: acquire as
        // in as_raw(), release for whoever makes the next one.
        let space = self.space.swap(null_mut(), Ordering::AcqRel);
        if !space.is_null() {
            unsafe { raw::destroy_mspace(space) };
        }
    }

    /// The mspace, made if there is none; null if there is no memory for it.
    fn space(&self) -> *mut c_void {
        let space = self.as_raw();
        if space.is_null() {
            self.space_slow()
        } else {
            space
        }
    }

    #[cold]
    fn space_slow(&self) -> *mut c_void {
        let lock = &self.lock as *const AtomicPtr<c_void> as *mut *mut c_void;
        unsafe { raw::acquire_lock(lock) };
        let mut space = self.as_raw();
        if space.is_null() {
            space = unsafe { raw::create_mspace(self.capacity, 1) };
            // Release: pairs with the load in as_raw().
            self.space.store(space, Ordering::Release);
        }
        unsafe { raw::release_lock(lock) };
        space
    }

    /// `allocate` in the mspace; null if there is none to be had.
    fn in_space(&self, allocate: impl FnOnce(*mut c_void) -> *mut c_void) -> *mut c_void {
        match self.space() {
            space if space.is_null() => space,
            space => allocate(space),
        }
    }
}

unsafe impl GlobalAlloc for MspaceAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { functions::alloc(self, layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        unsafe { self.free(block.cast()) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { functions::alloc_zeroed(self, layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        unsafe { functions::realloc(self, block, layout, new_size) }
    }
}

// Where there is a block there is a space.
unsafe impl Functions for MspaceAlloc {
    unsafe fn malloc(&self, bytes: usize) -> *mut c_void {
        self.in_space(|space| unsafe { raw::mspace_malloc(space, bytes) })
    }
    unsafe fn calloc(&self, bytes: usize) -> *mut c_void {
        self.in_space(|space| unsafe { raw::mspace_calloc(space, 1, bytes) })
    }
    unsafe fn memalign(&self, align: usize, bytes: usize) -> *mut c_void {
        self.in_space(|space| unsafe { raw::mspace_memalign(space, align, bytes) })
    }
    unsafe fn realloc(&self, block: *mut c_void, bytes: usize) -> *mut c_void {
        unsafe { raw::mspace_realloc(self.as_raw(), block, bytes) }
    }
    unsafe fn realloc_in_place(&self, block: *mut c_void, bytes: usize) -> *mut c_void {
        unsafe { raw::mspace_realloc_in_place(self.as_raw(), block, bytes) }
    }
    unsafe fn free(&self, block: *mut c_void) {
        unsafe { raw::mspace_free(self.as_raw(), block) }
    }
}

//! An allocator for any piece of memory.

use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use crate::blocks::{AllocError, Engine};
use crate::engine;

/// Numbers of a [`Space`], in bytes unless said otherwise.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpaceStatistics {
    /// Blocks in the program's hands, with a word for each.
    pub in_use: usize,
    /// The most of it.
    pub peak_in_use: usize,
    /// All regions.
    pub footprint: usize,
    /// The most of it.
    pub peak_footprint: usize,
    /// Blocks in the program's hands: their number.
    pub blocks: usize,
    /// Pieces of memory that are no neighbours: their number.
    pub regions: usize,
}

/// A block or a free piece of a [`Space`].
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it starts.
    pub address: *mut u8,
    /// Its bytes, without the word before it.
    pub size: usize,
    /// Whether it is a block in the program's hands.
    pub in_use: bool,
}

impl Default for Piece {
    fn default() -> Piece {
        Piece {
            address: core::ptr::null_mut(),
            size: 0,
            in_use: false,
        }
    }
}

/// An allocator for any piece of memory: an array, a mapping, the memory of a device. Each operation
/// takes bounded time.
///
/// One thread at a time may use it. Its bookkeeping, at most [`Space::OVERHEAD`] bytes, lies at the
/// start of the memory, so the handle may move (T13). A block costs one word, and 32 bytes at least
/// (16 where pointers have 4 bytes). When the space ends the memory is the lender's again.
///
/// ```
/// use std::{alloc::Layout, mem::MaybeUninit};
/// let mut memory = [MaybeUninit::uninit(); 8 << 10];
/// let space = mete::Space::new(&mut memory).unwrap();
/// let block = space.allocate(Layout::new::<u64>()).unwrap().cast::<u64>();
/// unsafe {
///     block.as_ptr().write(42);
///     space.deallocate(block.cast(), Layout::new::<u64>());
/// }
/// assert_eq!(space.statistics().blocks, 0);
/// ```
///
/// Memory that is added later is lent for as long as the first:
///
/// ```compile_fail,E0597
/// # use std::mem::MaybeUninit;
/// let mut memory = [MaybeUninit::uninit(); 8 << 10];
/// let space = mete::Space::new(&mut memory).unwrap();
/// {
///     let mut shorter = [MaybeUninit::uninit(); 8 << 10];
///     space.add_region(&mut shorter).unwrap();
/// }
/// assert!(space.check());
/// ```
pub struct Space<'memory> {
    space: NonNull<engine::Space>,
    /// A cell: no shorter lifetime will do, or `add_region` would take memory that ends too early.
    memory: PhantomData<Cell<&'memory mut [MaybeUninit<u8>]>>,
}

// SAFETY: nothing in a space knows a thread. Not Sync: there is no lock in it.
unsafe impl Send for Space<'_> {}

impl<'memory> Space<'memory> {
    /// Bytes at the start of the memory that blocks cannot have, at most.
    pub const OVERHEAD: usize = 192 * core::mem::size_of::<usize>();

    /// A space on memory that is borrowed as long as it lives. The bytes are not looked at, and may be
    /// anything afterwards.
    ///
    /// # Errors
    /// The memory is too small: it needs [`Space::OVERHEAD`] bytes, and some for a block.
    pub fn new(memory: &'memory mut [MaybeUninit<u8>]) -> Result<Space<'memory>, AllocError> {
        // SAFETY: the memory is lent to nobody else.
        unsafe { Space::from_raw(memory.as_mut_ptr().cast(), memory.len()) }
    }

    /// A space on `bytes` bytes at `base`.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    ///
    /// # Safety
    /// Nobody else uses the memory as long as the space or a block of it is used.
    pub unsafe fn from_raw(base: *mut u8, bytes: usize) -> Result<Space<'memory>, AllocError> {
        // SAFETY: as the caller says.
        let space = unsafe { engine::mete_rust_space_new(base, bytes) };
        Ok(Space {
            space: NonNull::new(space).ok_or(AllocError)?,
            memory: PhantomData,
        })
    }

    /// Lets the space use one more piece of memory; joins it with a region that it touches.
    ///
    /// # Errors
    /// The memory is too small for a block.
    pub fn add_region(&self, memory: &'memory mut [MaybeUninit<u8>]) -> Result<(), AllocError> {
        // SAFETY: the memory is lent to nobody else.
        unsafe { self.add_region_from_raw(memory.as_mut_ptr().cast(), memory.len()) }
    }

    /// As [`add_region`](Self::add_region), of `bytes` bytes at `base`.
    ///
    /// # Errors
    /// The memory is too small for a block.
    ///
    /// # Safety
    /// As for [`from_raw`](Self::from_raw).
    pub unsafe fn add_region_from_raw(
        &self,
        base: *mut u8,
        bytes: usize,
    ) -> Result<(), AllocError> {
        // SAFETY: as the caller says.
        if unsafe { engine::mete_rust_space_add_region(self.space.as_ptr(), base, bytes) } {
            Ok(())
        } else {
            Err(AllocError)
        }
    }

    /// Ends all blocks at once; the regions stay.
    ///
    /// # Safety
    /// Nobody uses a block of this space later.
    pub unsafe fn reset(&self) {
        // SAFETY: as the caller says.
        unsafe { engine::mete_rust_space_reset(self.space.as_ptr()) }
    }

    /// No more than this many bytes of regions, from now on; 0: no limit. What there is stays.
    pub fn set_limit(&self, footprint: usize) {
        // SAFETY: the space lives.
        unsafe { engine::mete_rust_space_set_limit(self.space.as_ptr(), footprint) }
    }

    /// Whether the address lies in a region of this space.
    pub fn owns<T: ?Sized>(&self, address: *const T) -> bool {
        // SAFETY: any address may be asked about.
        unsafe { engine::mete_rust_space_owns(self.space.as_ptr(), address.cast()) }
    }

    /// The numbers of this moment.
    pub fn statistics(&self) -> SpaceStatistics {
        let mut now = SpaceStatistics::default();
        // SAFETY: there is room for the numbers.
        unsafe { engine::mete_rust_space_statistics(self.space.as_ptr(), &mut now) };
        now
    }

    /// Walks everything there is, and says whether all is well. If not, somebody has written where
    /// no block of his was.
    pub fn check(&self) -> bool {
        // SAFETY: the space lives.
        unsafe { engine::mete_rust_space_check(self.space.as_ptr()).is_null() }
    }

    /// Writes the first blocks and free pieces, by region and address, to `pieces`. Returns how many
    /// there are in all.
    pub fn walk(&self, pieces: &mut [Piece]) -> usize {
        // SAFETY: there is room for as many pieces.
        unsafe {
            engine::mete_rust_space_walk(self.space.as_ptr(), pieces.as_mut_ptr(), pieces.len())
        }
    }
}

impl fmt::Debug for Space<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statistics().fmt(out)
    }
}

impl Engine for Space<'_> {
    fn take(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the space lives, and no other thread uses it.
        unsafe { engine::mete_rust_space_alloc(self.space.as_ptr(), layout.size(), layout.align()) }
    }
    fn take_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = self.take(layout);
        if !block.is_null() {
            // SAFETY: the block has as many bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }
    unsafe fn give(&self, block: NonNull<u8>) {
        // SAFETY: the caller says that it is a block of this space.
        unsafe { engine::mete_rust_space_dealloc(self.space.as_ptr(), block.as_ptr()) }
    }
    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        _: usize,
        align: usize,
        new_size: usize,
    ) -> *mut u8 {
        // SAFETY: the caller says that it is a block of this space.
        unsafe {
            engine::mete_rust_space_realloc(self.space.as_ptr(), block.as_ptr(), new_size, align)
        }
    }
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller says that it is a block of this space.
        unsafe { engine::mete_rust_space_usable_size(block.as_ptr()) }
    }
}

allocator_methods!(Space<'_>);

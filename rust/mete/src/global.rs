//! The global allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use crate::blocks::{self, Engine};
use crate::engine;
use crate::size_class;

/// Bytes from which on it pays to ask whether memory is fresh, and so zero (X13).
const LEAST_FRESH: usize = 128;

/// The heap of the process. Every `Mete` is the same one, and any thread may use it.
///
/// ```
/// #[global_allocator]
/// static GLOBAL: mete::Mete = mete::Mete;
///
/// assert_eq!((1..=100).collect::<Vec<u32>>().iter().sum::<u32>(), 5050);
/// ```
///
/// It honours every alignment that a layout can have. Up to 128 bytes sizes go up in steps of 8
/// where the alignment is 8 or less, in steps of 16 where it is more; above, by an eighth at most.
/// More than 32 KiB is whole pages. No method unwinds or aborts for want of memory (G7, G8), and it
/// works from the first to the last instruction of the process, in thread-local destructors, too: a
/// library that has it stays loaded, whoever closes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mete;

// SAFETY: blocks are aligned as asked for, as long as asked for at least, and nobody else's until
// they come back (G1 to G6); none of the functions unwinds (G7).
unsafe impl GlobalAlloc for Mete {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // No overflow: the size of a layout can be rounded up to its alignment.
        let rounded = (size + (align - 1)) & !(align - 1);
        // SAFETY: the bin is one of the engine; the caller says that the layout has a size.
        unsafe {
            if rounded <= size_class::LARGEST {
                engine::mete_rust_alloc_of_class(size_class::bin_of(rounded))
            } else {
                engine::mete_rust_alloc_large(size, align)
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller says that it is a block of this allocator.
        unsafe { engine::mete_rust_dealloc(block) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for alloc; a block has as many bytes.
        unsafe {
            if layout.size() > LEAST_FRESH {
                return engine::mete_rust_alloc_zeroed(layout.size(), layout.align());
            }
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller says that it is a block of this allocator, and that the new size has a
        // layout, too.
        unsafe {
            let block = NonNull::new_unchecked(block);
            blocks::resize_or_stay(self, block, layout.size(), layout.align(), new_size)
        }
    }
}

impl Engine for Mete {
    fn take(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout has a size.
        unsafe { self.alloc(layout) }
    }
    fn take_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout has a size.
        unsafe { self.alloc_zeroed(layout) }
    }
    unsafe fn give(&self, block: NonNull<u8>) {
        // SAFETY: the caller says that it is a block of this allocator.
        unsafe { engine::mete_rust_dealloc(block.as_ptr()) }
    }
    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        size: usize,
        align: usize,
        new_size: usize,
    ) -> *mut u8 {
        // SAFETY: the caller says that it is a block of this allocator.
        unsafe { engine::mete_rust_realloc(block.as_ptr(), size, align, new_size) }
    }
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller says that it is a block of this allocator.
        unsafe { engine::mete_rust_usable_size(block.as_ptr()) }
    }
}

allocator_methods!(Mete);

impl Mete {
    /// Fills `blocks` with blocks for one layout, faster than a loop. Returns how many there are:
    /// fewer when there is no memory, and the others are as they were. Each goes back as any block.
    pub fn allocate_batch(&self, layout: Layout, blocks: &mut [*mut u8]) -> usize {
        if layout.size() == 0 {
            blocks.fill(blocks::dangling(layout).as_ptr());
            return blocks.len();
        }
        // SAFETY: the layout has a size, and there is room for as many addresses.
        unsafe {
            engine::mete_rust_alloc_batch(
                layout.size(),
                layout.align(),
                blocks.as_mut_ptr(),
                blocks.len(),
            )
        }
    }

    /// Takes blocks back, faster than a loop; whichever thread or heap each came from.
    ///
    /// # Safety
    /// As for [`deallocate`](Self::deallocate), for each of them.
    pub unsafe fn deallocate_batch(&self, blocks: &[*mut u8], layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: as the caller says.
            unsafe { engine::mete_rust_dealloc_batch(blocks.as_ptr(), blocks.len()) }
        }
    }
}

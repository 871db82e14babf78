//! A heap of one's own.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::blocks::{self, AllocError, Engine};
use crate::engine;

/// What a [`MeteHeap`] is to be like. Sizes are in bytes; what is in use counts rounded up to a size
/// class or to pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapOptions {
    capacity: usize,
    limit: usize,
    name: [u8; HeapOptions::MOST_NAME + 1],
}

impl HeapOptions {
    const MOST_NAME: usize = 31;

    /// No capacity, no limit, no name.
    pub const fn new() -> HeapOptions {
        HeapOptions {
            capacity: 0,
            limit: 0,
            name: [0; Self::MOST_NAME + 1],
        }
    }

    /// Memory for small blocks that is taken at once and kept to the end.
    #[must_use]
    pub const fn capacity(mut self, bytes: usize) -> HeapOptions {
        self.capacity = bytes;
        self
    }

    /// No more than this is in use at any time; 0: no limit.
    #[must_use]
    pub const fn limit(mut self, bytes: usize) -> HeapOptions {
        self.limit = bytes;
        self
    }

    /// A name for whoever looks at the process; its first 31 bytes are kept.
    #[must_use]
    pub const fn name(mut self, name: &str) -> HeapOptions {
        let bytes = name.as_bytes();
        let mut i = 0;
        while i < Self::MOST_NAME {
            self.name[i] = if i < bytes.len() { bytes[i] } else { 0 };
            i += 1;
        }
        self
    }
}

/// Numbers of a [`MeteHeap`], in bytes unless said otherwise.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStatistics {
    /// Blocks in the program's hands, rounded up to size classes or pages.
    pub in_use: usize,
    /// The most of it since the heap began.
    pub peak_in_use: usize,
    /// Blocks in the program's hands: their number.
    pub blocks: usize,
    /// Pages that the heap has, in use or not.
    pub held: usize,
    /// 0: there is none.
    pub limit: usize,
}

/// mete's heap as an object: what belongs together lives in a heap of its own, is limited and counted
/// by it, and ends with it in one shot.
///
/// Any thread may allocate from it and free into it; inside there is one at a time. It takes memory
/// with the first block, or when [`start`](Self::start) says so, and gives all of it back when it is
/// dropped. A block may also go back through [`Mete`](crate::Mete).
///
/// ```
/// use std::alloc::Layout;
/// let request = mete::MeteHeap::new(mete::HeapOptions::new().limit(1 << 20).name("request"));
/// let block = request.allocate(Layout::new::<[u64; 100]>()).unwrap();
/// assert!(request.owns(block.cast::<u8>().as_ptr()));
/// assert_eq!(request.statistics().blocks, 1);
/// ```
///
/// It can be the global allocator of a program, too: `new` is `const`.
///
/// ```
/// #[global_allocator]
/// static GLOBAL: mete::MeteHeap = mete::MeteHeap::new(mete::HeapOptions::new().limit(64 << 20));
/// # fn main() { drop(vec![1u8; 1000]); assert!(GLOBAL.statistics().peak_in_use >= 1000) }
/// ```
pub struct MeteHeap {
    heap: AtomicPtr<engine::Heap>,
    options: HeapOptions,
}

impl MeteHeap {
    /// A heap that has not taken any memory yet.
    pub const fn new(options: HeapOptions) -> MeteHeap {
        MeteHeap {
            heap: AtomicPtr::new(ptr::null_mut()),
            options,
        }
    }

    /// Takes the memory for the heap and its capacity now, if it has not. Without this the first
    /// block does.
    ///
    /// # Errors
    /// No memory.
    pub fn start(&self) -> Result<(), AllocError> {
        if self.handle().is_null() {
            Err(AllocError)
        } else {
            Ok(())
        }
    }

    /// The engine; null if there is no memory for one.
    #[inline]
    fn handle(&self) -> *mut engine::Heap {
        // Acquire: pairs with the exchange in `start_slow`.
        let heap = self.heap.load(Ordering::Acquire);
        if heap.is_null() {
            self.start_slow()
        } else {
            heap
        }
    }

    /// Threads that come at the same time make an engine each, and all but one end theirs.
    #[cold]
    fn start_slow(&self) -> *mut engine::Heap {
        let options = engine::HeapOptions {
            capacity: self.options.capacity,
            limit: self.options.limit,
            name: self.options.name.as_ptr(),
            buffer: ptr::null_mut(),
            buffer_size: 0,
            source: ptr::null(),
        };
        // SAFETY: the options live as long as the call, and the name ends with a 0.
        let ours = unsafe { engine::mete_rust_heap_create(&options) };
        if ours.is_null() {
            return ours;
        }
        match self
            .heap
            .compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => ours,
            Err(first) => {
                // SAFETY: nobody else has seen it.
                unsafe { engine::mete_heap_destroy(ours) };
                first
            }
        }
    }

    /// The engine, if there is one by now.
    fn started(&self) -> *mut engine::Heap {
        // Acquire: pairs with the exchange in `start_slow`.
        self.heap.load(Ordering::Acquire)
    }

    /// Fills `blocks` with blocks for one layout under one lock. Returns how many there are: fewer
    /// when there is no memory, and the others are as they were. Each goes back as any block.
    pub fn allocate_batch(&self, layout: Layout, blocks: &mut [*mut u8]) -> usize {
        if layout.size() == 0 {
            blocks.fill(blocks::dangling(layout).as_ptr());
            return blocks.len();
        }
        // SAFETY: there is room for as many addresses.
        unsafe {
            engine::mete_heap_allocate_batch(
                self.handle(),
                layout.size(),
                layout.align(),
                blocks.as_mut_ptr(),
                blocks.len(),
            )
        }
    }

    /// Takes blocks back under one lock.
    ///
    /// # Safety
    /// As for [`deallocate`](Self::deallocate), for each of them.
    pub unsafe fn deallocate_batch(&self, blocks: &[*mut u8], layout: Layout) {
        if layout.size() != 0 {
            let heap = self.started();
            // SAFETY: as the caller says.
            unsafe { engine::mete_heap_deallocate_batch(heap, blocks.as_ptr(), blocks.len()) }
        }
    }

    /// Ends all blocks at once. The heap is as new, and keeps its capacity and some memory for what
    /// comes next.
    ///
    /// # Safety
    /// No thread is using the heap or any of its blocks, and nobody uses such a block later.
    pub unsafe fn reset(&self) {
        // SAFETY: as the caller says.
        unsafe { engine::mete_heap_reset(self.started()) }
    }

    /// Ends all blocks at once and gives the memory back, as dropping the heap does: for one that is
    /// `static`. The next block starts it again (C4).
    ///
    /// # Safety
    /// As for [`reset`](Self::reset).
    pub unsafe fn destroy(&self) {
        let heap = self.heap.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: as the caller says.
        unsafe { engine::mete_heap_destroy(heap) }
    }

    /// Whether the address lies in memory that blocks of this heap may have.
    pub fn owns<T: ?Sized>(&self, address: *const T) -> bool {
        // SAFETY: any address may be asked about.
        unsafe { engine::mete_heap_owns(self.started(), address.cast()) != 0 }
    }

    /// The numbers of this moment.
    pub fn statistics(&self) -> HeapStatistics {
        let mut now = HeapStatistics::default();
        // SAFETY: there is room for the numbers.
        unsafe { engine::mete_heap_get_statistics(self.started(), &mut now) };
        now
    }
}

impl Drop for MeteHeap {
    fn drop(&mut self) {
        // SAFETY: the blocks of a heap that ends are nobody's: who has one unsafely has said so.
        unsafe { engine::mete_heap_destroy(*self.heap.get_mut()) }
    }
}

impl fmt::Debug for MeteHeap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statistics().fmt(out)
    }
}

// SAFETY: as for `Mete`.
unsafe impl GlobalAlloc for MeteHeap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout)
    }
    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller says that it is a block of this heap.
        unsafe { engine::mete_heap_deallocate(self.started(), block) }
    }
    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.take_zeroed(layout)
    }
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller says that it is a block of this heap, and that the new size has a
        // layout, too.
        unsafe {
            let block = NonNull::new_unchecked(block);
            blocks::resize_or_stay(self, block, layout.size(), layout.align(), new_size)
        }
    }
}

impl Engine for MeteHeap {
    fn take(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size and alignment may be asked for.
        unsafe { engine::mete_heap_allocate(self.handle(), layout.size(), layout.align()) }
    }
    fn take_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size and alignment may be asked for.
        unsafe { engine::mete_heap_allocate_zeroed(self.handle(), layout.size(), layout.align()) }
    }
    unsafe fn give(&self, block: NonNull<u8>) {
        // SAFETY: the caller says that it is a block of this heap.
        unsafe { engine::mete_heap_deallocate(self.started(), block.as_ptr()) }
    }
    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        _: usize,
        align: usize,
        new_size: usize,
    ) -> *mut u8 {
        // SAFETY: the caller says that it is a block of this heap.
        unsafe { engine::mete_heap_reallocate(self.started(), block.as_ptr(), new_size, align) }
    }
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller says that it is a block of this heap.
        unsafe { engine::mete_heap_usable_size(self.started(), block.as_ptr()) }
    }
}

allocator_methods!(MeteHeap);

//! What `Allocator` promises, on functions in the manner of `malloc`: written once for everything
//! that allocates here.
//!
//! A layout without size never reaches an engine (L14). A block is as long as it really is, and
//! gives up none of it before it has another: so a failure leaves it as it was (T12).

use core::alloc::Layout;
use core::fmt;
use core::ptr::{self, NonNull};

/// There is no memory for what was asked (T8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError;

impl fmt::Display for AllocError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("memory allocation failed")
    }
}

#[cfg(feature = "allocator_api")]
impl From<AllocError> for core::alloc::AllocError {
    fn from(_: AllocError) -> core::alloc::AllocError {
        core::alloc::AllocError
    }
}

/// Blocks by size and alignment. Sizes are not 0; failure is null, and changes nothing.
pub(crate) trait Engine {
    fn take(&self, layout: Layout) -> *mut u8;
    /// As `take`, with all `layout.size()` bytes zero.
    fn take_zeroed(&self, layout: Layout) -> *mut u8;
    /// # Safety
    /// The block is one of this engine, and nobody uses it any more.
    unsafe fn give(&self, block: NonNull<u8>);
    /// The block with `new_size` bytes, moved if need be.
    /// # Safety
    /// The block is one of this engine, has `size` bytes at least, and is aligned to `align`.
    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        size: usize,
        align: usize,
        new_size: usize,
    ) -> *mut u8;
    /// Bytes that may be used.
    /// # Safety
    /// The block is one of this engine.
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize;
}

type Block = Result<NonNull<[u8]>, AllocError>;

/// An address that is aligned and not null, for a block without bytes.
pub(crate) fn dangling(layout: Layout) -> NonNull<u8> {
    // SAFETY: an alignment is not 0.
    unsafe { NonNull::new_unchecked(ptr::null_mut::<u8>().wrapping_add(layout.align())) }
}

fn slice(block: NonNull<u8>, size: usize) -> NonNull<[u8]> {
    // SAFETY: not null, since the block is not.
    unsafe { NonNull::new_unchecked(ptr::slice_from_raw_parts_mut(block.as_ptr(), size)) }
}

pub(crate) fn allocate(engine: &impl Engine, layout: Layout) -> Block {
    if layout.size() == 0 {
        return Ok(slice(dangling(layout), 0));
    }
    let block = NonNull::new(engine.take(layout)).ok_or(AllocError)?;
    // SAFETY: the engine has just given it.
    Ok(slice(block, unsafe { engine.usable_size(block) }))
}

/// What lies behind the bytes asked for need not be zero: it is not offered.
pub(crate) fn allocate_zeroed(engine: &impl Engine, layout: Layout) -> Block {
    if layout.size() == 0 {
        return Ok(slice(dangling(layout), 0));
    }
    let block = NonNull::new(engine.take_zeroed(layout)).ok_or(AllocError)?;
    Ok(slice(block, layout.size()))
}

/// # Safety
/// As `Allocator::deallocate`.
pub(crate) unsafe fn deallocate(engine: &impl Engine, block: NonNull<u8>, layout: Layout) {
    if layout.size() != 0 {
        // SAFETY: a block with a size is one of the engine.
        unsafe { engine.give(block) }
    }
}

/// # Safety
/// As `Allocator::grow`.
pub(crate) unsafe fn grow(
    engine: &impl Engine,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Block {
    debug_assert!(
        new.size() >= old.size(),
        "`new_layout.size()` must be greater than or equal to `old_layout.size()`"
    );
    if old.size() == 0 {
        return allocate(engine, new);
    }
    // SAFETY: the block has a size and is the engine's; so has the new one.
    let grown = unsafe { resize(engine, block, old, new) }.ok_or(AllocError)?;
    // SAFETY: the engine has just given it.
    Ok(slice(grown, unsafe { engine.usable_size(grown) }))
}

/// # Safety
/// As `Allocator::grow_zeroed`.
pub(crate) unsafe fn grow_zeroed(
    engine: &impl Engine,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Block {
    if old.size() == 0 {
        return allocate_zeroed(engine, new);
    }
    // SAFETY: what the caller promises is what grow asks for; the block has new.size() bytes then.
    unsafe {
        let grown = grow(engine, block, old, new)?.cast::<u8>();
        grown
            .as_ptr()
            .add(old.size())
            .write_bytes(0, new.size() - old.size());
        Ok(slice(grown, new.size()))
    }
}

/// # Safety
/// As `Allocator::shrink`.
pub(crate) unsafe fn shrink(
    engine: &impl Engine,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Block {
    debug_assert!(
        new.size() <= old.size(),
        "`new_layout.size()` must be smaller than or equal to `old_layout.size()`"
    );
    if new.size() == 0 {
        // SAFETY: what the caller promises is what deallocate asks for.
        unsafe { deallocate(engine, block, old) };
        return Ok(slice(dangling(new), 0));
    }
    // SAFETY: the block has a size and is the engine's; so has the new one.
    let shrunk = unsafe { resize(engine, block, old, new) }.ok_or(AllocError)?;
    // SAFETY: it is a block of the engine.
    Ok(slice(shrunk, unsafe { engine.usable_size(shrunk) }))
}

fn is_aligned(block: NonNull<u8>, layout: Layout) -> bool {
    block.as_ptr() as usize & (layout.align() - 1) == 0
}

/// The block with `new_size` bytes, moved if need be. If there is no memory to move to, one that is
/// to be shorter stays as it is, which will do.
///
/// # Safety
/// As `Engine::resize`.
#[inline]
pub(crate) unsafe fn resize_or_stay(
    engine: &impl Engine,
    block: NonNull<u8>,
    size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    // SAFETY: as the caller says.
    let resized = unsafe { engine.resize(block, size, align, new_size) };
    if resized.is_null() && new_size <= size {
        return block.as_ptr();
    }
    resized
}

/// # Safety
/// The block is one of the engine for `old`, and neither layout is without size.
unsafe fn resize(
    engine: &impl Engine,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Option<NonNull<u8>> {
    if is_aligned(block, new) {
        // SAFETY: as the caller says, and it is aligned.
        return NonNull::new(unsafe {
            resize_or_stay(engine, block, old.size(), new.align(), new.size())
        });
    }
    let moved = NonNull::new(engine.take(new))?;
    let kept = old.size().min(new.size());
    // SAFETY: both blocks have as many bytes, and they are two.
    unsafe {
        ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), kept);
        engine.give(block);
    }
    Some(moved)
}

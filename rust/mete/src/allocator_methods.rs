//! The methods of `Allocator` as inherent ones, so that they are there on stable Rust, and the trait
//! itself where nightly has it. One text for all types.

macro_rules! allocator_methods {
    ($type:ty) => {
        impl $type {
            /// A block for `layout`, as long as it really is: `layout.size()` bytes or more (T1).
            ///
            /// # Errors
            /// No memory.
            pub fn allocate(
                &self,
                layout: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, crate::AllocError> {
                crate::blocks::allocate(self, layout)
            }

            /// As [`allocate`](Self::allocate), all bytes zero; fresh memory is not written (T2).
            ///
            /// # Errors
            /// No memory.
            pub fn allocate_zeroed(
                &self,
                layout: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, crate::AllocError> {
                crate::blocks::allocate_zeroed(self, layout)
            }

            /// Takes a block back; nothing if the layout has no size (T3).
            ///
            /// # Safety
            /// The block is currently allocated here, `layout` fits it (T9, T10): the alignment is
            /// the block's, the size between what was last asked for and what was given.
            pub unsafe fn deallocate(
                &self,
                block: core::ptr::NonNull<u8>,
                layout: core::alloc::Layout,
            ) {
                // SAFETY: the caller promises the same.
                unsafe { crate::blocks::deallocate(self, block, layout) }
            }

            /// The block with its contents, `new.size()` bytes or more, moved if need be. If there is
            /// one it is the caller's in place of the old one, also at the same address (T4, T11).
            ///
            /// # Errors
            /// No memory; the block is as it was (T12).
            ///
            /// # Safety
            /// As for [`deallocate`](Self::deallocate) with `old`, and `new` is as large or larger. It
            /// may have another alignment.
            pub unsafe fn grow(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, crate::AllocError> {
                // SAFETY: the caller promises the same.
                unsafe { crate::blocks::grow(self, block, old, new) }
            }

            /// As [`grow`](Self::grow), with zeros behind `old.size()` bytes (T5).
            ///
            /// # Errors
            /// No memory; the block is as it was (T12).
            ///
            /// # Safety
            /// As for [`grow`](Self::grow).
            pub unsafe fn grow_zeroed(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, crate::AllocError> {
                // SAFETY: the caller promises the same.
                unsafe { crate::blocks::grow_zeroed(self, block, old, new) }
            }

            /// The block with the first `new.size()` bytes of its contents, moved if need be (T6). A
            /// new size of 0 ends it.
            ///
            /// # Errors
            /// No memory for a block that is to be aligned to more than this one happens to be; it is
            /// as it was (T12).
            ///
            /// # Safety
            /// As for [`deallocate`](Self::deallocate) with `old`, and `new` is as large or smaller.
            pub unsafe fn shrink(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, crate::AllocError> {
                // SAFETY: the caller promises the same.
                unsafe { crate::blocks::shrink(self, block, old, new) }
            }
        }

        // SAFETY: blocks stay where they are, however the handle moves (T13), until the handle ends.
        #[cfg(feature = "allocator_api")]
        unsafe impl core::alloc::Allocator for $type {
            fn allocate(
                &self,
                layout: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, core::alloc::AllocError> {
                Ok(<$type>::allocate(self, layout)?)
            }
            fn allocate_zeroed(
                &self,
                layout: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, core::alloc::AllocError> {
                Ok(<$type>::allocate_zeroed(self, layout)?)
            }
            unsafe fn deallocate(
                &self,
                block: core::ptr::NonNull<u8>,
                layout: core::alloc::Layout,
            ) {
                // SAFETY: the caller promises the same.
                unsafe { <$type>::deallocate(self, block, layout) }
            }
            unsafe fn grow(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, core::alloc::AllocError> {
                // SAFETY: the caller promises the same.
                Ok(unsafe { <$type>::grow(self, block, old, new) }?)
            }
            unsafe fn grow_zeroed(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, core::alloc::AllocError> {
                // SAFETY: the caller promises the same.
                Ok(unsafe { <$type>::grow_zeroed(self, block, old, new) }?)
            }
            unsafe fn shrink(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> Result<core::ptr::NonNull<[u8]>, core::alloc::AllocError> {
                // SAFETY: the caller promises the same.
                Ok(unsafe { <$type>::shrink(self, block, old, new) }?)
            }
        }
    };
}

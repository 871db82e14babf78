//! The size classes of the engine, as `src/heap/size_class.hpp` has them, so that a size which the
//! compiler knows is a bin which the compiler knows: what is left of an allocation then is the call.
//! That both say the same is tested for every size.

/// Larger blocks are whole pages.
pub const LARGEST: usize = 32 << 10;

const COUNT: usize = 80;
const BYTES_OF_BIN: usize = 16;

/// Bytes of the blocks of each class; class 0 is none. Steps of 8 up to 128 bytes, of 16 up to 256,
/// then eight for each doubling.
const CLASS_BYTES: [usize; COUNT] = {
    let mut classes = [0; COUNT];
    let mut size = 16usize;
    let mut class = 1;
    while class < COUNT {
        classes[class] = size;
        size += if size < 128 {
            8
        } else if size < 256 {
            16
        } else {
            1 << ((usize::BITS - 1 - size.leading_zeros()) - 3)
        };
        class += 1;
    }
    classes
};

/// Where the bin of a class begins, by words of 8 bytes that a block needs.
static BIN_OF_WORD: [u16; LARGEST / 8 + 1] = {
    let mut bins = [0; LARGEST / 8 + 1];
    let mut class = 1;
    let mut word = 0;
    while word < bins.len() {
        if CLASS_BYTES[class] < word * 8 {
            class += 1;
        }
        bins[word] = (class * BYTES_OF_BIN) as u16;
        word += 1;
    }
    bins
};

/// Where the bin for a size begins that has been rounded up to its alignment, and so is aligned to it.
/// Panics if the size is above [`LARGEST`].
#[inline]
pub fn bin_of(rounded: usize) -> u32 {
    BIN_OF_WORD[(rounded + 7) / 8].into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;

    #[test]
    fn every_size_has_the_class_of_the_engine() {
        for size in 1..=LARGEST {
            let class = bin_of(size) as usize / BYTES_OF_BIN;
            let usable = unsafe { engine::mete_rust_good_size(size, 1) };
            assert_eq!(CLASS_BYTES[class], usable, "{size}");
        }
    }

    #[test]
    fn every_bin_has_blocks_of_its_class() {
        for _ in 0..1000 {
            // The blocks of a thread's first calls may be larger.
            unsafe { engine::mete_rust_dealloc(engine::mete_rust_alloc_of_class(bin_of(8))) };
        }
        for (class, bytes) in CLASS_BYTES.into_iter().enumerate().skip(1) {
            let bin = bin_of(bytes);
            assert_eq!(class * BYTES_OF_BIN, bin as usize);
            unsafe {
                let block = engine::mete_rust_alloc_of_class(bin);
                assert_eq!(bytes, engine::mete_rust_usable_size(block));
                engine::mete_rust_dealloc(block);
            }
        }
    }

    #[test]
    fn a_rounded_size_has_blocks_aligned_to_what_it_was_rounded_to() {
        for log in 0..=15 {
            let align = 1usize << log;
            for rounded in (align..=LARGEST).step_by(align) {
                let class = bin_of(rounded) as usize / BYTES_OF_BIN;
                assert!(align <= 8 || CLASS_BYTES[class] % align == 0, "{rounded}");
            }
        }
    }
}

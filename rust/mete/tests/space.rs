//! Spaces in memory of one's own.

mod support;

use std::mem::MaybeUninit;
use std::thread;

use mete::{AllocError, Piece, Space};
use support::{assert_filled, fill, layout, parts};

type Memory = Vec<MaybeUninit<u8>>;

fn memory(bytes: usize) -> Memory {
    vec![MaybeUninit::uninit(); bytes]
}

#[test]
fn m3_blocks_lie_in_the_memory_and_nowhere_else() {
    let mut memory = memory(64 << 10);
    let range = memory.as_ptr_range();
    let (from, to) = (range.start as usize, range.end as usize);
    let space = Space::new(&mut memory).unwrap();
    let mut sum = 0;
    while let Ok(block) = space.allocate(layout(1000, 8)) {
        let (block, given) = parts(block);
        let address = block.as_ptr() as usize;
        assert!(from <= address && address + given <= to);
        unsafe { fill(block.as_ptr(), given, 1) };
        sum += given;
    }
    assert!(sum > (64 << 10) - Space::OVERHEAD - 2000, "{sum}");
    assert!(space.check());
}

#[test]
fn overhead_is_enough_at_every_address() {
    for offset in 0..64 {
        let mut memory = memory(Space::OVERHEAD + 128 + offset);
        let space = Space::new(&mut memory[offset..]).unwrap();
        assert!(space.allocate(layout(16, 8)).is_ok(), "{offset}");
    }
}

#[test]
fn too_little_memory_is_an_error() {
    for bytes in [0, 1, 100, 500] {
        assert_eq!(Some(AllocError), Space::new(&mut memory(bytes)).err());
    }
}

#[test]
fn t13_a_space_may_move_to_another_thread() {
    let memory: &'static mut [_] = Box::leak(memory(64 << 10).into_boxed_slice());
    let space = Space::new(memory).unwrap();
    let layout = layout(100, 8);
    let (block, _) = parts(space.allocate(layout).unwrap());
    unsafe { fill(block.as_ptr(), 100, 5) };
    let address = block.as_ptr() as usize;
    let space = thread::spawn(move || {
        let space = Box::new(space);
        let (large, _) = parts(space.allocate(support::layout(50_000, 8)).unwrap());
        assert_ne!(address, large.as_ptr() as usize);
        space
    });
    let space = *space.join().unwrap();
    unsafe {
        assert_filled(block.as_ptr(), 100, 5);
        space.deallocate(block, layout);
    }
    assert!(space.check());
    assert_eq!(1, space.statistics().blocks);
}

#[test]
fn regions_are_added_and_joined() {
    let mut memory = memory(96 << 10);
    let (first, rest) = memory.split_at_mut(32 << 10);
    let (second, third) = rest.split_at_mut(32 << 10);
    let space = Space::new(first).unwrap();
    let large = layout(50_000, 8);
    assert_eq!(Err(AllocError), space.allocate(large));
    assert_eq!(Ok(()), space.add_region(third));
    assert_eq!(2, space.statistics().regions);
    assert_eq!(Err(AllocError), space.allocate(large));
    assert_eq!(Ok(()), space.add_region(second));
    assert_eq!(1, space.statistics().regions, "neighbours are one");
    assert!(space.allocate(large).is_ok());
    assert_eq!(Err(AllocError), space.add_region(&mut []));
    assert!(space.check());
}

#[test]
fn statistics_and_walk_agree() {
    let mut memory = memory(64 << 10);
    let space = Space::new(&mut memory).unwrap();
    let layout = layout(100, 8);
    let blocks: Vec<_> = (0..10).map(|_| space.allocate(layout).unwrap()).collect();
    for block in blocks.iter().step_by(2) {
        unsafe { space.deallocate(block.cast(), layout) };
    }
    let mut pieces = [Piece::default(); 32];
    let count = space.walk(&mut pieces);
    assert_eq!(count, space.walk(&mut []));
    let pieces = &pieces[..count];
    let word = std::mem::size_of::<usize>();
    let used: Vec<_> = pieces.iter().filter(|piece| piece.in_use).collect();
    let now = space.statistics();
    assert_eq!(5, now.blocks);
    assert_eq!(5, used.len());
    assert_eq!(now.in_use, used.iter().map(|piece| piece.size + word).sum());
    assert_eq!(2 * now.in_use, now.peak_in_use);
    assert!(pieces.windows(2).all(|two| two[0].address < two[1].address));
    let (block, given) = parts(blocks[1]);
    assert!(used
        .iter()
        .any(|piece| piece.address == block.as_ptr() && piece.size == given));
}

#[test]
fn reset_ends_all_blocks() {
    let mut memory = memory(64 << 10);
    let space = Space::new(&mut memory).unwrap();
    let large = layout(50_000, 8);
    assert!(space.allocate(large).is_ok());
    assert_eq!(Err(AllocError), space.allocate(large));
    unsafe { space.reset() };
    assert_eq!(0, space.statistics().blocks);
    assert!(space.allocate(large).is_ok());
}

#[test]
fn check_notices_what_was_overwritten() {
    let mut memory = memory(64 << 10);
    let space = Space::new(&mut memory).unwrap();
    let layout = layout(100, 8);
    let (block, given) = parts(space.allocate(layout).unwrap());
    let (next, _) = parts(space.allocate(layout).unwrap());
    unsafe {
        space.deallocate(next, layout);
        assert!(space.check());
        block.as_ptr().add(given).write_bytes(0x5a, 24);
    }
    assert!(!space.check());
}

#[test]
fn a_double_free_is_named() {
    if support::is_child() {
        let mut memory = memory(64 << 10);
        let space = Space::new(&mut memory).unwrap();
        let layout = layout(100, 8);
        let (block, _) = parts(space.allocate(layout).unwrap());
        unsafe {
            space.deallocate(block, layout);
            space.deallocate(block, layout);
        }
        return;
    }
    let output = support::run_child("a_double_free_is_named", &[]);
    support::assert_aborted(&output, "mete: free of what is no block in use");
}

#[test]
fn owns_its_memory_only() {
    let (mut one, mut two) = (memory(8 << 10), memory(8 << 10));
    let (one, two) = (Space::new(&mut one).unwrap(), Space::new(&mut two).unwrap());
    let (block, _) = parts(one.allocate(layout(10, 1)).unwrap());
    assert!(one.owns(block.as_ptr()));
    assert!(!two.owns(block.as_ptr()));
    unsafe {
        fill(block.as_ptr(), 10, 1);
        assert_filled(block.as_ptr(), 10, 1);
    }
}

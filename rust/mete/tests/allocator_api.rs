//! Containers of the standard library on the three allocators: nightly.

#![cfg(feature = "allocator_api")]
#![feature(allocator_api, btreemap_alloc)]

use std::alloc::Allocator;
use std::collections::{BTreeMap, VecDeque};
use std::mem::MaybeUninit;
use std::sync::Arc;

use mete::{HeapOptions, Mete, MeteHeap, Space};

/// Fills, grows, shrinks and empties containers.
fn use_containers<A: Allocator + Copy>(allocator: A) {
    let mut numbers = Vec::new_in(allocator);
    let mut squares = BTreeMap::new_in(allocator);
    let mut queue = VecDeque::new_in(allocator);
    for i in 0..2_000u64 {
        numbers.push(i);
        squares.insert(i, i * i);
        queue.push_front(Box::new_in(i, allocator));
    }
    numbers.truncate(100);
    numbers.shrink_to_fit();
    assert_eq!(4_950, numbers.iter().sum::<u64>());
    assert!(squares.iter().all(|(i, square)| i * i == *square));
    while let Some(last) = queue.pop_back() {
        assert_eq!(*last as usize, 1_999 - queue.len());
    }
    let shared: Arc<[u64], A> = Arc::from(numbers.into_boxed_slice());
    assert_eq!(100, shared.clone().len());
}

#[test]
fn t1_t7_containers_on_the_heap_of_the_process() {
    use_containers(Mete);
}

#[test]
fn t1_t7_containers_in_a_heap_leave_nothing() {
    let heap = MeteHeap::new(HeapOptions::new());
    use_containers(&heap);
    assert_eq!(0, heap.statistics().blocks);
    assert!(heap.statistics().peak_in_use > 2_000 * 8);
}

#[test]
fn t1_t7_containers_in_a_space_leave_nothing() {
    let mut memory = vec![MaybeUninit::uninit(); 512 << 10];
    let space = Space::new(&mut memory).unwrap();
    use_containers(&space);
    assert_eq!(0, space.statistics().blocks);
    assert!(space.check());
}

#[test]
fn t13_a_container_may_own_its_heap_or_space() {
    let mut numbers = Vec::new_in(MeteHeap::new(HeapOptions::new()));
    numbers.extend(0..1_000);
    assert!(numbers.allocator().owns(numbers.as_ptr()));
    let mut memory = vec![MaybeUninit::uninit(); 64 << 10];
    let mut text = Vec::new_in(Space::new(&mut memory).unwrap());
    text.extend_from_slice(b"in the space");
    let moved = text;
    assert_eq!(b"in the space", &moved[..]);
    assert!(moved.allocator().owns(moved.as_ptr()));
}

#[test]
fn t12_a_vec_that_finds_no_memory_is_as_it_was() {
    let heap = MeteHeap::new(HeapOptions::new().limit(100_000));
    let mut numbers = Vec::new_in(&heap);
    numbers.extend(0..100u32);
    assert!(numbers.try_reserve(1 << 20).is_err());
    assert_eq!(4_950, numbers.iter().sum::<u32>());
}

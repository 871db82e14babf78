//! Random steps against a table of what lives, with contents checked; alone and in many threads.

mod support;

use std::alloc::{GlobalAlloc, Layout};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::mpsc::channel;
use std::thread;

use mete::{HeapOptions, Mete, MeteHeap, Space};
use support::{assert_aligned, assert_filled, assert_zero, fill, layout, parts, Blocks, Random};

#[global_allocator]
static GLOBAL: Mete = Mete;

struct Live {
    block: NonNull<u8>,
    layout: Layout,
    seed: usize,
}

// A block belongs to whoever has its entry.
unsafe impl Send for Live {}

impl Live {
    fn new(block: NonNull<u8>, layout: Layout, seed: usize) -> Live {
        assert_aligned(block.as_ptr(), layout);
        unsafe { fill(block.as_ptr(), layout.size(), seed) };
        Live {
            block,
            layout,
            seed,
        }
    }

    /// The first `size` bytes are as they were written.
    fn check(&self, size: usize) {
        unsafe { assert_filled(self.block.as_ptr(), size, self.seed) }
    }
}

struct Model<'a> {
    blocks: &'a dyn Blocks,
    live: Vec<Live>,
    random: Random,
    most: usize,
    refused: usize,
}

impl Model<'_> {
    fn random_layout(&mut self) -> Layout {
        let bits = if self.random.below(8) == 0 { 17 } else { 5 };
        let align = 1 << self.random.below(bits);
        layout(self.random.size(self.most), align)
    }

    fn step(&mut self, step: usize) {
        let new = self.random_layout();
        if self.live.len() < 100 && self.random.below(2) == 0 {
            return self.add(new, step);
        }
        if self.live.is_empty() {
            return;
        }
        let old = self.live.swap_remove(self.random.below(self.live.len()));
        old.check(old.layout.size());
        let (block, size) = (old.block, old.layout.size());
        let zeroed = self.random.below(2) == 0;
        let result = unsafe {
            match self.random.below(3) {
                0 => return self.blocks.deallocate(block, old.layout),
                _ if new.size() < size => self.blocks.shrink(block, old.layout, new),
                _ if zeroed => self.blocks.grow_zeroed(block, old.layout, new),
                _ => self.blocks.grow(block, old.layout, new),
            }
        };
        let (block, given) = match result {
            Ok(resized) => parts(resized),
            Err(_) => {
                self.refused += 1;
                old.check(size);
                return self.live.push(old);
            }
        };
        assert!(given >= new.size());
        let kept = Live { block, ..old };
        kept.check(size.min(new.size()));
        if zeroed && new.size() >= size {
            unsafe { assert_zero(block.as_ptr().add(size), given - size) };
        }
        self.live.push(Live::new(block, new, step));
    }

    fn add(&mut self, layout: Layout, step: usize) {
        let zeroed = self.random.below(2) == 0;
        let result = match zeroed {
            true => self.blocks.allocate_zeroed(layout),
            false => self.blocks.allocate(layout),
        };
        let (block, given) = match result {
            Ok(block) => parts(block),
            Err(_) => return self.refused += 1,
        };
        assert!(given >= layout.size());
        if zeroed {
            unsafe { assert_zero(block.as_ptr(), given) };
        }
        self.live.push(Live::new(block, layout, step));
    }

    fn end(&mut self) {
        for old in self.live.drain(..) {
            old.check(old.layout.size());
            unsafe { self.blocks.deallocate(old.block, old.layout) };
        }
    }
}

/// Returns how many requests were refused.
fn run(blocks: &dyn Blocks, seed: u64, steps: usize, most: usize) -> usize {
    let mut model = Model {
        blocks,
        live: Vec::new(),
        random: Random::new(seed),
        most,
        refused: 0,
    };
    for step in 0..steps {
        model.step(step);
    }
    model.end();
    model.refused
}

#[test]
fn the_heap_of_the_process() {
    assert_eq!(0, run(&Mete, 1, 20_000, 1 << 18));
}

#[test]
fn a_heap_with_a_limit_refuses_and_ends_empty() {
    let heap = MeteHeap::new(HeapOptions::new().limit(2 << 20));
    assert_ne!(0, run(&heap, 2, 20_000, 1 << 18));
    assert_eq!((0, 0), (heap.statistics().blocks, heap.statistics().in_use));
}

#[test]
fn a_space_refuses_and_ends_empty() {
    let mut memory = vec![MaybeUninit::uninit(); 1 << 20];
    let space = Space::new(&mut memory).unwrap();
    assert_ne!(0, run(&space, 3, 20_000, 1 << 17));
    assert_eq!(
        (0, 0),
        (space.statistics().blocks, space.statistics().in_use)
    );
    assert!(space.check());
}

#[test]
fn many_threads_at_once() {
    let heap = MeteHeap::new(HeapOptions::new());
    thread::scope(|scope| {
        for seed in 0..8 {
            let heap = &heap;
            scope.spawn(move || match seed % 2 {
                0 => assert_eq!(0, run(&Mete, seed, 5_000, 1 << 16)),
                _ => assert_eq!(0, run(heap, seed, 5_000, 1 << 16)),
            });
        }
    });
    assert_eq!(0, heap.statistics().blocks);
}

/// Each of 16 threads makes blocks, resizes those of its neighbour and frees them.
#[test]
fn g2_g4_blocks_pass_from_thread_to_thread() {
    const THREADS: usize = 16;
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel::<Live>()).unzip();
    thread::scope(|scope| {
        for (thread, receiver) in receivers.into_iter().enumerate() {
            let next = senders[(thread + 1) % THREADS].clone();
            scope.spawn(move || {
                let mut random = Random::new(thread as u64);
                for seed in 0..500 {
                    let layout = layout(1 + random.size(1 << 15), 1 << random.below(8));
                    let block = NonNull::new(unsafe { Mete.alloc(layout) }).unwrap();
                    next.send(Live::new(block, layout, seed)).unwrap();
                }
                drop(next);
                for _ in 0..500 {
                    let old = receiver.recv().unwrap();
                    old.check(old.layout.size());
                    let new = layout(1 + random.size(1 << 15), old.layout.align());
                    unsafe {
                        let block = Mete.realloc(old.block.as_ptr(), old.layout, new.size());
                        let block = NonNull::new(block).unwrap();
                        let kept = Live { block, ..old };
                        kept.check(old.layout.size().min(new.size()));
                        Mete.dealloc(block.as_ptr(), new);
                    }
                }
            });
        }
    });
}

/// The same through the allocator of the program: boxes, vectors and strings.
#[test]
fn boxes_pass_from_thread_to_thread() {
    const THREADS: usize = 16;
    type Parcel = (usize, Box<[u64; 8]>, Vec<u8>, String);
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel::<Parcel>()).unzip();
    let threads: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(thread, receiver)| {
            let next = senders[(thread + 1) % THREADS].clone();
            thread::spawn(move || {
                for i in 0..500 {
                    let parcel = (i, Box::new([i as u64; 8]), vec![i as u8; i], i.to_string());
                    next.send(parcel).unwrap();
                }
                drop(next);
                for expected in 0..500 {
                    let (i, boxed, mut bytes, text) = receiver.recv().unwrap();
                    assert_eq!((expected, [i as u64; 8], i.to_string()), (i, *boxed, text));
                    bytes.resize(2 * i, i as u8);
                    assert!(bytes.iter().all(|&byte| byte == i as u8));
                }
            })
        })
        .collect();
    drop(senders);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

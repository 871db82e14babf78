// Vectors, strings, maps and reference counts made in some threads and dropped in others.
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0 * 48271 % 2147483647;
        self.0 % n
    }
}

fn words(random: &mut Random, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| (0..1 + random.below(40)).map(|_| (b'a' + random.below(26) as u8) as char).collect())
        .collect()
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(14695981039346656037, |h, b| (h ^ b as u64).wrapping_mul(1099511628211))
}

#[repr(align(256))]
#[derive(Clone)]
struct Aligned([u8; 300]);

fn alone(seed: u64) -> u64 {
    let mut random = Random(seed);
    let mut map: HashMap<String, Vec<u64>> = HashMap::new();
    let mut tree: BTreeMap<u64, Box<[u8]>> = BTreeMap::new();
    let mut line: VecDeque<Arc<str>> = VecDeque::new();
    let mut heap = BinaryHeap::new();
    let mut aligned = Vec::new();
    for word in words(&mut random, 40_000) {
        let key = word[..1 + word.len() / 8].to_string();
        map.entry(key).or_default().push(word.len() as u64);
        tree.insert(random.below(5_000), word.as_bytes().to_vec().into_boxed_slice());
        line.push_back(Arc::from(word.as_str()));
        if line.len() > 1000 {
            heap.push(line.pop_front().map_or(0, |w| w.len() as u64));
        }
        if random.below(50) == 0 {
            aligned.push(Aligned([word.len() as u8; 300]));
            assert_eq!(aligned.last().unwrap() as *const _ as usize % 256, 0);
        }
    }
    let mut zeroes = vec![0u64; 200_000];
    assert!(zeroes.iter().all(|&z| z == 0));
    zeroes.resize(300_000, 1);
    zeroes.shrink_to_fit();
    let from_map: u64 = map.iter().map(|(k, v)| hash(k) ^ v.iter().sum::<u64>()).fold(0, u64::wrapping_add);
    let from_tree = tree.values().map(|v| hash(std::str::from_utf8(v).unwrap())).fold(0, u64::wrapping_add);
    let from_heap: u64 = heap.into_sorted_vec().iter().take(1000).sum();
    let from_aligned: u64 = aligned.iter().map(|a| a.0[299] as u64).sum();
    from_map ^ from_tree ^ from_heap ^ from_aligned ^ zeroes.iter().sum::<u64>()
}

fn together() -> u64 {
    let total = Arc::new(Mutex::new(0u64));
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..4).map(|_| mpsc::channel::<(u64, Vec<String>)>()).unzip();
    let consumers: Vec<_> = receivers
        .into_iter()
        .map(|receiver| {
            let total = Arc::clone(&total);
            thread::spawn(move || {
                for (seed, batch) in receiver {
                    let sum = batch.iter().map(|w| hash(w)).fold(seed, u64::wrapping_add);
                    let mut total = total.lock().unwrap();
                    *total = total.wrapping_add(sum);
                }
            })
        })
        .collect();
    let producers: Vec<_> = (0..6)
        .map(|n| {
            let senders = senders.clone();
            thread::spawn(move || {
                let mut random = Random(n + 7);
                for i in 0..300 {
                    let batch = words(&mut random, 100);
                    senders[(i % 4) as usize].send((n * 1000 + i, batch)).unwrap();
                }
            })
        })
        .collect();
    drop(senders);
    producers.into_iter().chain(consumers).for_each(|t| t.join().unwrap());
    let total = *total.lock().unwrap();
    total
}

fn main() {
    for generation in 0..4 {
        let threads: Vec<_> = (1..5).map(|n| thread::spawn(move || alone(generation * 10 + n))).collect();
        for thread in threads {
            println!("{:016x}", thread.join().unwrap());
        }
        println!("{:016x}", together());
    }
}

//! A program of ordinary size for any global allocator: documents like JSON are made, printed, parsed
//! and compared; their words are counted in maps; documents end in other threads than they began in;
//! large vectors grow, shrink and come zeroed. Everything is checked against what the seed says it
//! has to be, so an allocator that mixes up two blocks does not get through.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

/// A linear congruential generator: the same documents on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % end
    }

    fn word(&mut self) -> String {
        let number = self.below(400);
        // Some are longer than any small size class.
        format!("w{number}").repeat(1 + (number as usize % 40))
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 4 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 1),
            2 => Value::Number(self.below(1 << 31)),
            3 => Value::Text(self.word()),
            4 | 5 => Value::List((0..self.below(9)).map(|_| self.value(depth - 1)).collect()),
            _ => {
                let count = self.below(9);
                Value::Map(
                    (0..count)
                        .map(|_| (self.word(), self.value(depth - 1)))
                        .collect(),
                )
            }
        }
    }
}

fn print(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Text(text) => *out += &format!("\"{text}\""),
        Value::List(values) => {
            out.push('[');
            for value in values {
                print(value, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Map(values) => {
            out.push('{');
            for (key, value) in values {
                *out += &format!("\"{key}\":");
                print(value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

/// Reads what `print` writes; `text` becomes the rest of it.
fn parse(text: &mut &str) -> Option<Value> {
    for (word, value) in [
        ("null", Value::Null),
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
    ] {
        if let Some(rest) = text.strip_prefix(word) {
            *text = rest;
            return Some(value);
        }
    }
    match text.chars().next()? {
        '"' => parse_text(text).map(Value::Text),
        '[' => {
            *text = &text[1..];
            let mut values = Vec::new();
            while !text.starts_with(']') {
                values.push(parse(text)?);
                *text = text.strip_prefix(',')?;
            }
            *text = &text[1..];
            Some(Value::List(values))
        }
        '{' => {
            *text = &text[1..];
            let mut values = BTreeMap::new();
            while !text.starts_with('}') {
                let key = parse_text(text)?;
                *text = text.strip_prefix(':')?;
                values.insert(key, parse(text)?);
                *text = text.strip_prefix(',')?;
            }
            *text = &text[1..];
            Some(Value::Map(values))
        }
        _ => {
            let end = text
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len());
            let number = text[..end].parse().ok()?;
            *text = &text[end..];
            Some(Value::Number(number))
        }
    }
}

fn parse_text(text: &mut &str) -> Option<String> {
    let (inside, rest) = text.strip_prefix('"')?.split_once('"')?;
    *text = rest;
    Some(inside.to_string())
}

fn count_words(value: &Value, counts: &mut HashMap<String, usize>) {
    match value {
        Value::Text(text) => *counts.entry(text.clone()).or_default() += 1,
        Value::List(values) => values.iter().for_each(|value| count_words(value, counts)),
        Value::Map(values) => {
            for (key, value) in values {
                *counts.entry(key.clone()).or_default() += 1;
                count_words(value, counts);
            }
        }
        _ => {}
    }
}

/// Makes documents, has the neighbour count the words of each, and counts them, too.
fn work(seed: u64, documents: usize, out: Sender<Value>, input: Receiver<Value>) -> [Counts; 2] {
    let mut random = Random(seed);
    let mut made = HashMap::new();
    let mut received = HashMap::new();
    for _ in 0..documents {
        let value = Value::List((0..20).map(|_| random.value(4)).collect());
        let mut text = String::new();
        print(&value, &mut text);
        let mut rest = text.as_str();
        assert_eq!(parse(&mut rest).as_ref(), Some(&value), "{text}");
        assert_eq!(rest, "");
        count_words(&value, &mut made);
        out.send(value).unwrap();
        if let Ok(value) = input.try_recv() {
            count_words(&value, &mut received);
        }
    }
    drop(out);
    input
        .iter()
        .for_each(|value| count_words(&value, &mut received));
    [made, received]
}

type Counts = HashMap<String, usize>;

#[derive(Clone, PartialEq, Debug)]
#[repr(align(64))]
struct Line(u64);

/// Blocks from small to far above what is mapped alone.
fn grow_and_shrink() {
    let mut numbers = Vec::new();
    let mut lines = Vec::new();
    for i in 0..300_000u64 {
        numbers.push(i);
        if i % 8 == 0 {
            lines.push(Line(i));
        }
    }
    for length in [200_000, 40_000, 5_000, 100, 3] {
        numbers.truncate(length);
        numbers.shrink_to_fit();
        lines.truncate(length);
        lines.shrink_to_fit();
        assert!(
            (0..).zip(&numbers).all(|(i, number)| i == *number),
            "{length} numbers"
        );
        assert!(
            (0..).zip(&lines).all(|(i, line)| 8 * i == line.0),
            "{length} lines"
        );
        assert_eq!(lines.as_ptr() as usize % 64, 0);
        let zeros = vec![0u8; 50 * length];
        assert!(zeros.iter().all(|byte| *byte == 0), "{length} zeros");
    }
}

/// Runs all of it on so many threads and ends with everything freed. Returns: the words counted, which
/// is the same for the same arguments on any allocator.
pub fn run(threads: usize, documents: usize) -> usize {
    let (mut senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| channel()).unzip();
    // The neighbour of the last one is the first one.
    senders.rotate_left(1);
    let workers: Vec<_> = (1..)
        .zip(senders.into_iter().zip(receivers))
        .map(|(seed, (out, input))| {
            thread::spawn(move || {
                grow_and_shrink();
                work(seed, documents, out, input)
            })
        })
        .collect();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let mut received = made.clone();
    for worker in workers {
        let counts = worker.join().unwrap();
        for (all, of_one) in [&mut made, &mut received].into_iter().zip(counts) {
            for (word, count) in of_one {
                *all.entry(word).or_default() += count;
            }
        }
    }
    assert_eq!(made, received);
    made.values().sum()
}

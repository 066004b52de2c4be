//! Counts the words of a text, all of it at once.
//!
//! Every position of the text is a work-item, and those where a word begins do the work. Words that hash alike meet in
//! one slot of a table, which keeps the earliest of them. A word equal to the earliest is counted there; one that merely
//! hashes alike tries again in the next round, with another hash. So the counts are exact, and each stands where its
//! word first occurs.
//!
//! `cargo run --release --example 06_word_count -- [file]`

use falx::prelude::*;
use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

/// What to count without a file: a short story.
pub const SAMPLE: &str = include_str!("data/sample.txt");

/// How many slots the table has.
const N_SLOTS: usize = 1 << 14;
/// In a slot where no word has met.
const EMPTY: u32 = u32::MAX;

/// What a byte adds to a word: letters in lower case, digits and all beyond ASCII as they are, zero between words.
#[device]
fn letter(byte: u8) -> u8 {
    if byte >= b'A' && byte <= b'Z' {
        byte + 32
    } else if byte >= b'a' && byte <= b'z' || byte >= b'0' && byte <= b'9' || byte >= 128 {
        byte
    } else {
        0
    }
}

/// Marks where words begin. The text has a byte of no word at either end, so that every position has neighbours.
#[kernel_fn]
fn find(i: usize, text: Read<u8>, pending: Write<u8>) {
    let begins = letter(text[i]) == 0 && letter(text[i + 1]) != 0;
    pending[i + 1] = begins as u8;
}

/// Each pending word goes to the slot of its hash, where the earliest stays.
#[kernel_fn]
fn meet(
    at: usize,
    text: Read<u8>,
    pending: Read<u8>,
    slots: Write<u32>,
    earliest: ReadWrite<u32>,
    round: u32,
) {
    if pending[at] == 1 {
        let mut hash = 2166136261 + round;
        let mut k = at;
        while letter(text[k]) != 0 {
            hash = (hash ^ letter(text[k]) as u32) * 16777619;
            k += 1;
        }
        let slot = (hash >> 8) % (N_SLOTS as u32);
        slots[at] = slot;
        earliest.atomic(slot as usize).fetch_min(at as u32);
    }
}

/// Counts each pending word at the earliest of its slot if that is the same word, or else leaves it pending.
#[kernel_fn]
fn tally(
    at: usize,
    text: Read<u8>,
    pending: ReadWrite<u8>,
    slots: Read<u32>,
    earliest: Read<u32>,
    counts: ReadWrite<u32>,
    n_pending: ReadWrite<u32>,
) {
    if pending[at] == 1 {
        let first = earliest[slots[at] as usize] as usize;
        let mut k = 0;
        while letter(text[at + k]) != 0 && letter(text[at + k]) == letter(text[first + k]) {
            k += 1;
        }
        if letter(text[at + k]) == letter(text[first + k]) {
            counts.atomic(first).fetch_add(1);
            pending[at] = 0;
        } else {
            n_pending.atomic(0).fetch_add(1);
        }
    }
}

/// For each position how often the word that first occurs there occurs in all, or zero.
fn count(queue: &Queue, text: &Buffer<u8>) -> falx::Result<Buffer<u32>> {
    let n = text.range()[0];
    let (pending, slots) = (Buffer::from(vec![0u8; n]), Buffer::from(vec![0u32; n]));
    let counts = Buffer::from(vec![0u32; n]);
    queue.submit(|h| h.parallel_for(n - 1, find(text.read(h), pending.write(h))))?;
    for round in 0u32.. {
        let earliest = Buffer::from(vec![EMPTY; N_SLOTS]);
        let n_pending = Buffer::from(vec![0u32]);
        queue.submit(|h| {
            let (text, pending) = (text.read(h), pending.read(h));
            let (slots, earliest) = (slots.write(h), earliest.read_write(h));
            h.parallel_for(n, meet(text, pending, slots, earliest, round))
        })?;
        queue.submit(|h| {
            let (text, pending) = (text.read(h), pending.read_write(h));
            let (slots, earliest) = (slots.read(h), earliest.read(h));
            let (counts, n_pending) = (counts.read_write(h), n_pending.read_write(h));
            h.parallel_for(n, tally(text, pending, slots, earliest, counts, n_pending))
        })?;
        if n_pending.host_read()?[0] == 0 {
            break;
        }
    }
    Ok(counts)
}

/// How often each word occurs.
pub type Counts = BTreeMap<String, u32>;

/// Counts the words of `text`, and returns how long it took, too.
pub fn run(queue: &Queue, text: &str) -> Result<(Counts, Duration), Box<dyn Error>> {
    let bytes = Buffer::from([b" ", text.as_bytes(), b" "].concat());
    let start = Instant::now();
    let counts = count(queue, &bytes)?;
    let counts = counts.host_read()?;
    let time = start.elapsed();

    let first_word =
        |text: &str| text.split(is_between_words).next().unwrap_or_default().to_ascii_lowercase();
    let found: Counts = (0..text.len())
        .filter(|&at| counts[at + 1] > 0)
        .map(|at| (first_word(&text[at..]), counts[at + 1]))
        .collect();
    let expected = plain(text);
    match expected.iter().find(|(word, count)| found.get(*word) != Some(count)) {
        Some((word, count)) => {
            Err(format!("`{word}` was counted {:?} times, not {count}", found.get(word)).into())
        }
        None if found.len() > expected.len() => Err("words were counted that are not there".into()),
        None => Ok((found, time)),
    }
}

fn is_between_words(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric()
}

/// The same on the host.
fn plain(text: &str) -> Counts {
    let mut counts = Counts::new();
    for word in text.split(is_between_words).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_ascii_lowercase()).or_insert(0) += 1;
    }
    counts
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = match std::env::args().nth(1) {
        Some(path) => String::from_utf8_lossy(&std::fs::read(path)?).into_owned(),
        None => SAMPLE.to_owned(),
    };
    let queue = Queue::new(Selector::default())?;
    let (counts, time) = run(&queue, &text)?;
    let mut ranked: Vec<(&String, &u32)> = counts.iter().collect();
    ranked.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    for (word, count) in ranked.iter().take(10) {
        println!("{count:6} {word}");
    }
    let n_words: u32 = counts.values().sum();
    println!("{n_words} words, {} different, counted on {} in {time:.1?}", counts.len(), queue.device());
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}

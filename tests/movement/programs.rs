//! Twenty-five programs, and the fewest bytes that each has to move between memories, worked out by hand.
//!
//! Memories of different devices are joined by the host's alone, so that what goes from one device to another is moved
//! twice. Elements are `u32`, four bytes each.

use super::common::{self, works_in_place};
use falx::prelude::*;
use falx::trace::totals;
use std::sync::Arc;

/// One program: what it is called, how many devices it needs, what it does, and the fewest bytes that this moves.
struct Program {
    name: &'static str,
    n_devices: usize,
    run: fn(&[Queue]),
    minimum: u64,
}

const fn program(name: &'static str, n_devices: usize, run: fn(&[Queue]), minimum: u64) -> Program {
    Program { name, n_devices, run, minimum }
}

const N: usize = 1000;
/// The bytes of `N` elements.
const ALL: u64 = 4000;

const PROGRAMS: [Program; 25] = [
    // Both inputs out, the sum back.
    program("vector add", 1, vector_add, 3 * ALL),
    program("chain of ten kernels", 1, chain, 2 * ALL),
    program("two buffers in turn", 1, double_buffer, 2 * ALL),
    // Out once, three times from one device to the other, back once.
    program("four turns of two devices", 2, ping_pong, ALL + 3 * 2 * ALL + ALL),
    // Rows of 64 bytes: 18 out with the halos, 2 across in each of 2 exchanges, 16 back.
    program("halo exchange, 2 devices", 2, |queues| halo(&queues[..2]), 64 * (18 + 2 * 2 * 2 + 16)),
    program("halo exchange, 3 devices", 3, |queues| halo(&queues[..3]), 64 * (28 + 2 * 4 * 2 + 24)),
    program("made, used and dropped", 1, make_and_drop, 0),
    program("one source, 4 readers", 4, broadcast, 4 * ALL),
    // Everything out, ten elements anew, everything back.
    program("partial update from the host", 1, partial_update, ALL + 40 + ALL),
    program("sub-buffer halves, 2 devices", 2, halves, 2 * ALL),
    program("ranged read", 1, ranged_read, 400 + 400),
    program("one row read and written", 1, one_row, 200 + 200),
    // From the producer to the host, and from there to each of the others.
    program("one producer, 2 consumers", 3, produce_and_consume, 3 * ALL),
    program("fill, then read", 1, fill_then_read, ALL),
    program("one element of many read", 1, read_one, 4),
    program("overwritten without contents", 1, overwrite, ALL),
    program("reinterpreted", 1, reinterpreted, 800 + 800),
    program("box with gaps copied", 1, strided_copy, 400 + 400),
    program("read ten times", 1, read_often, ALL),
    program("given up and filled again", 1, give_up, ALL + ALL),
    program("shared slice", 1, shared_slice, ALL + ALL),
    program("prefetched, brought home ahead", 1, ahead, ALL + ALL),
    program("borrowed slice", 1, borrowed, ALL + ALL),
    // Four buffers come twice, and leave but for the last two, which are read at home.
    program("four buffers in room for two", 1, evictions, 8 * ALL + 6 * ALL + 2 * ALL),
    // The same for the quarters of one.
    program("one buffer in room for half", 1, quarters, 8 * ALL + 6 * ALL + 2 * ALL),
];

/// Runs every program for which there are devices, and prints and checks what it moved. Where devices work on host memory,
/// that is nothing.
pub fn table() {
    let found = common::devices();
    let in_place = found.iter().all(works_in_place);
    let apart = found.iter().filter(|device| in_place || !works_in_place(device));
    let queues: Vec<Queue> = apart.map(|device| Queue::on(device).unwrap()).collect();
    println!("{:32} {:>7} {:>8} {:>8}", "program", "devices", "moved", "minimum");
    for program in PROGRAMS {
        if queues.len() < program.n_devices {
            println!("{:32} {:>7} skipped: there are {}", program.name, program.n_devices, queues.len());
            continue;
        }
        let before = totals();
        (program.run)(&queues);
        let moved = totals().since(&before).bytes_copied();
        let minimum = if in_place { 0 } else { program.minimum };
        println!("{:32} {:>7} {moved:>8} {minimum:>8}", program.name, program.n_devices);
        assert_eq!(moved, minimum, "{}", program.name);
    }
}

fn ones() -> Buffer<u32> {
    Buffer::from(vec![1; N])
}

fn add_one(queue: &Queue, numbers: &Buffer<u32>) {
    let n = numbers.size();
    let work = |h: &Handler| {
        let numbers = numbers.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| numbers[i] += 1))
    };
    queue.submit(work).unwrap();
}

/// Makes each element of `to` one more than that of `from`.
fn advance(queue: &Queue, from: &Buffer<u32>, to: &Buffer<u32>) {
    let n = to.size();
    let work = |h: &Handler| {
        let (from, to) = (from.read(h), to.write(h));
        h.parallel_for(n, kernel!(move |i: usize| to[i] = from[i] + 1))
    };
    queue.submit(work).unwrap();
}

#[track_caller]
fn holds(numbers: &Buffer<u32>, value: u32) {
    assert!(numbers.host_read().unwrap().iter().all(|number| *number == value));
}

fn vector_add(queues: &[Queue]) {
    let (a, b, c) = (ones(), ones(), Buffer::<u32>::new(N));
    let work = |h: &Handler| {
        let (a, b, c) = (a.read(h), b.read(h), c.write(h).no_init());
        h.parallel_for(N, kernel!(move |i: usize| c[i] = a[i] + b[i]))
    };
    queues[0].submit(work).unwrap();
    holds(&c, 2);
}

fn chain(queues: &[Queue]) {
    let numbers = ones();
    (0..10).for_each(|_| add_one(&queues[0], &numbers));
    holds(&numbers, 11);
}

fn double_buffer(queues: &[Queue]) {
    let (mut from, mut to) = (ones(), Buffer::<u32>::new(N));
    for _ in 0..5 {
        advance(&queues[0], &from, &to);
        std::mem::swap(&mut from, &mut to);
    }
    holds(&from, 6);
}

fn ping_pong(queues: &[Queue]) {
    let numbers = ones();
    (0..4).for_each(|turn| add_one(&queues[turn % 2], &numbers));
    holds(&numbers, 5);
}

/// Three steps of a mean over three rows, eight rows of sixteen elements for each device.
fn halo(queues: &[Queue]) {
    const ROWS: usize = 8;
    let last = queues.len() * ROWS - 1;
    let mut from = Buffer::from_vec(vec![3u32; (last + 1) * 16], [last + 1, 16]).unwrap();
    let mut to = Buffer::<u32, 2>::new([last + 1, 16]);
    for _ in 0..3 {
        for (position, queue) in queues.iter().enumerate() {
            let first = position * ROWS;
            let work = |h: &Handler| {
                let (from, to) = (from.read(h), to.write(h));
                let mean = kernel!(move |i: Id<2>| {
                    let row = first + i[0];
                    let (above, below) = (row.max(1) - 1, (row + 1).min(last));
                    to[[row, i[1]]] = (from[[above, i[1]]] + from[[row, i[1]]] + from[[below, i[1]]]) / 3;
                });
                h.parallel_for([ROWS, 16], mean)
            };
            queue.submit(work).unwrap();
        }
        std::mem::swap(&mut from, &mut to);
    }
    assert!(from.host_read().unwrap().iter().all(|number| *number == 3));
}

fn make_and_drop(queues: &[Queue]) {
    let numbers = Buffer::<u32>::new(N);
    queues[0].fill(&numbers, 1).unwrap();
    add_one(&queues[0], &numbers);
}

fn broadcast(queues: &[Queue]) {
    let (source, results) = (ones(), [(); 4].map(|()| Buffer::<u32>::new(N)));
    for (queue, result) in queues.iter().zip(&results) {
        advance(queue, &source, result);
    }
    holds(&source, 1);
}

fn partial_update(queues: &[Queue]) {
    let numbers = ones();
    add_one(&queues[0], &numbers);
    numbers.sub_buffer(100, 10).unwrap().copy_from_slice(&[2; 10]).unwrap();
    add_one(&queues[0], &numbers);
    holds(&numbers, 3);
}

fn halves(queues: &[Queue]) {
    let numbers = ones();
    for (queue, first) in queues.iter().zip([0, N / 2]) {
        add_one(queue, &numbers.sub_buffer(first, N / 2).unwrap());
    }
    holds(&numbers, 2);
}

fn ranged_read(queues: &[Queue]) {
    let (numbers, part) = (ones(), Buffer::<u32>::new(100));
    let work = |h: &Handler| {
        let (numbers, part) = (numbers.read(h).region(300, 100), part.write(h));
        h.parallel_for(100, kernel!(move |i: usize| part[i] = numbers[i]))
    };
    queues[0].submit(work).unwrap();
    holds(&part, 1);
}

fn one_row(queues: &[Queue]) {
    let matrix = Buffer::from_vec(vec![1u32; 5000], [100, 50]).unwrap();
    let row = 17usize;
    let work = |h: &Handler| {
        let matrix = matrix.read_write(h);
        h.parallel_for(50, kernel!(move |i: usize| matrix[[row, i]] += 1))
    };
    queues[0].submit(work).unwrap();
    assert_eq!(matrix.host_read().unwrap().iter().sum::<u32>(), 5050);
}

fn produce_and_consume(queues: &[Queue]) {
    let (product, results) = (Buffer::<u32>::new(N), [(); 2].map(|()| Buffer::<u32>::new(N)));
    queues[0].fill(&product, 1).unwrap();
    for (queue, result) in queues[1..].iter().zip(&results) {
        advance(queue, &product, result);
    }
    holds(&product, 1);
}

fn fill_then_read(queues: &[Queue]) {
    let numbers = Buffer::<u32>::new(N);
    queues[0].fill(&numbers, 7).unwrap();
    holds(&numbers, 7);
}

fn read_one(queues: &[Queue]) {
    let numbers = Buffer::<u32>::new(1 << 20);
    queues[0].fill(&numbers, 7).unwrap();
    assert_eq!(*numbers.host_read_region(777_777, 1).unwrap(), [7]);
}

fn overwrite(queues: &[Queue]) {
    let numbers = ones();
    let work = |h: &Handler| {
        let numbers = numbers.write(h).no_init();
        h.parallel_for(N, kernel!(move |i: usize| numbers[i] = 7))
    };
    queues[0].submit(work).unwrap();
    holds(&numbers, 7);
}

fn reinterpreted(queues: &[Queue]) {
    let numbers = ones();
    let pairs = numbers.reinterpret::<u64, 1>(N / 2).unwrap();
    add_to_halves(&queues[0], &pairs.sub_buffer(50, 100).unwrap());
    holds(&numbers.sub_buffer(100, 200).unwrap(), 2);
}

fn add_to_halves(queue: &Queue, pairs: &Buffer<u64>) {
    let n = pairs.size();
    let work = |h: &Handler| {
        let pairs = pairs.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| pairs[i] += 0x1_0000_0001))
    };
    queue.submit(work).unwrap();
}

fn strided_copy(queues: &[Queue]) {
    let from = Buffer::from_vec(vec![1u32; 400], [20, 20]).unwrap();
    let to = Buffer::<u32, 2>::new([30, 30]);
    let target = to.sub_buffer([3, 7], [10, 10]).unwrap();
    queues[0].copy(&from.sub_buffer([5, 5], [10, 10]).unwrap(), &target).unwrap();
    assert_eq!(target.to_vec().unwrap(), [1; 100]);
}

fn read_often(queues: &[Queue]) {
    let (numbers, result) = (ones(), Buffer::<u32>::new(N));
    (0..10).for_each(|_| advance(&queues[0], &numbers, &result));
}

fn give_up(queues: &[Queue]) {
    let numbers = ones();
    add_one(&queues[0], &numbers);
    numbers.discard();
    queues[0].fill(&numbers, 7).unwrap();
    holds(&numbers, 7);
}

fn shared_slice(queues: &[Queue]) {
    let kept: Arc<[u32]> = Arc::from(vec![1; N]);
    let (numbers, result) = (Buffer::from(kept.clone()), Buffer::<u32>::new(N));
    advance(&queues[0], &numbers, &result);
    holds(&result, 2);
    holds(&numbers, 1);
}

fn ahead(queues: &[Queue]) {
    let numbers = ones();
    queues[0].prefetch(&numbers).unwrap();
    add_one(&queues[0], &numbers);
    queues[0].update_host(&numbers).unwrap();
    holds(&numbers, 2);
}

fn borrowed(queues: &[Queue]) {
    let mut numbers = [1u32; N];
    let work = |numbers: falx::LentBuffer<'_, u32>| {
        let work = |h: &Handler| {
            let numbers = numbers.read_write(h);
            h.parallel_for(N, kernel!(move |i: usize| numbers[i] += 1))
        };
        queues[0].submit(work).unwrap();
    };
    falx::scope(|s| work(s.buffer(&mut numbers))).unwrap();
    assert_eq!(numbers, [2; N]);
}

fn evictions(queues: &[Queue]) {
    in_turns(queues, || [(); 4].map(|()| ones()));
}

fn quarters(queues: &[Queue]) {
    let whole = Buffer::from(vec![1; 4 * N]);
    in_turns(queues, || [0, 1, 2, 3].map(|quarter| whole.sub_buffer(quarter * N, N).unwrap()));
}

/// Works twice on each of four buffers, of which two have room.
fn in_turns(queues: &[Queue], buffers: impl FnOnce() -> [Buffer<u32>; 4]) {
    let device = queues[0].device();
    // Memory of the programs before counts until it is known that they are over.
    queues.iter().for_each(|queue| queue.wait().unwrap());
    let before = falx::memory_use(device);
    if !works_in_place(device) {
        falx::set_memory_budget(device, Some(before.held_bytes + 2 * ALL as usize));
    }
    let buffers = buffers();
    for _ in 0..2 {
        buffers.iter().for_each(|numbers| add_one(&queues[0], numbers));
    }
    buffers.iter().for_each(|numbers| holds(numbers, 3));
    if !works_in_place(device) {
        falx::set_memory_budget(device, before.budget_bytes);
    }
}

//! Parts of buffers, and their bytes seen in other ways: views of the same elements, ordered by what they share.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, close, for_each_device};
use falx::prelude::*;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// Makes every element a seven.
fn mark(queue: &Queue, numbers: &Buffer<u32>) -> Event {
    queue.fill(numbers, 7).unwrap()
}

fn counted(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[test]
fn a_part_begins_at_index_zero_in_every_dimension() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(10));
        let part = line.sub_buffer(3, 4).unwrap();
        let work = |h: &Handler| {
            let part = part.read_write(h);
            h.parallel_for(4, kernel!(move |i: usize| part[i] = part[i] * 100 + i as u32))
        };
        queue.submit(work).unwrap();
        assert_eq!(*line.host_read().unwrap(), [0, 1, 2, 300, 401, 502, 603, 7, 8, 9]);

        let matrix = Buffer::from_vec(counted(12), [3, 4]).unwrap();
        let part = matrix.sub_buffer([1, 1], [2, 2]).unwrap();
        let work = |h: &Handler| {
            let part = part.read_write(h);
            h.parallel_for(
                [2, 2],
                kernel!(move |i: Id<2>| part[i] = part[i] * 100 + (10 * i[0] + i[1]) as u32),
            )
        };
        queue.submit(work).unwrap();
        assert_eq!(*matrix.host_read().unwrap(), [0, 1, 2, 3, 4, 500, 601, 7, 8, 910, 1011, 11]);

        let cube = Buffer::from_vec(counted(24), [2, 3, 4]).unwrap();
        let part = cube.sub_buffer([1, 0, 2], [1, 2, 1]).unwrap();
        let work = |h: &Handler| {
            let part = part.read_write(h);
            h.parallel_for([1, 2, 1], kernel!(move |i: Id<3>| part[i] = part[i] * 100 + i[1] as u32))
        };
        queue.submit(work).unwrap();
        let mut expected = counted(24);
        (expected[14], expected[18]) = (1400, 1801);
        assert_eq!(*cube.host_read().unwrap(), expected[..]);
    });
}

#[test]
fn a_part_may_begin_at_any_byte() {
    for_each_device(|queue| {
        let bytes = Buffer::from((0..100u8).collect::<Vec<_>>());
        for offset in [1, 2, 3, 5, 33, 61] {
            let part = bytes.sub_buffer(offset, 3).unwrap();
            let work = |h: &Handler| {
                let part = part.read_write(h);
                h.parallel_for(3, kernel!(move |i: usize| part[i] += 100))
            };
            queue.submit(work).unwrap();
            let first = offset as u8 + 100;
            assert_eq!(*part.host_read().unwrap(), [first, first + 1, first + 2]);
            assert_eq!(bytes.host_read().unwrap()[offset + 3], offset as u8 + 3);
            let undo = |h: &Handler| {
                let part = part.read_write(h);
                h.parallel_for(3, kernel!(move |i: usize| part[i] -= 100))
            };
            queue.submit(undo).unwrap();
        }
        assert_eq!(bytes.into_vec().unwrap(), (0..100u8).collect::<Vec<_>>());
    });
}

#[test]
fn a_part_of_a_part_is_counted_from_the_part() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(10));
        let inner = line.sub_buffer(2, 6).unwrap().sub_buffer(1, 3).unwrap();
        queue.fill(&inner, 7).unwrap();
        assert_eq!(*line.host_read().unwrap(), [0, 1, 2, 7, 7, 7, 6, 7, 8, 9]);
        assert_eq!((inner.range(), inner.size(), inner.size_bytes()), (Range([3]), 3, 12));
        assert!(inner.is_sub_buffer() && !line.is_sub_buffer());
        let all = line.sub_buffer(0, 10).unwrap();
        assert!(!all.is_sub_buffer());
    });
}

#[test]
fn a_region_of_a_part_is_counted_from_the_part() {
    for_each_device(|queue| {
        let matrix = Buffer::from_vec(counted(12), [3, 4]).unwrap();
        let part = matrix.sub_buffer([1, 1], [2, 3]).unwrap();
        let work = |h: &Handler| {
            let corner = part.write(h).region([1, 1], [1, 2]).no_init();
            h.parallel_for([1, 2], kernel!(move |i: Id<2>| corner[i] = 70 + i[1] as u32))
        };
        queue.submit(work).unwrap();
        assert_eq!(*matrix.host_read().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 71]);
    });
}

#[test]
fn an_index_beyond_a_part_is_an_error_though_the_buffer_goes_on() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(10)).named("line");
        let (part, at) = (line.sub_buffer(2, 3).unwrap(), Buffer::from(vec![3usize]));
        let work = |h: &Handler| {
            let (part, at) = (part.write(h), at.read(h));
            h.single_task(kernel!(move || part[at[0]] = 1))
        };
        let outcome = queue.submit(work).and_then(|event| event.wait());
        assert_error(outcome, ErrorKind::Kernel, &["index 3 out of range 3"]);
        let _ = queue.wait();
    });
}

#[test]
fn parts_that_leave_their_buffer_are_refused() {
    let matrix = Buffer::<u32, 2>::new([3, 4]).named("matrix");
    let phrases = ["[2, 3] elements from [1, 2] on", "`matrix` of range [3, 4]"];
    assert_error(matrix.sub_buffer([1, 2], [2, 3]), ErrorKind::Accessor, &phrases);
    assert_error(matrix.sub_buffer([4, 0], [0, 4]), ErrorKind::Accessor, &["matrix"]);
    assert_error(matrix.sub_buffer([usize::MAX, 0], [2, 1]), ErrorKind::Accessor, &["matrix"]);
    let part = matrix.sub_buffer([1, 1], [2, 2]).unwrap();
    assert_error(part.sub_buffer([1, 1], [1, 2]), ErrorKind::Accessor, &["range [2, 2]"]);
    assert!(matrix.sub_buffer([3, 4], [0, 0]).unwrap().is_empty());
}

#[test]
fn disjoint_parts_do_not_wait_for_each_other_and_overlapping_ones_do() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(10));
        let parts = [(0, 4), (4, 4), (2, 4)].map(|(first, n)| line.sub_buffer(first, n).unwrap());
        let (gate, holder) = close(queue, &parts[0]);
        let (apart, across) = (mark(queue, &parts[1]), mark(queue, &parts[2]));
        apart.wait().unwrap();
        assert_ne!(across.status(), EventStatus::Complete);
        assert_eq!(*line.host_read_region(6, 2).unwrap(), [7, 7]);
        gate.open();
        holder.wait().unwrap();
        assert_eq!(*line.host_read().unwrap(), [0, 1, 7, 7, 7, 7, 7, 7, 8, 9]);
    });
}

#[test]
fn a_buffer_and_its_part_are_used_in_the_order_of_submission() {
    for_each_device(|queue| {
        let line = Buffer::<u32>::new(1000);
        let part = line.sub_buffer(333, 334).unwrap();
        queue.fill(&line, 1).unwrap();
        for _ in 0..5 {
            let whole = |h: &Handler| {
                let line = line.read_write(h);
                h.parallel_for(1000, kernel!(move |i: usize| line[i] *= 3))
            };
            queue.submit(whole).unwrap();
            let middle = |h: &Handler| {
                let part = part.read_write(h);
                h.parallel_for(334, kernel!(move |i: usize| part[i] += 1))
            };
            queue.submit(middle).unwrap();
        }
        let (outside, inside) = (243, (0..5).fold(1, |value, _| value * 3 + 1));
        let expected = (0..1000).map(|i| if (333..667).contains(&i) { inside } else { outside });
        assert_eq!(line.into_vec().unwrap(), expected.collect::<Vec<u32>>());
    });
}

#[test]
fn a_part_outlives_its_buffer_and_gives_a_vector() {
    for_each_device(|queue| {
        let matrix = Buffer::from_vec(counted(12), [3, 4]).unwrap();
        let part = matrix.sub_buffer([0, 1], [3, 2]).unwrap();
        drop(matrix);
        queue.submit(|h| h.fill(&part.write(h).region([1, 0], [1, 2]).no_init(), 7)).unwrap();
        assert_eq!(part.to_vec().unwrap(), [1, 2, 7, 7, 9, 10]);
        assert_eq!(part.into_vec().unwrap(), [1, 2, 7, 7, 9, 10]);
    });
}

#[test]
fn boxes_with_gaps_are_copied_between_buffers_and_slices() {
    for_each_device(|queue| {
        let (from, to) =
            (Buffer::from_vec(counted(20), [4, 5]).unwrap(), Buffer::from_vec(vec![0; 12], [3, 4]).unwrap());
        queue
            .copy(&from.sub_buffer([1, 2], [2, 2]).unwrap(), &to.sub_buffer([0, 1], [2, 2]).unwrap())
            .unwrap();
        assert_eq!(*to.host_read().unwrap(), [0, 7, 8, 0, 0, 12, 13, 0, 0, 0, 0, 0]);
        let column = to.sub_buffer([0, 3], [3, 1]).unwrap();
        column.copy_from_slice(&[1, 2, 3]).unwrap();
        assert_eq!(*to.host_read().unwrap(), [0, 7, 8, 1, 0, 12, 13, 2, 0, 0, 0, 3]);
        let mut middle = [0; 4];
        to.sub_buffer([1, 1], [2, 2]).unwrap().copy_to_slice(&mut middle).unwrap();
        assert_eq!(middle, [12, 13, 0, 0]);
        assert_error(column.copy_from_slice(&[1; 4]), ErrorKind::LengthMismatch, &["holds 3 elements"]);
        assert_error(column.host_read(), ErrorKind::Accessor, &["not contiguous"]);
    });
}

#[test]
fn a_part_has_the_name_of_its_buffer_in_messages() {
    let line = Buffer::<u32>::new(10).named("line");
    let part = line.sub_buffer(2, 3).unwrap();
    assert_error(part.host_read(), ErrorKind::Uninitialized, &["`line`[2..5]"]);
    assert_eq!(format!("{part:?}"), "Buffer `line` of [3] u32");
}

#[test]
fn sums_and_reductions_over_a_part_leave_the_rest_out() {
    for_each_device(|queue| {
        let matrix = Buffer::from_vec(counted(12), [3, 4]).unwrap();
        let middle = matrix.sub_buffer([1, 1], [2, 2]).unwrap();
        assert_eq!(falx::algorithm::sum(queue, &middle).unwrap(), 5 + 6 + 9 + 10);
        let line = Buffer::from(counted(9));
        let (low, high) = (line.sub_buffer(0, 3).unwrap(), line.sub_buffer(6, 3).unwrap());
        assert_eq!(falx::algorithm::dot(queue, &low, &high).unwrap(), 7 + 2 * 8);
    });
}

#[test]
fn bytes_are_seen_as_elements_of_another_type() {
    for_each_device(|queue| {
        let floats = Buffer::from(vec![1.0f32, -2.0, 0.5, 0.0]);
        let bits = floats.reinterpret::<u32, 1>(4).unwrap();
        let work = |h: &Handler| {
            let bits = bits.read_write(h);
            h.parallel_for(4, kernel!(move |i: usize| bits[i] ^= 0x8000_0000))
        };
        queue.submit(work).unwrap();
        assert_eq!(*floats.host_read().unwrap(), [-1.0, 2.0, -0.5, -0.0]);
        let bytes = floats.reinterpret::<u8, 2>([4, 4]).unwrap();
        assert_eq!(bytes.host_read().unwrap()[12..], [0, 0, 0, 0x80]);
        let pairs = bytes.reinterpret::<[f32; 2], 1>(2).unwrap();
        assert_eq!(*pairs.host_read().unwrap(), [[-1.0, 2.0], [-0.5, -0.0]]);
        assert_eq!(pairs.into_vec().unwrap(), [[-1.0, 2.0], [-0.5, -0.0]]);
    });
}

#[test]
fn elements_are_seen_in_another_range_and_parts_are_taken_of_that() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(12));
        let matrix = line.reinterpret::<u32, 2>([3, 4]).unwrap();
        let middle = matrix.sub_buffer([1, 1], [2, 2]).unwrap();
        queue.fill(&middle, 70).unwrap();
        assert_eq!(*line.host_read().unwrap(), [0, 1, 2, 3, 4, 70, 70, 7, 8, 70, 70, 11]);
        let cube = matrix.reinterpret::<u32, 3>([2, 3, 2]).unwrap();
        let work = |h: &Handler| {
            let cube = cube.write(h);
            h.parallel_for([2, 3, 1], kernel!(move |i: Id<3>| cube[[i[0], i[1], 1]] = 5))
        };
        queue.submit(work).unwrap();
        assert_eq!(matrix.to_vec().unwrap(), [0, 5, 2, 5, 4, 5, 70, 5, 8, 5, 70, 5]);
    });
}

#[test]
fn views_of_the_same_bytes_are_used_in_the_order_of_submission() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 256]);
        let wide = numbers.reinterpret::<u64, 1>(128).unwrap();
        for _ in 0..4 {
            let narrow = |h: &Handler| {
                let numbers = numbers.read_write(h);
                h.parallel_for(256, kernel!(move |i: usize| numbers[i] += 1))
            };
            queue.submit(narrow).unwrap();
            let double = |h: &Handler| {
                let wide = wide.read_write(h);
                h.parallel_for(128, kernel!(move |i: usize| wide[i] *= 2))
            };
            queue.submit(double).unwrap();
        }
        assert_eq!(*numbers.host_read().unwrap(), [46; 256]);
    });
}

#[test]
fn what_cannot_be_seen_differently_is_refused_with_the_reason() {
    let numbers = Buffer::from(vec![1u32; 6]).named("numbers");
    let short = numbers.reinterpret::<u32, 2>([2, 2]);
    assert_error(short, ErrorKind::LengthMismatch, &["`numbers`", "24 bytes", "[2, 2]", "4 each"]);
    assert_error(numbers.reinterpret::<u64, 1>(usize::MAX), ErrorKind::LengthMismatch, &["`numbers`"]);
    let part = numbers.sub_buffer(2, 4).unwrap();
    assert_error(part.reinterpret::<u64, 1>(2), ErrorKind::Invalid, &["part of a larger one"]);
    let bytes: Vec<u8> = vec![0; 64];
    let odd = !bytes.as_ptr().addr().is_multiple_of(16);
    let vectors = Buffer::from(bytes).reinterpret::<F32x4, 1>(4);
    assert_eq!(vectors.is_err(), odd);
}

#[test]
fn one_command_cannot_use_the_same_bytes_as_two_types() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]).named("numbers");
        let floats = numbers.reinterpret::<f32, 1>(8).unwrap();
        let both = queue.submit(|h| {
            let (from, to) = (numbers.read(h), floats.write(h));
            h.parallel_for(8, kernel!(move |i: usize| to[i] = from[i] as f32))
        });
        assert_error(both, ErrorKind::Accessor, &["`numbers`", "different types", "two commands"]);
        // Disjoint parts are as good as two buffers.
        let (low, high) = (numbers.sub_buffer(0, 4).unwrap(), floats.sub_buffer(4, 4).unwrap());
        let apart = |h: &Handler| {
            let (from, to) = (low.read(h), high.write(h));
            h.parallel_for(4, kernel!(move |i: usize| to[i] = from[i] as f32))
        };
        queue.submit(apart).unwrap();
        assert_eq!(floats.host_read().unwrap()[4..], [1.0; 4]);
    });
}

#[test]
fn where_a_buffer_is_current_is_known_by_the_byte() {
    for_each_device(|queue| {
        let (line, host) = (Buffer::<u32>::new(100), Queue::new(Selector::host()).unwrap());
        assert_eq!(line.written_bytes(), 0);
        let part = line.sub_buffer(10, 20).unwrap();
        queue.fill(&part, 7).unwrap();
        let device = queue.device();
        assert_eq!((line.written_bytes(), line.current_bytes_on(device)), (80, 80));
        assert!(part.is_current_on(device) && !line.is_current_on(device));
        let at_home = if common::works_in_place(device) { 80 } else { 0 };
        assert_eq!(line.current_bytes_on(host.device()), at_home);
        drop(line.host_read_region(10, 5).unwrap());
        assert_eq!(line.current_bytes_on(host.device()), at_home.max(20));
        let bytes = line.reinterpret::<u8, 1>(400).unwrap();
        assert_eq!(bytes.current_bytes_on(device), 80);
    });
}

#[test]
fn what_is_given_up_is_unwritten_again() {
    for_each_device(|queue| {
        let line = Buffer::from(counted(8)).named("line");
        queue.fill(&line.sub_buffer(0, 2).unwrap(), 70).unwrap();
        line.sub_buffer(1, 4).unwrap().discard();
        assert_eq!(line.written_bytes(), 16);
        assert_error(line.host_read(), ErrorKind::Uninitialized, &["`line`[1..5]"]);
        // A plain write leaves zeros between what it writes.
        let work = |h: &Handler| {
            let line = line.write(h);
            h.parallel_for(2, kernel!(move |i: usize| line[1 + 3 * i] = 5))
        };
        queue.submit(work).unwrap();
        assert_eq!(*line.host_read().unwrap(), [70, 5, 0, 0, 5, 5, 6, 7]);
    });
}

#[test]
fn memory_that_was_fresh_is_zeroed_once_its_contents_are_given_up() {
    for_each_device(|queue| {
        // Of a size that no other test has, so that no memory is there that was used before.
        let line = Buffer::<u32>::new(54_321);
        queue.fill(&line, 7).unwrap();
        line.discard();
        let work = |h: &Handler| {
            let line = line.write(h);
            h.parallel_for(2, kernel!(move |i: usize| line[54_320 * i] = 5))
        };
        queue.submit(work).unwrap();
        let line = line.host_read().unwrap();
        assert_eq!((line[0], line[54_320], line[1..54_320].iter().max()), (5, 5, Some(&0)));
    });
}

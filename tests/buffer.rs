//! Buffers: how they are made, what they hold, and how their elements come back.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, close, for_each_device, within};
use falx::prelude::*;
use std::fmt::Debug;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn range_size_and_bytes_agree_in_every_dimension() {
    let line = Buffer::<u16>::new(7);
    assert_eq!((line.range(), line.size(), line.size_bytes(), line.is_empty()), (Range([7]), 7, 14, false));
    let plane = Buffer::<f64, 2>::new([3, 5]);
    assert_eq!((plane.range(), plane.size(), plane.size_bytes()), (Range([3, 5]), 15, 120));
    let space = Buffer::<[f32; 4], 3>::new([2, 3, 4]);
    assert_eq!((space.range(), space.size(), space.size_bytes()), (Range([2, 3, 4]), 24, 384));
}

#[test]
fn a_host_guard_is_indexed_in_each_dimension_or_as_a_slice() {
    let space = Buffer::from_vec((0..24u32).collect(), [2, 3, 4]).unwrap();
    let shown = space.host_read().unwrap();
    assert_eq!((shown[[1, 2, 3]], shown[Id([0, 1, 2])], shown[23], &shown[..2]), (23, 6, 23, &[0, 1][..]));
    drop(shown);
    let half = space.sub_buffer([1, 0, 0], [1, 3, 4]).unwrap();
    let mut part = half.host_write().unwrap();
    part[[0, 1, 0]] = 100;
    part[1..3].fill(7);
    assert_eq!(*part, [12, 7, 7, 15, 100, 17, 18, 19, 20, 21, 22, 23]);
    for (index, message) in
        [([0, 3, 0], "index [0, 3, 0] out of range [1, 3, 4]"), ([0, 0, 4], "index [0, 0, 4] out of")]
    {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| part[index]));
        let text = *outcome.unwrap_err().downcast::<String>().unwrap();
        assert!(text.starts_with(message), "{text}");
    }
}

#[test]
fn an_accessor_has_the_length_of_its_region_on_the_host_and_in_kernels() {
    for_each_device(|queue| {
        let (plane, lengths) = (Buffer::from_vec(vec![0u8; 15], [3, 5]).unwrap(), Buffer::<usize>::new(3));
        queue
            .submit(|h| {
                let (part, none) =
                    (plane.read(h).region([1, 1], [2, 3]), plane.read(h).region([3, 5], [0, 0]));
                assert_eq!((part.len(), part.is_empty(), none.len(), none.is_empty()), (6, false, 0, true));
                let (lengths, shared) = (lengths.write(h).no_init(), h.local::<u32, 1>(4));
                assert_eq!((shared.len(), shared.is_empty()), (4, false));
                h.parallel_for(
                    NdRange::new(1, 1),
                    kernel!(move |_it: NdItem<1>| {
                        lengths[0] = part.len();
                        lengths[1] = none.len();
                        lengths[2] = shared.len();
                    }),
                )
            })
            .unwrap();
        assert_eq!(*lengths.host_read().unwrap(), [6, 0, 4]);
    });
}

#[test]
fn rows_lie_one_after_the_other_in_two_dimensions() {
    for_each_device(|queue| {
        let plane = Buffer::<u32, 2>::new([5, 7]);
        queue
            .submit(|h| {
                let plane = plane.write(h).no_init();
                h.parallel_for([5, 7], kernel!(move |i: Id<2>| plane[i] = (i[0] * 100 + i[1]) as u32))
            })
            .unwrap();
        let expected: Vec<u32> = (0..5).flat_map(|y| (0..7).map(move |x| y * 100 + x)).collect();
        assert_eq!(*plane.host_read().unwrap(), expected);
    });
}

#[test]
fn planes_lie_one_after_the_other_in_three_dimensions() {
    for_each_device(|queue| {
        let space = Buffer::<u32, 3>::new([2, 3, 5]);
        queue
            .submit(|h| {
                let space = space.write(h).no_init();
                h.parallel_for(
                    [2, 3, 5],
                    kernel!(move |i: Id<3>| space[i] = (i[0] * 100 + i[1] * 10 + i[2]) as u32),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..2)
            .flat_map(|z| (0..3).flat_map(move |y| (0..5).map(move |x| z * 100 + y * 10 + x)))
            .collect();
        assert_eq!(space.into_vec().unwrap(), expected);
    });
}

/// Copies elements with a kernel and checks that they are the same.
fn passes_through_a_kernel<T: falx::Element + PartialEq + Debug>(queue: &Queue, elements: &[T]) {
    let from = Buffer::from_slice(elements);
    let to = Buffer::<T>::new(elements.len());
    let copied = queue.submit(|h| {
        let (from, to) = (from.read(h), to.write(h).no_init());
        h.parallel_for(elements.len(), kernel!(move |i: Id<1>| to[i] = from[i]))
    });
    copied.unwrap();
    assert_eq!(*to.host_read().unwrap(), *elements);
}

#[test]
fn every_kind_of_integer_passes_through_a_kernel_unchanged() {
    for_each_device(|queue| {
        passes_through_a_kernel(queue, &[0u8, 1, 127, 128, 255]);
        passes_through_a_kernel(queue, &[i8::MIN, -1, 0, 1, i8::MAX]);
        passes_through_a_kernel(queue, &[0u16, 1, u16::MAX]);
        passes_through_a_kernel(queue, &[i16::MIN, -1, 0, i16::MAX]);
        passes_through_a_kernel(queue, &[0u32, 1, u32::MAX]);
        passes_through_a_kernel(queue, &[i32::MIN, -1, 0, i32::MAX]);
        passes_through_a_kernel(queue, &[0u64, 1, u64::MAX]);
        passes_through_a_kernel(queue, &[i64::MIN, -1, 0, i64::MAX]);
        passes_through_a_kernel(queue, &[0usize, 1, usize::MAX]);
        passes_through_a_kernel(queue, &[isize::MIN, -1, 0, isize::MAX]);
    });
}

#[test]
fn floats_pass_through_a_kernel_unchanged() {
    for_each_device(|queue| {
        passes_through_a_kernel(queue, &[0.0f32, 1.5, f32::MIN, f32::MAX, f32::INFINITY, f32::MIN_POSITIVE]);
        if queue.device().aspects().fp64 {
            passes_through_a_kernel(queue, &[0.0f64, 1.5, f64::MIN, f64::MAX, f64::NEG_INFINITY]);
        } else {
            println!("skipped: {} has no fp64", queue.device());
        }
    });
}

#[test]
fn arrays_are_elements() {
    for_each_device(|queue| {
        passes_through_a_kernel(queue, &[[1.0f32, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]);
        passes_through_a_kernel(queue, &[[1u8, 2, 3], [4, 5, 6], [7, 8, 9]]);
        passes_through_a_kernel(queue, &[[[1i64, 2], [3, 4]], [[5, 6], [7, 8]]]);
    });
}

#[test]
fn clones_share_the_elements() {
    for_each_device(|queue| {
        let first = Buffer::from(vec![1u32; 10]);
        let second = first.clone();
        queue.fill(&first, 9).unwrap();
        assert_eq!(*second.host_read().unwrap(), [9; 10]);
    });
}

#[test]
fn a_buffer_from_a_slice_leaves_the_slice_alone() {
    for_each_device(|queue| {
        let slice = [1u32, 2, 3];
        let buffer = Buffer::from_slice(&slice);
        queue.fill(&buffer, 7).unwrap();
        assert_eq!((buffer.into_vec().unwrap(), slice), (vec![7; 3], [1, 2, 3]));
    });
}

#[test]
fn the_last_handle_gives_the_vector_back_without_copying() {
    for_each_device(|queue| {
        for round in 0..200u32 {
            let vec = vec![round; 1000];
            let pointer = vec.as_ptr();
            let buffer = Buffer::from(vec);
            queue
                .submit(|h| {
                    let buffer = buffer.read_write(h);
                    h.parallel_for(1000, kernel!(move |i: Id<1>| buffer[i] = buffer[i] + 1))
                })
                .unwrap();
            let vec = buffer.into_vec().unwrap();
            assert_eq!(vec, [round + 1; 1000]);
            assert_eq!(vec.as_ptr(), pointer, "in round {round}");
        }
    });
}

#[test]
fn a_vector_keeps_its_spare_capacity_on_the_way_through_a_buffer() {
    let mut vec = Vec::with_capacity(100);
    vec.extend([1u8, 2, 3]);
    let vec = Buffer::from(vec).into_vec().unwrap();
    assert_eq!((vec.capacity(), vec), (100, vec![1, 2, 3]));
}

#[test]
fn a_shared_buffer_gives_a_copy_and_stays_usable() {
    for_each_device(|queue| {
        let vec = vec![5u32; 10];
        let pointer = vec.as_ptr();
        let kept = Buffer::from(vec);
        let copy = kept.clone().into_vec().unwrap();
        assert_ne!(copy.as_ptr(), pointer);
        queue.fill(&kept, 6).unwrap();
        assert_eq!((copy, kept.into_vec().unwrap()), (vec![5; 10], vec![6; 10]));
    });
}

#[test]
fn buffers_without_elements_are_legal_everywhere() {
    for_each_device(|queue| {
        for empty in [Buffer::<f32>::new(0), Buffer::from(Vec::<f32>::new()), Buffer::from_slice(&[])] {
            assert!(empty.is_empty());
            let other = Buffer::<f32>::new(0);
            queue.fill(&empty, 1.0).unwrap();
            queue.copy(&empty, &other).unwrap();
            queue
                .submit(|h| {
                    let (from, to) = (empty.read(h), other.write(h).no_init());
                    h.parallel_for(0, kernel!(move |i: Id<1>| to[i] = from[i]))
                })
                .unwrap();
            queue.submit(|h| h.host_task(other.read(h), |elements| assert!(elements.is_empty()))).unwrap();
            queue.wait().unwrap();
            assert_eq!(empty.host_read().unwrap().len(), 0);
            assert_eq!(empty.host_write().unwrap().len(), 0);
            assert_eq!(empty.into_vec().unwrap(), Vec::<f32>::new());
        }
        let flat = Buffer::<u32, 3>::new([4, 0, 5]);
        queue.fill(&flat, 1).unwrap();
        assert_eq!((flat.size(), flat.into_vec().unwrap()), (0, vec![]));
    });
}

#[test]
fn a_launch_of_no_items_leaves_everything_alone() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![3u32; 4]);
        let event = queue.submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(0, kernel!(move |i: Id<1>| numbers[i] = 9))
        });
        event.unwrap().wait().unwrap();
        let event = queue.submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for([3, 0], kernel!(move |i: Id<2>| numbers[i[0]] = 9))
        });
        event.unwrap().wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [3; 4]);
    });
}

#[test]
fn an_accessor_without_elements_traps_when_it_is_used() {
    for_each_device(|queue| {
        let (empty, one) = (Buffer::<u32>::new(0), Buffer::<u32>::new(1));
        let event = queue.submit(|h| {
            let (empty, one) = (empty.read(h), one.write(h).no_init());
            h.parallel_for(1, kernel!(move |i: Id<1>| one[i] = empty[i]))
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["index 0 out of range 0", "`empty`"]);
    });
}

#[test]
fn a_vector_of_the_wrong_length_is_refused() {
    let error = Buffer::from_vec(vec![1, 2, 3], [2, 2]);
    assert_error(error, ErrorKind::LengthMismatch, &["[2, 2]", "4 elements", "holds 3"]);
}

#[test]
fn slices_of_the_wrong_length_are_refused_and_nothing_is_copied() {
    let buffer = Buffer::from(vec![1u32, 2, 3]).named("velocity");
    let mut two = [8; 2];
    assert_error(
        buffer.copy_to_slice(&mut two),
        ErrorKind::LengthMismatch,
        &["`velocity`", "3 elements", "destination", "2"],
    );
    assert_error(
        buffer.copy_from_slice(&[0; 4]),
        ErrorKind::LengthMismatch,
        &["`velocity`", "3 elements", "source", "4"],
    );
    assert_eq!((two, buffer.into_vec().unwrap()), ([8; 2], vec![1, 2, 3]));
}

#[test]
fn slices_are_copied_in_and_out_in_their_place_among_the_commands() {
    for_each_device(|queue| {
        let buffer = Buffer::<u32>::new(4);
        queue.fill(&buffer, 1).unwrap();
        buffer.copy_from_slice(&[1, 2, 3, 4]).unwrap();
        queue
            .submit(|h| {
                let buffer = buffer.read_write(h);
                h.parallel_for(4, kernel!(move |i: Id<1>| buffer[i] = buffer[i] * 10))
            })
            .unwrap();
        let mut elements = [0; 4];
        buffer.copy_to_slice(&mut elements).unwrap();
        assert_eq!(elements, [10, 20, 30, 40]);
    });
}

#[test]
fn a_range_beyond_all_memory_makes_every_use_an_error() {
    for_each_device(|queue| {
        let huge = Buffer::<f64, 2>::new([usize::MAX / 4, 8]);
        let phrases = ["larger than any memory", "smaller range"];
        assert_error(huge.host_read(), ErrorKind::Invalid, &phrases);
        assert_error(huge.host_write(), ErrorKind::Invalid, &phrases);
        assert_error(queue.fill(&huge, 0.0), ErrorKind::Invalid, &phrases);
        assert_error(huge.into_vec(), ErrorKind::Invalid, &phrases);
    });
}

#[test]
fn memory_that_the_machine_does_not_have_is_an_error_and_the_queue_goes_on() {
    for_each_device(|queue| {
        // A tebibyte fits into an address space, but into no machine that runs this.
        let huge = Buffer::<u64>::new(1 << 47);
        let outcome = queue.fill(&huge, 1).and_then(|event| event.wait());
        assert_error(outcome, ErrorKind::MemoryAllocation, &["bytes"]);
        let _ = queue.wait();
        let small = Buffer::<u64>::new(4);
        queue.fill(&small, 3).unwrap();
        assert_eq!(small.into_vec().unwrap(), [3; 4]);
    });
}

#[test]
fn reading_what_nothing_has_written_is_an_error_that_names_the_buffer_and_the_place() {
    for_each_device(|queue| {
        let (empty, to) = (Buffer::<f32>::new(8).named("mask"), Buffer::<f32>::new(8));
        assert_error(empty.host_read(), ErrorKind::Uninitialized, &["`mask`", "nothing has written"]);
        assert_error(empty.clone().into_vec(), ErrorKind::Uninitialized, &["`mask`"]);
        assert_error(queue.copy(&empty, &to), ErrorKind::Uninitialized, &["`mask`"]);
        assert_error(queue.prefetch(&empty), ErrorKind::Uninitialized, &["`mask`"]);
        let place = format!("kernel `kernel` at {}:{} reads", file!(), line!() + 3);
        let event = queue.submit(|h| {
            let (empty, to) = (empty.read(h), to.write(h).no_init());
            h.parallel_for(8, kernel!(move |i: Id<1>| to[i] = empty[i]))
        });
        assert_error(event, ErrorKind::Uninitialized, &[&place, "`mask`", "write it first"]);
        queue.wait().unwrap();
    });
}

#[test]
fn what_is_half_written_can_be_read_by_half() {
    for_each_device(|queue| {
        let buffer = Buffer::<u32>::new(8).named("half");
        queue.submit(|h| h.fill(&buffer.write(h).region(0, 4).no_init(), 5)).unwrap();
        assert_error(buffer.host_read(), ErrorKind::Uninitialized, &["`half`", "4"]);
        assert_eq!(*buffer.host_read_region(0, 4).unwrap(), [5; 4]);
        assert_error(buffer.host_read_region(3, 2), ErrorKind::Uninitialized, &["`half`"]);
        queue.submit(|h| h.fill(&buffer.write(h).region(4, 4).no_init(), 6)).unwrap();
        assert_eq!(buffer.into_vec().unwrap(), [5, 5, 5, 5, 6, 6, 6, 6]);
    });
}

#[test]
fn elements_that_a_plain_write_leaves_out_are_zero_or_keep_their_values() {
    for_each_device(|queue| {
        for buffer in [Buffer::<u32>::new(5), Buffer::from(vec![0; 5])] {
            queue
                .submit(|h| {
                    let buffer = buffer.write(h);
                    h.parallel_for(3, kernel!(move |i: Id<1>| buffer[i[0] * 2] = 7))
                })
                .unwrap();
            queue
                .submit(|h| {
                    let buffer = buffer.write(h);
                    h.parallel_for(1, kernel!(move |i: Id<1>| buffer[i] = 8))
                })
                .unwrap();
            assert_eq!(buffer.into_vec().unwrap(), [8, 0, 7, 0, 7]);
        }
    });
}

#[test]
fn elements_outside_a_region_without_contents_keep_their_values() {
    for_each_device(|queue| {
        let buffer = Buffer::from(vec![1u32; 8]);
        queue
            .submit(|h| {
                let middle = buffer.write(h).region(2, 3).no_init();
                h.parallel_for(3, kernel!(move |i: Id<1>| middle[i] = 9))
            })
            .unwrap();
        assert_eq!(*buffer.host_read().unwrap(), [1, 1, 9, 9, 9, 1, 1, 1]);
    });
}

#[test]
fn dropping_a_buffer_returns_while_its_command_is_still_to_run() {
    for_each_device(|queue| {
        let (buffer, seen) = (Buffer::from(vec![1u32; 8]), Buffer::<u32>::new(8));
        let (gate, _) = close(queue, &buffer);
        let event = queue.copy(&buffer, &seen).unwrap();
        drop(buffer);
        assert_eq!(event.status(), EventStatus::Submitted);
        gate.open();
        assert_eq!(seen.into_vec().unwrap(), [1; 8]);
        event.wait().unwrap();
    });
}

#[test]
fn part_of_a_buffer_is_read_as_a_slice_where_it_is_contiguous() {
    for_each_device(|queue| {
        let buffer = Buffer::from_vec((0..20u32).collect(), [4, 5]).unwrap().named("plane");
        queue
            .submit(|h| {
                let buffer = buffer.read_write(h);
                h.parallel_for([4, 5], kernel!(move |i: Id<2>| buffer[i] = buffer[i] + 1))
            })
            .unwrap();
        assert_eq!(*buffer.host_read_region([1, 0], [2, 5]).unwrap(), *(6..16).collect::<Vec<u32>>());
        assert_eq!(*buffer.host_read_region([2, 1], [1, 3]).unwrap(), [12, 13, 14]);
        let corner = buffer.host_read_region([0, 0], [2, 2]);
        assert_error(corner, ErrorKind::Accessor, &["`plane`", "not contiguous", "whole rows"]);
        let beyond = buffer.host_read_region([3, 0], [2, 5]);
        assert_error(beyond, ErrorKind::Accessor, &["[2, 5]", "[3, 0]", "`plane`", "[4, 5]"]);
        let overflow = buffer.host_read_region([usize::MAX, 0], [2, 5]);
        assert_error(overflow, ErrorKind::Accessor, &["leaves buffer `plane`"]);
    });
}

#[test]
fn a_host_guard_sees_and_changes_what_commands_see_and_change() {
    for_each_device(|queue| {
        let buffer = Buffer::<u32>::new(4);
        queue.fill(&buffer, 3).unwrap();
        {
            let mut elements = buffer.host_write().unwrap();
            assert_eq!(*elements, [3; 4]);
            elements[2] = 30;
        }
        queue
            .submit(|h| {
                let buffer = buffer.read_write(h);
                h.parallel_for(4, kernel!(move |i: Id<1>| buffer[i] = buffer[i] + 1))
            })
            .unwrap();
        assert_eq!(*buffer.host_read().unwrap(), [4, 4, 31, 4]);
        buffer.host_write_no_init().unwrap().copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(*buffer.host_read().unwrap(), [1, 2, 3, 4]);
    });
}

#[test]
fn an_unwritten_buffer_is_zero_to_a_host_guard_that_writes() {
    within(common::LIMIT, || {
        let buffer = Buffer::<u64>::new(3);
        assert_eq!(*buffer.host_write().unwrap(), [0; 3]);
        assert_eq!(buffer.into_vec().unwrap(), [0; 3]);
    });
}

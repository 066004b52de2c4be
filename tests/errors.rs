//! Failed commands: what is said, to whom, how often, and what the data is worth afterwards.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, child, close, for_each_device, for_each_device_with, is_child, succeeds};
use falx::prelude::*;
use std::sync::{Arc, Mutex};

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// A kernel that writes one element too many.
fn overrun(queue: &Queue, numbers: &Buffer<u32>) -> Event {
    let n = numbers.size() + 1;
    let event = queue.submit(|h| {
        let numbers = numbers.write(h);
        h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = 2))
    });
    event.unwrap()
}

const SCATTER_LINE: u32 = line!() + 4;

#[kernel_fn]
fn scatter(i: usize, numbers: Write<u32>) {
    numbers[i * 3] = 2;
}

#[test]
fn a_bad_index_names_kernel_file_line_item_index_and_length() {
    for_each_device(|queue| {
        // Item 34 is the only one that leaves the buffer, and where one of many does, the first is named on every device.
        let numbers = Buffer::from(vec![1u32; 100]);
        let event = queue.submit(|h| h.parallel_for(35, scatter(numbers.write(h))));
        let expected = format!(
            "kernel `scatter` at tests/errors.rs:{SCATTER_LINE}:5: index 102 out of range 100 in `numbers`, work-item 34"
        );
        assert_eq!(event.unwrap().wait().unwrap_err().to_string(), expected);
    });
}

#[test]
fn a_bad_index_in_two_dimensions_says_which() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![1u32; 12], [3, 4]).unwrap();
        let event = queue.submit(|h| {
            let plane = plane.write(h);
            h.parallel_for([3, 4], kernel!(move |i: Id<2>| plane[[i[0], i[1] + i[0] / 2]] = 2))
        });
        assert_error(
            event.unwrap().wait(),
            ErrorKind::Kernel,
            &["[2, 4]", "[3, 4]", "`plane`", "work-item [2, 3]"],
        );
    });
}

#[test]
fn a_division_by_zero_is_an_error() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![4u32, 2, 0, 1]);
        let event = queue.submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(4, kernel!(move |i: Id<1>| numbers[i] = 100 / numbers[i]))
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["zero", "work-item 2", "tests/errors.rs:"]);
    });
}

#[test]
fn nothing_outside_the_accessor_is_touched_by_a_bad_index() {
    for_each_device(|queue| {
        // A buffer that a failed kernel wrote cannot be read, but lent memory can.
        let mut numbers = [1u32; 12];
        let outcome = falx::scope(|s| {
            let numbers = s.buffer(&mut numbers);
            queue.submit(|h| {
                let part = numbers.write(h).region(4, 4);
                h.parallel_for(12, kernel!(move |i: Id<1>| part[i] = 2))
            })
        });
        assert_error(outcome.map(drop), ErrorKind::Kernel, &["out of range 4", "`part`"]);
        assert_eq!((&numbers[..4], &numbers[8..]), (&[1; 4][..], &[1; 4][..]));
    });
}

#[test]
fn what_a_failed_kernel_wrote_gives_its_error_until_it_is_overwritten() {
    for_each_device(|queue| {
        let (numbers, copy) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(4));
        let phrases = ["index 4 out of range 4", "`numbers`"];
        let event = overrun(queue, &numbers);
        assert_error(numbers.host_read(), ErrorKind::Kernel, &phrases);
        assert_error(numbers.host_write(), ErrorKind::Kernel, &phrases);
        assert_error(numbers.clone().into_vec(), ErrorKind::Kernel, &phrases);
        assert_error(event.wait(), ErrorKind::Kernel, &phrases);
        let dependent = queue.copy(&numbers, &copy).unwrap();
        assert_error(dependent.wait(), ErrorKind::Kernel, &phrases);
        assert_error(copy.host_read(), ErrorKind::Kernel, &phrases);
        assert_error(queue.wait(), ErrorKind::Kernel, &phrases);
        queue.fill(&numbers, 7).unwrap();
        queue.copy(&numbers, &copy).unwrap();
        queue.wait().unwrap();
        assert_eq!((numbers.into_vec().unwrap(), copy.into_vec().unwrap()), (vec![7; 4], vec![7; 4]));
    });
}

#[test]
fn the_host_heals_a_spoilt_buffer_by_overwriting_it() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        overrun(queue, &numbers).wait().unwrap_err();
        queue.wait().unwrap_err();
        numbers.copy_from_slice(&[1, 2, 3, 4]).unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [1, 2, 3, 4]);
        queue.submit(|h| h.fill(&numbers.write(h).region(0, 2), 9)).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [9, 9, 3, 4]);
    });
}

#[test]
fn overwriting_a_part_does_not_heal_the_rest() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        overrun(queue, &numbers).wait().unwrap_err();
        queue.submit(|h| h.fill(&numbers.write(h).region(0, 2).no_init(), 7)).unwrap();
        assert_error(numbers.host_read(), ErrorKind::Kernel, &["index 4 out of range 4"]);
    });
}

#[test]
fn data_that_a_failed_kernel_only_read_stays_good() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(8));
        let event = queue.submit(|h| {
            let (from, to) = (from.read(h), to.write(h).no_init());
            h.parallel_for(8, kernel!(move |i: Id<1>| to[i] = from[i]))
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["index ", "out of range 4", "`from`"]);
        assert_eq!(from.into_vec().unwrap(), [1; 4]);
        to.host_read().unwrap_err();
    });
}

#[test]
fn the_queue_goes_on_after_a_failed_kernel() {
    for_each_device(|queue| {
        for round in 0..20u32 {
            overrun(queue, &Buffer::from(vec![1u32; 4]));
            let good = Buffer::from(vec![round; 4]);
            queue
                .submit(|h| {
                    let good = good.read_write(h);
                    h.parallel_for(4, kernel!(move |i: Id<1>| good[i] = good[i] + 1))
                })
                .unwrap();
            assert_eq!(good.into_vec().unwrap(), [round + 1; 4]);
            assert_error(queue.wait(), ErrorKind::Kernel, &["index 4"]);
            queue.wait().unwrap();
        }
    });
}

#[test]
fn a_wait_without_a_handler_reports_a_failure_once() {
    for_each_device(|queue| {
        overrun(queue, &Buffer::from(vec![1u32; 4]));
        assert_error(queue.wait(), ErrorKind::Kernel, &["index 4"]);
        queue.wait().unwrap();
        queue.wait_and_throw().unwrap();
        overrun(queue, &Buffer::from(vec![1u32; 9]));
        assert_error(queue.wait_and_throw(), ErrorKind::Kernel, &["index 9"]);
        queue.wait_and_throw().unwrap();
    });
}

/// What error handlers were given, in order, each call a list.
static HANDED: Mutex<Vec<Vec<String>>> = Mutex::new(Vec::new());

fn with_handler() -> QueueOptions {
    let error_handler = |errors: Vec<Error>| {
        HANDED.lock().unwrap().push(errors.iter().map(ToString::to_string).collect());
    };
    QueueOptions { error_handler: Some(Box::new(error_handler)), ..QueueOptions::default() }
}

fn handed() -> Vec<Vec<String>> {
    std::mem::take(&mut HANDED.lock().unwrap())
}

#[test]
fn the_handler_is_given_each_failure_once_and_only_by_wait_and_throw() {
    for_each_device_with(with_handler, |queue| {
        assert_eq!(handed(), Vec::<Vec<String>>::new());
        overrun(queue, &Buffer::from(vec![1u32; 4]));
        overrun(queue, &Buffer::from(vec![1u32; 5]));
        queue
            .submit(|h| h.host_task((), |()| Err::<(), _>(Error::new(ErrorKind::Invalid, "no file"))))
            .unwrap();
        queue.wait().unwrap();
        assert_eq!(handed(), Vec::<Vec<String>>::new());
        queue.wait_and_throw().unwrap();
        let mut calls = handed();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].sort();
        let found: Vec<_> = ["index 4", "index 5", "no file"]
            .map(|text| calls[0].iter().filter(|e| e.contains(text)).count())
            .to_vec();
        assert_eq!((calls[0].len(), found), (3, vec![1; 3]), "{calls:?}");
        queue.wait_and_throw().unwrap();
        assert_eq!(handed(), Vec::<Vec<String>>::new());

        // What depends on a failed command fails with the same error, which is still one failure.
        let (numbers, copy) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(4));
        overrun(queue, &numbers);
        for _ in 0..3 {
            queue.copy(&numbers, &copy).unwrap();
        }
        queue.wait_and_throw().unwrap();
        let calls = handed();
        assert_eq!((calls.len(), calls[0].len()), (1, 1), "{calls:?}");
    });
}

#[test]
fn a_handler_may_use_the_queue() {
    for_each_device(|queue| {
        let slot: Arc<Mutex<Option<Queue>>> = Arc::default();
        let inside = slot.clone();
        let error_handler = move |_| {
            let queue = inside.lock().unwrap().clone().unwrap();
            queue.fill(&Buffer::<u32>::new(4), 1).unwrap();
            queue.wait().unwrap();
        };
        let options =
            QueueOptions { error_handler: Some(Box::new(error_handler)), ..QueueOptions::default() };
        let own = Queue::with(queue.device(), options).unwrap();
        *slot.lock().unwrap() = Some(own.clone());
        overrun(&own, &Buffer::from(vec![1u32; 4]));
        own.wait_and_throw().unwrap();
        slot.lock().unwrap().take();
    });
}

#[test]
fn a_failure_behind_a_gate_reaches_everything_that_was_submitted_after_it() {
    for_each_device(|queue| {
        let (numbers, copy) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(4));
        let (gate, _) = close(queue, &numbers);
        overrun(queue, &numbers);
        let dependent = queue
            .submit(|h| {
                let (from, to) = (numbers.read(h), copy.write(h).no_init());
                h.parallel_for(4, kernel!(move |i: Id<1>| to[i] = from[i]))
            })
            .unwrap();
        gate.open();
        assert_error(dependent.wait(), ErrorKind::Kernel, &["index 4"]);
        assert_error(copy.host_read(), ErrorKind::Kernel, &["index 4"]);
    });
}

#[test]
fn each_of_several_launches_in_flight_has_the_outcome_of_its_own() {
    for_each_device(|queue| {
        let (start, table) = (Buffer::from(vec![0u32]), Buffer::from(vec![7u32; 8]));
        let results: [Buffer<u32>; 4] = std::array::from_fn(|_| Buffer::<u32>::new(8));
        let (gate, _) = close(queue, &start);
        let last_of_table = queue.submit(|h| {
            let (start, table, to) = (start.read(h), table.read(h), results[0].write(h).no_init());
            h.parallel_for(8, kernel!(move |i: usize| to[i] = table[8 - i] + start[0]))
        });
        let sum = queue.submit(|h| {
            let (start, table, to) = (start.read(h), table.read(h), results[1].write(h).no_init());
            h.parallel_for(8, kernel!(move |i: usize| to[i] = table[i] + start[0]))
        });
        let quotient = queue.submit(|h| {
            let (start, table, to) = (start.read(h), table.read(h), results[2].write(h).no_init());
            h.parallel_for(8, kernel!(move |i: usize| to[i] = table[i] / (i as u32 ^ (start[0] + 3))))
        });
        let product = queue.submit(|h| {
            let (start, table, to) = (start.read(h), table.read(h), results[3].write(h).no_init());
            h.parallel_for(8, kernel!(move |i: usize| to[i] = table[i] * (start[0] + 2)))
        });
        gate.open();
        product.unwrap().wait().unwrap();
        let phrases = ["division by zero", "work-item 3"];
        assert_error(quotient.unwrap().wait(), ErrorKind::Kernel, &phrases);
        sum.unwrap().wait().unwrap();
        let phrases = ["index 8 out of range 8 in `table`", "work-item 0"];
        assert_error(last_of_table.unwrap().wait(), ErrorKind::Kernel, &phrases);
        assert_error(results[0].host_read(), ErrorKind::Kernel, &phrases);
        assert_eq!(*results[1].host_read().unwrap(), [7; 8]);
        assert_error(results[2].host_read(), ErrorKind::Kernel, &["division by zero"]);
        assert_eq!(*results[3].host_read().unwrap(), [14; 8]);
        // The queue has seen both failures through their events, and tells of one again when it is asked.
        queue.wait().unwrap_err();
        queue.wait().unwrap();
    });
}

#[test]
fn an_unknown_device_in_the_environment_is_an_error_that_lists_what_there_is() {
    if is_child() {
        if std::env::var_os("FALX_DEVICE").is_some_and(|value| value == "abacus") {
            let phrases = ["FALX_DEVICE is `abacus`", "no device fits", "[host]"];
            assert_error(falx::devices(), ErrorKind::Platform, &phrases);
            assert_error(Queue::new(Selector::default()), ErrorKind::Platform, &phrases);
        }
        return;
    }
    let name = "an_unknown_device_in_the_environment_is_an_error_that_lists_what_there_is";
    succeeds(&child(Some(name), &[("FALX_DEVICE", "abacus"), ("FALX_EXPECT", "")]));
}

#[test]
fn without_opencl_the_host_device_works_and_the_reason_is_given() {
    if is_child() {
        if std::env::var_os("OPENCL_DYLIB_PATH").is_some() {
            let devices = falx::devices().unwrap();
            assert!(devices.len() == 1 && devices[0].is_host(), "{devices:?}");
            assert!(!falx::platform_problems().is_empty());
            assert_error(
                Queue::new(Selector::cpu()),
                ErrorKind::Platform,
                &["an OpenCL CPU device", "[host]"],
            );
            assert_error(
                Queue::new(Selector::gpu()),
                ErrorKind::Platform,
                &["a GPU was asked for", "[host]"],
            );
            let (queue, numbers) = (Queue::new(Selector::default()).unwrap(), Buffer::<u32>::new(4));
            queue.fill(&numbers, 3).unwrap();
            assert_eq!(numbers.into_vec().unwrap(), [3; 4]);
        }
        return;
    }
    let name = "without_opencl_the_host_device_works_and_the_reason_is_given";
    succeeds(&child(Some(name), &[("OPENCL_DYLIB_PATH", "/nonexistent"), ("FALX_EXPECT", "")]));
}

//! `falx::scope`: buffers over borrowed memory, which comes back up to date, whatever happens inside.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, close, for_each_device, for_each_pair};
use falx::LentBuffer;
use falx::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// Adds one to every element.
fn increment(queue: &Queue, numbers: &LentBuffer<'_, u32>) -> Event {
    let n = numbers.size();
    let event = queue.submit(|h| {
        let numbers = numbers.read_write(h);
        h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
    });
    event.unwrap()
}

#[test]
fn borrowed_memory_holds_the_results_when_the_scope_is_over() {
    for_each_device(|queue| {
        let mut numbers: Vec<u32> = (0..1000).collect();
        let event = falx::scope(|s| increment(queue, &s.buffer(&mut numbers))).unwrap();
        assert_eq!(event.status(), EventStatus::Complete);
        assert_eq!(numbers, (1..=1000).collect::<Vec<u32>>());
    });
}

#[test]
fn part_of_an_array_can_be_lent_at_any_element() {
    for_each_device(|queue| {
        let mut numbers = [0u32; 1030];
        for start in [0, 1, 3, 7, 1029] {
            falx::scope(|s| increment(queue, &s.buffer(&mut numbers[start..]))).unwrap();
        }
        assert_eq!((numbers[0], numbers[1], numbers[4], numbers[8], numbers[1029]), (1, 2, 3, 4, 5));
    });
}

#[test]
fn several_slices_and_several_devices_work_in_one_scope() {
    for_each_pair(|first, second| {
        let (from, mut to, mut both) = ([3u32; 100], [0u32; 100], [10u32; 100]);
        falx::scope(|s| {
            let (from, to, both) = (s.read_only(&from), s.buffer(&mut to), s.buffer(&mut both));
            assert_eq!((from.size(), to.size()), (100, 100));
            first
                .submit(|h| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for(100, kernel!(move |i: Id<1>| to[i] = from[i] * 2))
                })
                .unwrap();
            second
                .submit(|h| {
                    let (to, both) = (to.read(h), both.read_write(h));
                    h.parallel_for(100, kernel!(move |i: Id<1>| both[i] = both[i] + to[i]))
                })
                .unwrap();
        })
        .unwrap();
        assert_eq!((from, to, both), ([3; 100], [6; 100], [16; 100]));
    });
}

#[test]
fn borrowed_memory_can_be_read_by_the_host_inside_the_scope() {
    for_each_device(|queue| {
        let mut numbers = [1u32, 2, 3];
        falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            increment(queue, &lent);
            assert_eq!(*lent.host_read().unwrap(), [2, 3, 4]);
            lent.host_write().unwrap()[0] = 10;
            increment(queue, &lent);
        })
        .unwrap();
        assert_eq!(numbers, [11, 4, 5]);
    });
}

#[test]
fn a_slice_without_elements_can_be_lent() {
    for_each_device(|queue| {
        let mut nothing: [u32; 0] = [];
        falx::scope(|s| {
            increment(queue, &s.buffer(&mut nothing));
            assert_eq!(s.read_only(&[0u8; 0]).size(), 0);
        })
        .unwrap();
    });
}

#[test]
fn scopes_nest() {
    for_each_device(|queue| {
        let (mut outer, mut inner) = ([1u32; 8], [1u32; 8]);
        falx::scope(|s| {
            let outer = s.buffer(&mut outer);
            increment(queue, &outer);
            falx::scope(|s| {
                let inner = s.buffer(&mut inner);
                queue
                    .submit(|h| {
                        let (outer, inner) = (outer.read(h), inner.read_write(h));
                        h.parallel_for(8, kernel!(move |i: Id<1>| inner[i] = inner[i] + outer[i]))
                    })
                    .unwrap();
            })
            .unwrap();
            assert_eq!(inner, [3; 8]);
            increment(queue, &outer);
        })
        .unwrap();
        assert_eq!(outer, [3; 8]);
    });
}

#[test]
fn the_scope_waits_for_work_that_has_not_begun() {
    for_each_device(|queue| {
        let mut numbers = [1u32; 64];
        let other = Buffer::from(vec![0u32]);
        let opener = falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            let (gate, event) = close(queue, &other);
            queue
                .submit(|h| {
                    h.depends_on(&event);
                    let lent = lent.read_write(h);
                    h.parallel_for(64, kernel!(move |i: Id<1>| lent[i] = lent[i] + 6))
                })
                .unwrap();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                gate.open();
            })
        });
        assert_eq!(numbers, [7; 64]);
        opener.unwrap().join().unwrap();
    });
}

#[test]
fn a_panic_inside_a_scope_comes_out_after_the_work_is_over() {
    for_each_device(|queue| {
        let mut numbers = vec![1u32; 1 << 16];
        let caught = catch_unwind(AssertUnwindSafe(|| {
            falx::scope(|s| {
                let lent = s.buffer(&mut numbers);
                (0..20).for_each(|_| drop(increment(queue, &lent)));
                common::fall();
            })
        }));
        let panic = caught.unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"a panic that the test wants"));
        assert!(numbers.iter().all(|n| *n == 21));
        queue.wait().unwrap();
    });
}

#[test]
fn a_failed_kernel_is_the_scopes_error_and_other_slices_come_home() {
    for_each_device(|queue| {
        let (mut good, mut bad) = ([1u32; 16], [1u32; 16]);
        let outcome = falx::scope(|s| {
            let (good, bad) = (s.buffer(&mut good), s.buffer(&mut bad));
            queue
                .submit(|h| {
                    let bad = bad.write(h);
                    h.parallel_for(17, kernel!(move |i: Id<1>| bad[i] = 2))
                })
                .unwrap();
            increment(queue, &good);
        });
        assert_error(outcome, ErrorKind::Kernel, &["index 16 out of range 16", "`bad`"]);
        assert_eq!(good, [2; 16]);
        queue.wait().unwrap_err();
    });
}

#[test]
fn a_forgotten_buffer_comes_home_all_the_same() {
    for_each_device(|queue| {
        let mut numbers = [1u32; 64];
        falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            increment(queue, &lent);
            std::mem::forget(lent);
        })
        .unwrap();
        assert_eq!(numbers, [2; 64]);
    });
}

#[test]
fn a_forgotten_writing_guard_is_an_error_of_the_scope() {
    for_each_device(|queue| {
        let mut numbers = [1u32; 64];
        let outcome = falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            std::mem::forget(lent.host_write().unwrap());
            increment(queue, &lent);
        });
        assert_error(outcome, ErrorKind::Deadlock, &["never end", "host guard"]);
        // The command never ran and never will: the memory is the borrower's again.
        assert_eq!(numbers, [1; 64]);
    });
}

/// Ends a scope with an error while a command on the lent memory, a copy to `seen`, is held back by `task`.
fn leave_a_copy_behind(queue: &Queue, task: &Event, numbers: &mut [u32], seen: &Buffer<u32>) -> Event {
    let mut copy = None;
    let outcome = falx::scope(|s| {
        let lent = s.buffer(numbers);
        // Held back by the guard for ever, so bringing the memory home fails.
        std::mem::forget(lent.host_read().unwrap());
        let event = queue.submit(|h| {
            h.depends_on(task);
            h.copy(&lent.read(h), &seen.write(h).no_init());
        });
        copy = Some(event.unwrap());
    });
    assert_error(outcome, ErrorKind::Deadlock, &["host guard"]);
    copy.unwrap()
}

#[test]
fn commands_that_outlive_their_scope_never_touch_its_memory() {
    for_each_device(|queue| {
        let (other, seen) = (Buffer::from(vec![0u32]), Buffer::<u32>::new(64));
        let (gate, task) = close(queue, &other);
        let mut numbers = [1u32; 64];
        let copy = leave_a_copy_behind(queue, &task, &mut numbers, &seen);
        numbers.fill(9);
        gate.open();
        task.wait().unwrap();
        if common::works_in_place(queue.device()) {
            let phrases = ["lent by a scope that is over"];
            assert_error(copy.wait(), ErrorKind::Invalid, &phrases);
            assert_error(seen.host_read(), ErrorKind::Invalid, &phrases);
        } else {
            // The bytes went to the device while the scope was open, or not at all.
            match seen.host_read() {
                Ok(bytes) => assert_eq!(*bytes, [1; 64]),
                Err(error) => {
                    assert_error(Err::<(), _>(error), ErrorKind::Invalid, &["lent by a scope that is over"]);
                }
            }
        }
        assert_eq!(numbers, [9; 64]);
    });
}

#[test]
fn a_forgotten_guard_keeps_writers_off_the_memory_after_the_scope() {
    for_each_device(|queue| {
        let mut numbers = [1u32; 64];
        let outcome = falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            std::mem::forget(lent.host_read().unwrap());
            increment(queue, &lent);
        });
        assert_error(outcome, ErrorKind::Deadlock, &["host guard"]);
        numbers.fill(9);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(numbers, [9; 64]);
    });
}

#[test]
fn the_value_of_the_closure_is_returned() {
    assert_eq!(falx::scope(|_| 42).unwrap(), 42);
}

#[test]
fn a_host_task_works_on_borrowed_memory() {
    for_each_device(|queue| {
        let mut numbers = [1u32, 2, 3];
        falx::scope(|s| {
            let lent = s.buffer(&mut numbers);
            queue.submit(|h| h.host_task(lent.read_write(h), |numbers| numbers.reverse())).unwrap();
            increment(queue, &lent);
        })
        .unwrap();
        assert_eq!(numbers, [4, 3, 2]);
    });
}

#[test]
fn a_slice_lent_for_copies_never_changes_and_the_result_goes_where_it_is_wanted() {
    for_each_device(|queue| {
        let (numbers, mut result, mut unwritten) = ([1u32, 2, 3], [0; 3], [0; 3]);
        falx::scope(|s| {
            let buffer = s.copy_on_write(&numbers);
            s.set_final_data(&buffer, &mut result).unwrap();
            increment(queue, &buffer);
            increment(queue, &buffer);
            let only_read = s.copy_on_write(&numbers);
            s.set_final_data(&only_read, &mut unwritten).unwrap();
        })
        .unwrap();
        assert_eq!((numbers, result, unwritten), ([1, 2, 3], [3, 4, 5], [1, 2, 3]));
    });
}

#[test]
fn final_data_needs_a_destination_of_its_length() {
    let (mut numbers, mut short) = ([1u32, 2, 3], [0; 2]);
    falx::scope(|s| {
        let buffer = s.buffer(&mut numbers);
        let refused = s.set_final_data(&buffer, &mut short);
        assert_error(refused, ErrorKind::LengthMismatch, &["holds 3 elements", "destination slice holds 2"]);
    })
    .unwrap();
}

#[test]
fn without_write_back_the_scope_waits_and_brings_nothing() {
    for_each_device(|queue| {
        let mut numbers = [1u32, 2, 3];
        let event = falx::scope(|s| {
            let buffer = s.buffer(&mut numbers);
            buffer.set_write_back(false);
            increment(queue, &buffer)
        })
        .unwrap();
        assert_eq!(event.status(), EventStatus::Complete);
        let expected = if common::works_in_place(queue.device()) { [2, 3, 4] } else { [1, 2, 3] };
        assert_eq!(numbers, expected);
    });
}

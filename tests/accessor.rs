//! Accessors and host guards: what they show, what they refuse, and the order they bring about.

#![allow(clippy::unwrap_used)]

mod common;

use common::{LIMIT, assert_error, close, comes_to, for_each_device, for_each_pair, within};
use falx::prelude::*;
use std::time::Duration;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn a_region_begins_at_index_zero_and_ends_with_its_range() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..10u32).collect::<Vec<_>>());
        let picked = Buffer::<u32>::new(3);
        queue
            .submit(|h| {
                let (from, to) = (numbers.read(h).region(4, 3), picked.write(h).no_init());
                assert_eq!(from.range(), Range([3]));
                h.parallel_for(3, kernel!(move |i: Id<1>| to[i] = from[i]))
            })
            .unwrap();
        assert_eq!(picked.into_vec().unwrap(), [4, 5, 6]);
        let event = queue.submit(|h| {
            let part = numbers.read_write(h).region(4, 3);
            h.parallel_for(4, kernel!(move |i: Id<1>| part[i] = part[i] + 1))
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["index 3 out of range 3", "`part`"]);
    });
}

#[test]
fn a_region_of_a_region_is_counted_from_the_first() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; 10]);
        queue
            .submit(|h| {
                let part = numbers.write(h).region(2, 6).region(3, 2);
                h.parallel_for(2, kernel!(move |i: Id<1>| part[i] = 1 + i[0] as u32))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [0, 0, 0, 0, 0, 1, 2, 0, 0, 0]);
    });
}

#[test]
fn a_region_in_two_dimensions_skips_what_is_beside_it() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![0u32; 24], [4, 6]).unwrap();
        queue
            .submit(|h| {
                let part = plane.write(h).region([1, 2], [2, 3]);
                h.parallel_for([2, 3], kernel!(move |i: Id<2>| part[i] = (10 * i[0] + i[1] + 1) as u32))
            })
            .unwrap();
        let expected = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 11, 12, 13, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(plane.into_vec().unwrap(), expected);
    });
}

#[test]
fn a_region_from_the_first_element_on_has_the_rows_of_its_buffer() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![0u32; 12], [3, 4]).unwrap();
        let space = Buffer::from_vec(vec![0u32; 16], [2, 2, 4]).unwrap();
        // The same kernels over the whole and over a part, one after the other.
        for columns in [4, 3, 4, 2] {
            let add = |h: &Handler| {
                let (plane, space) = (plane.read_write(h), space.read_write(h));
                let (plane, space) =
                    (plane.region([0, 0], [2, columns]), space.region([0; 3], [2, 2, columns]));
                h.parallel_for(
                    [2, columns],
                    kernel!(move |i: Id<2>| {
                        plane[i] = 10 * plane[i] + plane.range()[1] as u32;
                        space[[i[0], 1, i[1]]] += space.range()[2] as u32;
                    }),
                )
            };
            queue.submit(add).unwrap();
        }
        assert_eq!(plane.into_vec().unwrap(), [4342, 4342, 434, 44, 4342, 4342, 434, 44, 0, 0, 0, 0]);
        assert_eq!(space.into_vec().unwrap(), [[0, 0, 0, 0], [13, 13, 11, 8]].repeat(2).concat());
    });
}

#[test]
fn a_region_in_three_dimensions_is_a_box() {
    for_each_device(|queue| {
        let space = Buffer::from_vec(vec![1u8; 3 * 4 * 5], [3, 4, 5]).unwrap();
        queue
            .submit(|h| {
                let part = space.read_write(h).region([1, 1, 2], [2, 2, 2]);
                h.parallel_for([2, 2, 2], kernel!(move |i: Id<3>| part[i] = part[i] + 1))
            })
            .unwrap();
        let inside = |z: usize, y: usize, x: usize| z >= 1 && (1..3).contains(&y) && (2..4).contains(&x);
        let expected: Vec<u8> = (0..60).map(|n| 1 + u8::from(inside(n / 20, n / 5 % 4, n % 5))).collect();
        assert_eq!(space.into_vec().unwrap(), expected);
    });
}

#[test]
fn a_region_beyond_the_buffer_is_refused_and_nothing_runs() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![0u32; 12], [3, 4]).unwrap().named("plane");
        let outside = [([1, 0], [3, 4]), ([0, 5], [1, 1]), ([usize::MAX, 0], [2, 1])];
        for (offset, range) in outside {
            let event = queue.submit(|h| {
                let part = plane.write(h).region(offset, range);
                h.parallel_for(range, kernel!(move |i: Id<2>| part[i] = 1))
            });
            let values = [format!("{range:?}"), format!("{offset:?}")];
            assert_error(event, ErrorKind::Accessor, &["`plane`", "[3, 4]", &values[0], &values[1]]);
        }
        assert_eq!(plane.into_vec().unwrap(), [0; 12]);
    });
}

#[test]
fn an_empty_region_at_the_end_is_legal() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        queue.submit(|h| h.fill(&numbers.write(h).region(4, 0), 9)).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn an_accessor_of_another_group_is_refused_by_every_command() {
    for_each_device(|queue| {
        let (outer, inner) = (Buffer::from(vec![1u32; 4]).named("outer"), Buffer::from(vec![2u32; 4]));
        let event = queue.submit(|first| {
            let foreign = outer.read(first);
            let kernel = queue.submit(|h| {
                let to = inner.write(h).no_init();
                h.parallel_for(4, kernel!(move |i: Id<1>| to[i] = foreign[i]))
            });
            assert_error(kernel, ErrorKind::Accessor, &["`foreign`", "another command group"]);
            let copy = queue.submit(|h| h.copy(&foreign, &inner.write(h)));
            assert_error(copy, ErrorKind::Accessor, &["this group's handler"]);
            let task = queue.submit(|h| h.host_task(foreign, |_| {}));
            assert_error(task, ErrorKind::Accessor, &["this group's handler"]);
        });
        event.unwrap();
        assert_eq!(inner.into_vec().unwrap(), [2; 4]);
    });
}

#[test]
fn a_region_chosen_after_the_command_is_refused() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]).named("numbers");
        let event = queue.submit(|h| {
            let all = numbers.write(h);
            h.parallel_for(4, kernel!(move |i: Id<1>| all[i] = 7));
            let _ = all.region(0, 2);
        });
        assert_error(event, ErrorKind::Accessor, &["`numbers`", "after its command", "before"]);
        let event = queue.submit(|h| {
            let all = numbers.write(h);
            h.parallel_for(4, kernel!(move |i: Id<1>| all[i] = 7));
            let _ = all.no_init();
        });
        assert_error(event, ErrorKind::Accessor, &["`numbers`", "`no_init`"]);
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn an_accessor_from_before_its_region_is_refused() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]).named("numbers");
        let event = queue.submit(|h| {
            let all = numbers.write(h);
            let _ = all.region(0, 2);
            h.parallel_for(4, kernel!(move |i: Id<1>| all[i] = 7))
        });
        assert_error(event, ErrorKind::Accessor, &["`numbers`", "`region` returned"]);
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn reading_and_writing_accessors_to_one_buffer_work_together() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..100u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                // The old contents are read, so `no_init` must not lose them.
                let (from, to) = (numbers.read(h), numbers.write(h).no_init());
                h.parallel_for(100, kernel!(move |i: Id<1>| to[i] = from[i] * 2))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), (0..100).map(|n| 2 * n).collect::<Vec<u32>>());
    });
}

#[test]
fn one_half_is_read_while_the_other_is_written() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..8u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let (low, high) = (numbers.read(h).region(0, 4), numbers.write(h).region(4, 4).no_init());
                h.parallel_for(4, kernel!(move |i: Id<1>| high[i] = low[i] + 100))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [0, 1, 2, 3, 100, 101, 102, 103]);
    });
}

#[test]
fn writers_run_in_the_order_of_their_submission() {
    for_each_device(|queue| {
        let number = Buffer::from(vec![1u64]);
        for _ in 0..50 {
            queue
                .submit(|h| {
                    let number = number.read_write(h);
                    h.single_task(kernel!(|| number[0] = number[0] * 3))
                })
                .unwrap();
            queue
                .submit(|h| {
                    let number = number.read_write(h);
                    h.single_task(kernel!(|| number[0] = number[0] + 1))
                })
                .unwrap();
        }
        let expected = (0..50).fold(1u64, |number, _| number.wrapping_mul(3).wrapping_add(1));
        assert_eq!(number.into_vec().unwrap(), [expected]);
    });
}

#[test]
fn a_reader_of_two_buffers_sees_both_writers_whatever_their_queues() {
    for_each_pair(|first, second| {
        let (a, b, sum) = (Buffer::<u32>::new(100), Buffer::<u32>::new(100), Buffer::<u32>::new(100));
        for round in 0..10u32 {
            first.fill(&a, round).unwrap();
            second.fill(&b, 100 * round).unwrap();
            first
                .submit(|h| {
                    let (a, b, sum) = (a.read(h), b.read(h), sum.write(h).no_init());
                    h.parallel_for(100, kernel!(move |i: Id<1>| sum[i] = a[i] + b[i]))
                })
                .unwrap();
            assert_eq!(*sum.host_read().unwrap(), [101 * round; 100]);
        }
    });
}

#[test]
fn a_reader_keeps_the_next_writer_waiting_but_no_other_reader() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1u32; 8]), Buffer::<u32>::new(8));
        let (gate, keeper) = common::Gate::new();
        let slow = queue.submit(|h| h.host_task(from.read(h), move |_| keeper.wait())).unwrap();
        let reader = queue.copy(&from, &to).unwrap();
        let writer = queue.fill(&from, 2).unwrap();
        reader.wait().unwrap();
        assert_eq!(*to.host_read().unwrap(), [1; 8]);
        assert_eq!(writer.status(), EventStatus::Submitted);
        gate.open();
        writer.wait().unwrap();
        assert_eq!(slow.status(), EventStatus::Complete);
        assert_eq!(from.into_vec().unwrap(), [2; 8]);
    });
}

#[test]
fn disjoint_regions_do_not_wait_for_each_other() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let (gate, keeper) = common::Gate::new();
        let slow = queue.submit(|h| {
            let low = numbers.write(h).region(0, 4);
            h.host_task(low, move |low| {
                keeper.wait();
                low.fill(2);
            })
        });
        let high = queue.submit(|h| h.fill(&numbers.write(h).region(4, 4), 3)).unwrap();
        high.wait().unwrap();
        assert_eq!(*numbers.host_read_region(4, 4).unwrap(), [3; 4]);
        let across = queue
            .submit(|h| {
                let across = numbers.read_write(h).region(3, 2);
                h.parallel_for(2, kernel!(move |i: Id<1>| across[i] = across[i] * 10))
            })
            .unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!((across.status(), slow.unwrap().status()), (EventStatus::Submitted, EventStatus::Running));
        gate.open();
        assert_eq!(numbers.into_vec().unwrap(), [2, 2, 2, 20, 30, 3, 3, 3]);
    });
}

#[test]
fn a_host_read_returns_after_the_pending_writer() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let (gate, _) = close(queue, &numbers);
        queue.fill(&numbers, 42).unwrap();
        let opener = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            gate.open();
        });
        assert_eq!(*numbers.host_read().unwrap(), [42; 8]);
        opener.join().unwrap();
    });
}

#[test]
fn a_host_read_does_not_wait_for_readers() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let (gate, keeper) = common::Gate::new();
        let reader = queue.submit(|h| h.host_task(numbers.read(h), move |_| keeper.wait())).unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [1; 8]);
        assert_ne!(reader.status(), EventStatus::Complete);
        gate.open();
        reader.wait().unwrap();
    });
}

#[test]
fn commands_read_beside_a_reading_guard_and_write_after_it() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1u32; 8]).named("from"), Buffer::<u32>::new(8));
        let guard = from.host_read().unwrap();
        queue.copy(&from, &to).unwrap().wait().unwrap();
        let writer = queue.fill(&from, 2).unwrap();
        let phrases = ["never end", "host guard of buffer `from`", "drop the guard"];
        assert_error(writer.wait(), ErrorKind::Deadlock, &phrases);
        assert_error(queue.wait(), ErrorKind::Deadlock, &phrases);
        assert_error(from.host_write(), ErrorKind::Deadlock, &phrases);
        assert_eq!((writer.status(), &guard[..]), (EventStatus::Submitted, &[1; 8][..]));
        drop(guard);
        writer.wait().unwrap();
        queue.wait().unwrap();
        assert_eq!((from.into_vec().unwrap(), to.into_vec().unwrap()), (vec![2; 8], vec![1; 8]));
    });
}

#[test]
fn nothing_uses_a_buffer_beside_a_writing_guard() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1u32; 8]).named("from"), Buffer::<u32>::new(8));
        let mut guard = from.host_write().unwrap();
        let reader = queue.copy(&from, &to).unwrap();
        let others = Buffer::<u32>::new(8);
        queue.fill(&others, 5).unwrap().wait().unwrap();
        for error in [reader.wait(), queue.wait(), to.host_read().map(drop), from.host_read().map(drop)] {
            assert_error(error, ErrorKind::Deadlock, &["host guard of buffer `from`"]);
        }
        guard[3] = 9;
        drop(guard);
        assert_eq!(to.into_vec().unwrap(), [1, 1, 1, 9, 1, 1, 1, 1]);
    });
}

#[test]
fn guards_of_disjoint_regions_live_side_by_side() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let low = numbers.host_read_region(0, 4).unwrap();
        queue.submit(|h| h.fill(&numbers.write(h).region(4, 4), 2)).unwrap().wait().unwrap();
        let high = numbers.host_read_region(4, 4).unwrap();
        assert_eq!((&low[..], &high[..]), (&[1; 4][..], &[2; 4][..]));
    });
}

#[test]
fn a_forgotten_guard_makes_waits_errors_and_never_hangs() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]).named("numbers");
        std::mem::forget(numbers.host_read().unwrap());
        assert_eq!(*numbers.host_read().unwrap(), [1; 8]);
        let writer = queue.fill(&numbers, 2).unwrap();
        assert_error(writer.wait(), ErrorKind::Deadlock, &["host guard of buffer `numbers`"]);
        assert_error(queue.wait(), ErrorKind::Deadlock, &["`numbers`"]);
        assert_error(numbers.clone().into_vec(), ErrorKind::Deadlock, &["`numbers`"]);
        let other = Buffer::from(vec![1u32; 8]);
        queue.fill(&other, 3).unwrap().wait().unwrap();
        assert_eq!(other.into_vec().unwrap(), [3; 8]);
    });
}

#[test]
fn a_guard_on_another_thread_is_waited_for() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let (opened, is_open) = std::sync::mpsc::channel();
        let (gate, keeper) = common::Gate::new();
        let other = numbers.clone();
        let holder = std::thread::spawn(move || {
            let mut guard = other.host_write().unwrap();
            opened.send(()).unwrap();
            keeper.wait();
            // Long enough for the other thread to begin its wait.
            std::thread::sleep(Duration::from_millis(20));
            guard[0] = 9;
        });
        is_open.recv_timeout(LIMIT).unwrap();
        let event = queue
            .submit(|h| {
                let numbers = numbers.read_write(h);
                h.parallel_for(8, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
            })
            .unwrap();
        assert_eq!(event.status(), EventStatus::Submitted);
        gate.open();
        event.wait().unwrap();
        holder.join().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [10, 2, 2, 2, 2, 2, 2, 2]);
    });
}

#[test]
fn a_guard_that_a_panic_drops_lets_commands_go_on() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let other = numbers.clone();
        let panicked = std::thread::spawn(move || {
            let mut guard = other.host_write().unwrap();
            guard[0] = 5;
            common::fall();
        });
        panicked.join().unwrap_err();
        queue.submit(|h| h.fill(&numbers.write(h).region(4, 4), 2)).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [5, 1, 1, 1, 2, 2, 2, 2]);
    });
}

#[test]
fn a_failed_host_access_leaves_no_barrier_behind() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let guard = numbers.host_read().unwrap();
        numbers.host_write().unwrap_err();
        drop(guard);
        let event = queue.fill(&numbers, 2).unwrap();
        comes_to(&event, EventStatus::Complete);
        assert_eq!(numbers.into_vec().unwrap(), [2; 8]);
    });
}

#[test]
fn a_guard_outlives_its_buffer() {
    within(LIMIT, || {
        let guard = Buffer::from(vec![1u32, 2, 3]).host_read().unwrap();
        assert_eq!(*guard, [1, 2, 3]);
    });
}

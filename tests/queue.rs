//! Queues: submitting, order, waiting, shortcuts and what happens when a queue goes.

#![allow(clippy::unwrap_used)]

mod common;

use common::{LIMIT, assert_error, close, for_each_device, for_each_device_with, for_each_pair, within};
use falx::prelude::*;
use std::cell::Cell;
use std::time::{Duration, Instant};

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn in_order() -> QueueOptions {
    QueueOptions { in_order: true, ..QueueOptions::default() }
}

#[test]
fn a_group_runs_once_on_the_calling_thread_before_submit_returns() {
    for_each_device(|queue| {
        let (runs, thread) = (Cell::new(0), Cell::new(None));
        queue
            .submit(|_| {
                runs.set(runs.get() + 1);
                thread.set(Some(std::thread::current().id()));
            })
            .unwrap();
        assert_eq!((runs.get(), thread.get()), (1, Some(std::thread::current().id())));
    });
}

#[test]
fn an_error_of_the_group_reaches_the_caller_and_nothing_runs() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let numbers = numbers.write(h);
            h.parallel_for(4, kernel!(move |i: Id<1>| numbers[i] = 2));
            Err::<(), _>(Error::new(ErrorKind::Invalid, "the group changed its mind"))
        });
        assert_error(event, ErrorKind::Invalid, &["the group changed its mind"]);
        queue.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn a_panic_of_the_group_submits_nothing_and_leaves_the_queue_usable() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let group = std::panic::AssertUnwindSafe(|| {
            let _ = queue.submit(|h| {
                h.fill(&numbers.write(h), 2);
                common::fall();
            });
        });
        std::panic::catch_unwind(group).unwrap_err();
        assert_eq!(*numbers.host_read().unwrap(), [1; 4]);
        queue.fill(&numbers, 3).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [3; 4]);
    });
}

#[test]
fn a_group_may_submit_another() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        queue
            .submit(|h| {
                let outer = numbers.read_write(h);
                // Submitted first, so it runs first.
                let inner = queue.submit(|h| {
                    let inner = numbers.read_write(h);
                    h.parallel_for(4, kernel!(move |i: Id<1>| inner[i] = inner[i] + 1))
                });
                inner.unwrap().wait().unwrap();
                h.parallel_for(4, kernel!(move |i: Id<1>| outer[i] = outer[i] * 10))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [20; 4]);
    });
}

#[test]
fn a_group_of_an_in_order_queue_may_submit_another() {
    for_each_device_with(in_order, |queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        queue
            .submit(|h| {
                let outer = numbers.read_write(h);
                queue.fill(&numbers, 5).unwrap();
                h.parallel_for(4, kernel!(move |i: Id<1>| outer[i] = outer[i] * 10))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [50; 4]);
    });
}

#[test]
fn commands_on_different_buffers_overtake_each_other() {
    for_each_device(|queue| {
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate, first) = close(queue, &slow);
        queue.fill(&fast, 2).unwrap().wait().unwrap();
        assert_ne!(first.status(), EventStatus::Complete);
        gate.open();
        queue.wait().unwrap();
        assert_eq!((first.status(), fast.into_vec().unwrap()), (EventStatus::Complete, vec![2; 4]));
    });
}

#[test]
fn commands_of_an_in_order_queue_do_not_overtake_each_other() {
    for_each_device_with(in_order, |queue| {
        assert!(queue.is_in_order());
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate, first) = close(queue, &slow);
        let second = queue.fill(&fast, 2).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(second.status(), EventStatus::Submitted);
        gate.open();
        second.wait().unwrap();
        assert_eq!(first.status(), EventStatus::Complete);
    });
}

#[test]
fn an_in_order_queue_does_not_hold_up_other_queues() {
    for_each_device_with(in_order, |queue| {
        let other = Queue::on(queue.device()).unwrap();
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate, _) = close(queue, &slow);
        other.fill(&fast, 2).unwrap().wait().unwrap();
        gate.open();
        queue.wait().unwrap();
    });
}

#[test]
fn submitting_never_waits_for_commands() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; 16]);
        let (gate, _) = close(queue, &numbers);
        let mut last = None;
        for _ in 0..2000 {
            last = Some(
                queue
                    .submit(|h| {
                        let numbers = numbers.read_write(h);
                        h.parallel_for(16, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
                    })
                    .unwrap(),
            );
        }
        assert_eq!(last.unwrap().status(), EventStatus::Submitted);
        gate.open();
        queue.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [2000; 16]);
    });
}

#[test]
fn waiting_on_an_idle_queue_returns() {
    for_each_device(|queue| {
        queue.wait().unwrap();
        queue.wait_and_throw().unwrap();
        queue.barrier().unwrap().wait().unwrap();
        queue.wait().unwrap();
    });
}

#[test]
fn a_barrier_is_over_when_everything_before_it_is() {
    for_each_device(|queue| {
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate, _) = close(queue, &slow);
        let before = queue.fill(&slow, 2).unwrap();
        let barrier = queue.barrier().unwrap();
        queue.fill(&fast, 2).unwrap().wait().unwrap();
        assert_eq!(barrier.status(), EventStatus::Submitted);
        gate.open();
        barrier.wait().unwrap();
        assert_eq!(before.status(), EventStatus::Complete);
    });
}

#[test]
fn a_group_without_a_command_waits_for_what_it_names() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let (gate, task) = close(queue, &numbers);
        let nothing = queue
            .submit(|h| {
                numbers.read(h);
            })
            .unwrap();
        assert_eq!(nothing.status(), EventStatus::Submitted);
        gate.open();
        nothing.wait().unwrap();
        assert_eq!(task.status(), EventStatus::Complete);
    });
}

#[test]
fn shortcuts_fill_and_copy() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::<i16, 2>::new([3, 4]), Buffer::<i16, 2>::new([3, 4]));
        queue.fill(&from, -7).unwrap();
        queue.prefetch(&from).unwrap();
        queue.copy(&from, &to).unwrap();
        assert_eq!(to.into_vec().unwrap(), [-7; 12]);
    });
}

#[test]
fn a_queue_that_is_dropped_still_runs_its_commands() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let own = Queue::on(queue.device()).unwrap();
        let (gate, _) = close(&own, &numbers);
        let start = Instant::now();
        let event = own.fill(&numbers, 2).unwrap();
        drop(own);
        assert!(start.elapsed() < LIMIT / 2, "dropping a queue waits for nothing");
        assert_eq!(event.status(), EventStatus::Submitted);
        gate.open();
        event.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [2; 4]);
    });
}

#[test]
fn everything_may_be_dropped_in_any_order_while_commands_run() {
    for_each_device(|queue| {
        for order in 0..6 {
            let own = Queue::on(queue.device()).unwrap();
            let (from, to) = (Buffer::from(vec![order; 1 << 16]), Buffer::<u32>::new(1 << 16));
            let kept = to.clone();
            let event = own
                .submit(|h| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for(1 << 16, kernel!(move |i: Id<1>| to[i] = from[i] + 1))
                })
                .unwrap();
            match order {
                0 => drop((own, from, to, event)),
                1 => drop((event, to, from, own)),
                2 => drop((from, own, event, to)),
                3 => drop((to, event, own, from)),
                4 => drop((from, to, own, event)),
                _ => drop((own, event, to, from)),
            }
            assert!(kept.into_vec().unwrap().iter().all(|n| *n == order + 1));
        }
    });
}

#[test]
fn clones_of_a_queue_are_one_queue() {
    for_each_device_with(in_order, |queue| {
        let clone = queue.clone();
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate, _) = close(queue, &slow);
        let second = clone.fill(&fast, 2).unwrap();
        std::thread::sleep(Duration::from_millis(10));
        assert_eq!(second.status(), EventStatus::Submitted);
        gate.open();
        queue.wait().unwrap();
        assert_eq!(second.status(), EventStatus::Complete);
    });
}

#[test]
fn queues_of_different_devices_take_turns_on_one_buffer() {
    for_each_pair(|first, second| {
        let numbers = Buffer::from((0..1000u32).collect::<Vec<_>>());
        for _ in 0..20 {
            first
                .submit(|h| {
                    let numbers = numbers.read_write(h);
                    h.parallel_for(1000, kernel!(move |i: Id<1>| numbers[i] = numbers[i] * 3))
                })
                .unwrap();
            second
                .submit(|h| {
                    let numbers = numbers.read_write(h);
                    h.parallel_for(1000, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
                })
                .unwrap();
        }
        let step = |n: u32| n.wrapping_mul(3).wrapping_add(1);
        let expected: Vec<u32> = (0..1000).map(|n| (0..20).fold(n, |n, _| step(n))).collect();
        assert_eq!(numbers.into_vec().unwrap(), expected);
    });
}

#[test]
fn one_device_waits_for_a_host_task_between_two_commands_of_another() {
    for_each_pair(|first, second| {
        let numbers = Buffer::from(vec![1u32; 64]);
        let (gate, _) = close(first, &numbers);
        first.fill(&numbers, 2).unwrap();
        second
            .submit(|h| {
                let numbers = numbers.read_write(h);
                h.parallel_for(64, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 5))
            })
            .unwrap();
        gate.open();
        second.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [7; 64]);
    });
}

#[test]
fn a_chain_of_a_hundred_thousand_commands_ends_and_is_forgotten() {
    within(4 * LIMIT, || {
        for device in common::devices() {
            let queue = Queue::on(&device).unwrap();
            let number = Buffer::from(vec![0u32]);
            let start = Instant::now();
            for _ in 0..100_000 {
                queue
                    .submit(|h| {
                        let number = number.read_write(h);
                        h.single_task(kernel!(|| number[0] = number[0] + 1))
                    })
                    .unwrap();
            }
            queue.wait().unwrap();
            println!("100 000 commands on {device}: {:.1?}", start.elapsed());
            assert_eq!(number.into_vec().unwrap(), [100_000]);
        }
    });
}

#[test]
fn a_chain_that_is_dropped_before_it_runs_still_runs() {
    for_each_device(|queue| {
        let seen = Buffer::<u32>::new(1);
        let number = Buffer::from(vec![0u32]);
        let own = Queue::on(queue.device()).unwrap();
        let (gate, _) = close(&own, &number);
        for _ in 0..50_000 {
            own.submit(|h| {
                let number = number.read_write(h);
                h.single_task(kernel!(|| number[0] = number[0] + 1))
            })
            .unwrap();
        }
        own.copy(&number, &seen).unwrap();
        drop((own, number));
        gate.open();
        assert_eq!(seen.into_vec().unwrap(), [50_000]);
    });
}

#[test]
fn a_long_chain_of_commands_that_do_nothing_ends() {
    for_each_device_with(in_order, |queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let (gate, _) = close(queue, &numbers);
        for _ in 0..50_000 {
            queue.submit(|_| {}).unwrap();
        }
        gate.open();
        queue.wait().unwrap();
    });
}

#[test]
fn a_process_ends_in_time_though_commands_are_under_way() {
    if common::is_child() {
        if std::env::var_os("FALX_TEST_LEAVE").is_none() {
            return;
        }
        for device in common::devices() {
            let queue = Queue::on(&device).unwrap();
            let (numbers, gated) = (Buffer::from(vec![0u32; 1 << 20]), Buffer::from(vec![0u32; 4]));
            for numbers in [numbers, gated.clone()] {
                std::mem::forget(close(&queue, &gated));
                for _ in 0..400 {
                    queue
                        .submit(|h| {
                            let n = numbers.size();
                            let numbers = numbers.read_write(h);
                            h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
                        })
                        .unwrap();
                }
            }
            std::mem::forget(gated.host_read_region(0, 0));
        }
        return;
    }
    let name = "a_process_ends_in_time_though_commands_are_under_way";
    let start = Instant::now();
    let output = common::child(Some(name), &[("FALX_TEST_LEAVE", "1")]);
    // Its exit status does not count: the threads of a driver may outlive the driver's own data, and crash what is left of
    // the process after its test has passed.
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("test result: ok. 1 passed"), "{}\n{out}", output.status);
    assert!(start.elapsed() < LIMIT, "the process waits for what it left behind");
}

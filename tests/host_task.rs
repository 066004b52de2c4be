//! Host tasks: their place among the commands, what they see, and how they fail.

#![allow(clippy::unwrap_used)]

mod common;

use common::{LIMIT, assert_error, for_each_device, for_each_pair};
use falx::prelude::*;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn a_host_task_sees_the_kernel_before_it_and_is_seen_by_the_kernel_after_it() {
    for_each_device(|queue| {
        let (numbers, sum) = (Buffer::<u64>::new(100), Buffer::<u64>::new(1));
        queue
            .submit(|h| {
                let numbers = numbers.write(h).no_init();
                h.parallel_for(100, kernel!(move |i: usize| numbers[i] = i as u64))
            })
            .unwrap();
        queue
            .submit(|h| {
                h.host_task((numbers.read(h), sum.write(h)), |(numbers, sum)| sum[0] = numbers.iter().sum());
            })
            .unwrap();
        queue
            .submit(|h| {
                let (numbers, sum) = (numbers.write(h).no_init(), sum.read(h));
                h.parallel_for(100, kernel!(move |i: Id<1>| numbers[i] = sum[0] + 1))
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [4951; 100]);
    });
}

#[test]
fn a_host_task_runs_once_and_not_on_the_submitting_thread() {
    for_each_device(|queue| {
        let threads = Arc::new(Mutex::new(Vec::new()));
        let seen = threads.clone();
        let event = queue.submit(|h| {
            h.host_task((), move |()| seen.lock().unwrap().push(std::thread::current().id()));
        });
        event.unwrap().wait().unwrap();
        let threads = threads.lock().unwrap();
        assert_eq!(threads.len(), 1);
        assert_ne!(threads[0], std::thread::current().id());
    });
}

#[test]
fn a_region_is_a_slice_of_its_own_rows() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec((0..12u32).collect(), [3, 4]).unwrap().named("plane");
        queue
            .submit(|h| {
                let row = plane.read_write(h).region([1, 0], [1, 4]);
                h.host_task(row, |row| {
                    assert_eq!(*row, [4, 5, 6, 7]);
                    row.reverse();
                });
            })
            .unwrap();
        let column = queue.submit(|h| h.host_task(plane.read(h).region([0, 1], [3, 1]), |_| {}));
        assert_error(column, ErrorKind::Accessor, &["`plane`", "not contiguous", "whole rows"]);
        assert_eq!(plane.into_vec().unwrap(), [0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10, 11]);
    });
}

#[test]
fn two_halves_of_a_buffer_are_two_slices() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..8u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let low = numbers.read(h).region(0, 4);
                let high = numbers.write(h).region(4, 4);
                h.host_task((low, high), |(low, high)| high.copy_from_slice(low));
            })
            .unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [0, 1, 2, 3, 0, 1, 2, 3]);
    });
}

#[test]
fn overlapping_slices_of_which_one_is_written_are_refused() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]).named("numbers");
        let event = queue.submit(|h| {
            let (low, high) = (numbers.read(h).region(0, 5), numbers.write(h).region(4, 4));
            h.host_task((low, high), |_| {});
        });
        assert_error(event, ErrorKind::Accessor, &["`numbers`", "overlapping", "single `read_write`"]);
        let event = queue.submit(|h| {
            h.host_task((numbers.read(h), numbers.read(h)), |(a, b)| assert_eq!(a, b));
        });
        event.unwrap().wait().unwrap();
    });
}

#[test]
fn an_error_of_a_host_task_is_the_commands_error() {
    for_each_device(|queue| {
        let event = queue.submit(|h| {
            h.host_task((), |()| Err::<(), _>(Error::new(ErrorKind::Invalid, "the file is empty")));
        });
        let event = event.unwrap();
        assert_error(event.wait(), ErrorKind::Invalid, &["the file is empty"]);
        assert_eq!(event.status(), EventStatus::Complete);
        assert_error(queue.wait(), ErrorKind::Invalid, &["the file is empty"]);
        queue.wait().unwrap();
    });
}

#[test]
fn a_panic_of_a_host_task_is_the_commands_error() {
    for_each_device(|queue| {
        let event = queue.submit(|h| h.host_task((), |()| common::fall())).unwrap();
        assert_error(
            event.wait(),
            ErrorKind::Runtime,
            &["host task panicked", "a panic that the test wants"],
        );
        queue.wait().unwrap_err();
        let event = queue.submit(|h| h.host_task((), |()| {})).unwrap();
        event.wait().unwrap();
    });
}

#[test]
fn what_a_failed_host_task_wrote_cannot_be_read_until_it_is_overwritten() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            h.host_task(numbers.write(h), |_| Err::<(), _>(Error::new(ErrorKind::Invalid, "half done")));
        });
        assert_error(event.unwrap().wait(), ErrorKind::Invalid, &["half done"]);
        assert_error(numbers.host_read(), ErrorKind::Invalid, &["half done"]);
        queue.fill(&numbers, 3).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [3; 4]);
    });
}

#[test]
fn a_host_task_does_not_run_on_spoilt_data() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        queue
            .submit(|h| {
                let numbers = numbers.write(h);
                h.parallel_for(5, kernel!(move |i: Id<1>| numbers[i] = 2))
            })
            .unwrap();
        let ran = Arc::new(Mutex::new(false));
        let seen = ran.clone();
        let event = queue.submit(|h| h.host_task(numbers.read(h), move |_| *seen.lock().unwrap() = true));
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["index 4 out of range 4"]);
        assert!(!*ran.lock().unwrap());
    });
}

#[test]
fn a_host_task_that_waits_for_itself_gets_an_error() {
    for_each_device(|queue| {
        let (send, receive) = channel::<Event>();
        let (say, answer) = channel();
        let event = queue.submit(|h| {
            h.host_task((), move |()| {
                let own = receive.recv_timeout(LIMIT).unwrap();
                say.send(own.wait()).unwrap();
            });
        });
        send.send(event.unwrap()).unwrap();
        let outcome = answer.recv_timeout(LIMIT).unwrap();
        assert_error(outcome, ErrorKind::Deadlock, &["never end", "host task", "return from it"]);
        queue.wait().unwrap();
    });
}

#[test]
fn a_host_task_that_waits_for_what_depends_on_it_gets_an_error() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let (send, receive) = channel::<Event>();
        let (say, answer) = channel();
        let (inner, shared) = (queue.clone(), numbers.clone());
        queue
            .submit(|h| {
                h.host_task(numbers.write(h), move |_| {
                    let successor = receive.recv_timeout(LIMIT).unwrap();
                    let waits = [successor.wait(), inner.wait(), shared.host_read().map(drop)];
                    say.send(waits).unwrap();
                });
            })
            .unwrap();
        send.send(queue.fill(&numbers, 2).unwrap()).unwrap();
        for outcome in answer.recv_timeout(LIMIT).unwrap() {
            assert_error(outcome, ErrorKind::Deadlock, &["host task"]);
        }
        queue.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [2; 4]);
    });
}

#[test]
fn a_host_task_may_submit_and_wait_for_what_does_not_depend_on_it() {
    for_each_device(|queue| {
        let (numbers, result) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(1));
        let inner = queue.clone();
        queue
            .submit(|h| {
                h.host_task(result.write(h), move |result| {
                    inner.fill(&numbers, 21)?.wait()?;
                    result[0] = numbers.host_read()?[0] * 2;
                    Ok(())
                });
            })
            .unwrap();
        assert_eq!(result.into_vec().unwrap(), [42]);
    });
}

#[test]
fn host_tasks_on_different_buffers_run_at_the_same_time() {
    for_each_device(|queue| {
        let (send, receive) = channel();
        // Each waits for the other; one after the other they would never end.
        let (gate, keeper) = common::Gate::new();
        let first = queue.submit(|h| {
            h.host_task((), move |()| {
                send.send(()).unwrap();
                keeper.wait();
            });
        });
        let second = queue.submit(|h| {
            h.host_task((), move |()| {
                receive.recv_timeout(LIMIT).unwrap();
                gate.open();
            });
        });
        first.unwrap().wait().unwrap();
        second.unwrap().wait().unwrap();
    });
}

#[test]
fn devices_and_host_tasks_alternate_on_one_buffer() {
    for_each_pair(|first, second| {
        let numbers = Buffer::from(vec![0u32; 256]);
        for _ in 0..10 {
            for queue in [first, second] {
                queue
                    .submit(|h| {
                        let numbers = numbers.read_write(h);
                        h.parallel_for(256, kernel!(move |i: Id<1>| numbers[i] = numbers[i] * 2 + 1))
                    })
                    .unwrap();
                queue
                    .submit(|h| {
                        h.host_task(numbers.read_write(h), |numbers| {
                            numbers.iter_mut().for_each(|n| *n %= 1000)
                        });
                    })
                    .unwrap();
            }
        }
        let expected = (0..20).fold(0u32, |n, _| (2 * n + 1) % 1000);
        assert_eq!(numbers.into_vec().unwrap(), [expected; 256]);
    });
}

#[test]
fn a_thousand_host_tasks_in_a_row_end() {
    for_each_device(|queue| {
        let number = Buffer::from(vec![0u32]);
        for _ in 0..1000 {
            queue.submit(|h| h.host_task(number.read_write(h), |number| number[0] += 1)).unwrap();
        }
        assert_eq!(number.into_vec().unwrap(), [1000]);
    });
}

//! Many threads at once: nothing is lost, nothing is done twice, nothing hangs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{devices, for_each_device, for_each_pair};
use falx::prelude::*;
use std::sync::{Arc, Barrier};

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

const N_THREADS: u32 = 8;
const N_SUBMITS: u32 = 500;
const N: usize = 64;

/// Runs `work` on eight threads that start together; each is told its number.
fn race(work: impl Fn(u32) + Send + Sync) {
    let start = Barrier::new(N_THREADS as usize);
    std::thread::scope(|s| {
        for thread in 0..N_THREADS {
            let (start, work) = (&start, &work);
            s.spawn(move || {
                start.wait();
                work(thread);
            });
        }
    });
}

fn add(queue: &Queue, numbers: &Buffer<u32>, term: u32) -> Event {
    let event = queue.submit(|h| {
        let numbers = numbers.read_write(h);
        h.parallel_for(N, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + term))
    });
    event.unwrap()
}

#[test]
fn threads_add_to_one_buffer_through_one_queue_and_nothing_is_lost() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; N]);
        race(|thread| (0..N_SUBMITS).for_each(|_| drop(add(queue, &numbers, thread + 1))));
        assert_eq!(*numbers.host_read().unwrap(), [36 * N_SUBMITS; N]);
        queue.wait().unwrap();
    });
}

#[test]
fn threads_add_to_one_buffer_through_queues_of_their_own() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; N]);
        race(|thread| {
            let own = Queue::on(queue.device()).unwrap();
            (0..N_SUBMITS).for_each(|_| drop(add(&own, &numbers, thread + 1)));
            own.wait().unwrap();
        });
        assert_eq!(numbers.into_vec().unwrap(), [36 * N_SUBMITS; N]);
    });
}

#[test]
fn threads_on_all_devices_add_to_the_same_buffers() {
    common::within(2 * common::LIMIT, || {
        let queues: Vec<Queue> = devices().iter().map(|device| Queue::on(device).unwrap()).collect();
        let buffers: Vec<Buffer<u32>> = (0..3).map(|_| Buffer::from(vec![0u32; N])).collect();
        race(|thread| {
            for submit in 0..N_SUBMITS {
                let queue = &queues[(thread + submit) as usize % queues.len()];
                add(queue, &buffers[submit as usize % 3], 1);
            }
        });
        let sums: Vec<u32> = buffers.into_iter().map(|buffer| buffer.into_vec().unwrap()[0]).collect();
        assert_eq!(sums.iter().sum::<u32>(), N_THREADS * N_SUBMITS);
    });
}

#[test]
fn threads_move_tokens_between_buffers_and_none_is_lost() {
    for_each_device(|queue| {
        let buffers: Vec<Buffer<u32>> = (0..4).map(|_| Buffer::from(vec![1000u32; N])).collect();
        race(|thread| {
            for submit in 0..N_SUBMITS / 2 {
                let from = (thread + submit) as usize % 4;
                let to = (from + 1 + submit as usize % 3) % 4;
                queue
                    .submit(|h| {
                        let (from, to) = (buffers[from].read_write(h), buffers[to].read_write(h));
                        h.parallel_for(
                            N,
                            kernel!(move |i: Id<1>| {
                                from[i] = from[i] - 1;
                                to[i] = to[i] + 1;
                            }),
                        )
                    })
                    .unwrap();
            }
        });
        let sums = buffers.into_iter().map(|buffer| buffer.into_vec().unwrap());
        let total = sums.fold(vec![0u32; N], |total, sum| {
            total.iter().zip(sum).map(|(a, b)| a.wrapping_add(b)).collect()
        });
        assert_eq!(total, [4000; N]);
    });
}

#[test]
fn threads_work_on_regions_of_their_own() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; N * N_THREADS as usize]);
        race(|thread| {
            for _ in 0..N_SUBMITS / 2 {
                queue
                    .submit(|h| {
                        let part = numbers.read_write(h).region(thread as usize * N, N);
                        h.parallel_for(N, kernel!(move |i: Id<1>| part[i] = part[i] + 1 + thread))
                    })
                    .unwrap();
            }
        });
        let numbers = numbers.into_vec().unwrap();
        for (thread, part) in numbers.chunks(N).enumerate() {
            assert_eq!(*part, [(1 + thread as u32) * (N_SUBMITS / 2); N]);
        }
    });
}

#[test]
fn hosts_and_kernels_take_turns_on_one_buffer() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; N]);
        race(|thread| {
            for submit in 0..N_SUBMITS / 5 {
                match (thread + submit) % 4 {
                    0 => numbers.host_write().unwrap().iter_mut().for_each(|n| *n += 1),
                    1 => drop(
                        queue
                            .submit(|h| {
                                h.host_task(numbers.read_write(h), |numbers| {
                                    numbers.iter_mut().for_each(|n| *n += 1);
                                });
                            })
                            .unwrap(),
                    ),
                    2 => {
                        let guard = numbers.host_read().unwrap();
                        assert!(guard.iter().all(|n| *n == guard[0]), "a half-done command is seen");
                        drop(guard);
                        add(queue, &numbers, 1);
                    }
                    _ => add(queue, &numbers, 1).wait().unwrap(),
                }
            }
        });
        assert_eq!(numbers.into_vec().unwrap(), [N_THREADS * N_SUBMITS / 5; N]);
    });
}

#[test]
fn threads_of_an_in_order_queue_share_its_order() {
    for_each_device(|queue| {
        let own = Queue::in_order(queue.device()).unwrap();
        let numbers = Buffer::from(vec![0u32; N]);
        race(|_| {
            for _ in 0..N_SUBMITS / 5 {
                add(&own, &numbers, 1);
                own.fill(&Buffer::<u32>::new(8), 1).unwrap();
            }
        });
        own.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [N_THREADS * N_SUBMITS / 5; N]);
    });
}

#[test]
fn buffers_are_made_used_and_dropped_by_many_threads() {
    for_each_pair(|first, second| {
        race(|thread| {
            for round in 0..50 {
                let numbers = Buffer::from(vec![thread; N]);
                let copy = Buffer::<u32>::new(N);
                add(first, &numbers, round);
                second.copy(&numbers, &copy).unwrap();
                drop(numbers);
                assert_eq!(copy.into_vec().unwrap(), [thread + round; N]);
            }
        });
    });
}

#[test]
fn the_same_kernel_is_launched_first_by_many_threads_at_once() {
    for_each_device(|queue| {
        let sums = Arc::new(Buffer::from(vec![0u64; N]));
        race(|_| {
            queue
                .submit(|h| {
                    let sums = sums.read_write(h);
                    h.parallel_for(N, kernel!(move |i: Id<1>| sums[i] = sums[i] * 2 + 1))
                })
                .unwrap();
        });
        assert_eq!(*sums.host_read().unwrap(), [255; N]);
    });
}

#[test]
fn failures_race_with_successes_and_only_spoil_what_they_wrote() {
    for_each_device(|queue| {
        let good = Buffer::from(vec![0u32; N]);
        race(|thread| {
            for _ in 0..20 {
                let bad = Buffer::from(vec![0u32; N - 1]);
                if thread % 2 == 0 {
                    let event = add(queue, &bad, 1);
                    assert_eq!(event.wait().unwrap_err().kind(), ErrorKind::Kernel);
                    assert_eq!(bad.host_read().unwrap_err().kind(), ErrorKind::Kernel);
                } else {
                    add(queue, &good, 1);
                }
            }
        });
        assert_eq!(good.into_vec().unwrap(), [80; N]);
        assert_eq!(queue.wait().unwrap_err().kind(), ErrorKind::Kernel);
        queue.wait().unwrap();
    });
}

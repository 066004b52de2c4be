//! What kernels print: whole lines, the work-items in order, the same text on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;
use std::sync::{Arc, Mutex};

/// A queue on the same device whose output is kept, and the output.
fn listening(queue: &Queue) -> (Queue, Arc<Mutex<String>>) {
    listening_with(queue, QueueOptions::default().print_bytes)
}

fn listening_with(queue: &Queue, print_bytes: usize) -> (Queue, Arc<Mutex<String>>) {
    let log = Arc::new(Mutex::new(String::new()));
    let copy = log.clone();
    let print = PrintSink::new(move |text| copy.lock().unwrap().push_str(text));
    let options = QueueOptions { print, print_bytes, ..QueueOptions::default() };
    (Queue::with(queue.device(), options).unwrap(), log)
}

/// What a command group's kernel prints.
#[track_caller]
fn output(queue: &Queue, group: impl FnOnce(&Handler)) -> String {
    let (queue, log) = listening(queue);
    queue.submit(|h| group(h)).unwrap().wait().unwrap();
    log.lock().unwrap().clone()
}

#[test]
fn work_items_print_in_their_order() {
    on_each_device(|queue| {
        let text = output(queue, |h| {
            h.parallel_for(
                700,
                kernel!(|i: usize| {
                    if i % 100 == 50 {
                        println!("item {i}");
                        println!("  again {}", i + 1);
                    }
                }),
            );
        });
        let expected: String =
            (0..7).map(|k| format!("item {}\n  again {}\n", k * 100 + 50, k * 100 + 51)).collect();
        assert_eq!(text, expected);
    });
}

#[test]
fn lines_of_work_items_never_mix() {
    on_each_device(|queue| {
        let text = output(queue, |h| {
            h.parallel_for(
                [2, 2],
                kernel!(|at: Id<2>| {
                    print!("{at:?}:");
                    for k in 0..at[0] + at[1] {
                        print!(" {k}");
                    }
                    if at[0] == 1 {
                        println!();
                        print!("");
                    }
                }),
            );
        });
        assert_eq!(text, "Id([0, 0]):\nId([0, 1]): 0\nId([1, 0]): 0\nId([1, 1]): 0 1\n");
    });
}

#[test]
fn every_scalar_and_format_looks_as_in_rust() {
    on_each_device(|queue| {
        let (byte, half, word, long) = (-7i8, 40_000u16, -70_000i32, i64::MIN);
        let (small, big, truth, size) = (0.1f32, 1e300f64, true, usize::MAX);
        let table = [1.5f32, -0.0, f32::INFINITY];
        let text = output(queue, |h| {
            h.single_task(kernel!(|| {
                println!("{byte} {half} {word} {long} {small} {big:?} {truth} {size}");
                println!("{byte:x} {half:#X} {word:#034b} {long:o} {small:e} {big:E} {truth:>6}|");
                println!("{:>5}|{:<5}|{:^5}|{:*^7}|{:+}|{:05}", 1, 2, 3, 4, 5, -6);
                println!("{:.3} {:8.2}| {:08.2} {0:?} {1:?}", 2.0f64 / 3.0, small, word as f32);
                println!("{table:?} {:.1?} {{braces}}", table);
            }));
        });
        let mut expected = format!("{byte} {half} {word} {long} {small} {big:?} {truth} {size}\n");
        expected += &format!("{byte:x} {half:#X} {word:#034b} {long:o} {small:e} {big:E} {truth:>6}|\n");
        expected += &format!("{:>5}|{:<5}|{:^5}|{:*^7}|{:+}|{:05}\n", 1, 2, 3, 4, 5, -6);
        expected += &format!("{:.3} {:8.2}| {:08.2} {0:?} {1:?}\n", 2.0f64 / 3.0, small, word as f32);
        expected += &format!("{table:?} {:.1?} {{braces}}\n", table);
        assert_eq!(text, expected);
    });
}

#[device]
fn noisy(x: u32) -> u32 {
    println!("noisy {x}");
    x * 2
}

#[test]
fn device_functions_print_for_their_callers() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32, 2, 3]);
        let text = output(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(3, kernel!(move |i: usize| a[i] = noisy(a[i]) + noisy(a[i] + 10)));
        });
        assert_eq!(text, "noisy 1\nnoisy 11\nnoisy 2\nnoisy 12\nnoisy 3\nnoisy 13\n");
        assert_eq!(*a.host_read().unwrap(), [24, 28, 32]);
    });
}

#[test]
fn what_was_printed_before_a_failure_is_seen() {
    on_each_device(|queue| {
        let (queue, log) = listening(queue);
        let event = queue
            .submit(|h| {
                h.parallel_for(
                    NdRange::new(4, 2),
                    kernel!(|it: NdItem<1>| {
                        let [at] = it.global_id();
                        println!("before {at}");
                        assert!(at != 2);
                        println!("after {at}");
                        it.barrier();
                        println!("at last {at}");
                    }),
                )
            })
            .unwrap();
        assert!(event.wait().is_err());
        let item = |at| format!("before {at}\nafter {at}\nat last {at}\n");
        assert_eq!(*log.lock().unwrap(), format!("{}{}before 2\n{}", item(0), item(1), item(3)));
    });
}

#[test]
fn lines_without_room_are_counted() {
    on_each_device(|queue| {
        let text = output(queue, |h| {
            h.parallel_for(
                1000,
                kernel!(|i: usize| {
                    for k in 0..1000usize {
                        println!("{i} {k}");
                    }
                }),
            );
        });
        // Each of these lines takes four words, and there are 2^17 - 1.
        let kept = ((1 << 17) - 1) / 4;
        assert_eq!(text.lines().count(), kept + 1);
        let last = format!(
            "falx: kernel `kernel` printed more than 1048576 bytes hold: {} lines lost; `QueueOptions::print_bytes` makes room",
            1_000_000 - kept
        );
        assert_eq!(text.lines().last(), Some(&last[..]));
        // The next launch begins with a clean page.
        let text = output(queue, |h| h.single_task(kernel!(|| println!("next"))));
        assert_eq!(text, "next\n");
    });
}

#[test]
fn a_queue_may_have_more_or_less_room_for_output() {
    on_each_device(|queue| {
        let (small, small_log) = listening_with(queue, 1030);
        let (large, large_log) = listening_with(queue, 8 << 20);
        for queue in [&small, &large, &small] {
            let lines = kernel!(|i: usize| println!("{i}"));
            queue.submit(|h| h.parallel_for(200_000, lines)).unwrap().wait().unwrap();
        }
        // Each line takes three words: of 1030 bytes there are 128 words, of which one has the counters.
        let log = small_log.lock().unwrap().clone();
        let last = "falx: kernel `kernel` printed more than 1024 bytes hold: 199958 lines lost; `QueueOptions::print_bytes` makes room";
        let lines: Vec<&str> = log.lines().collect();
        assert_eq!((lines.len(), lines[42], lines[85]), (86, last, last));
        let expected: String = (0..200_000).map(|i| format!("{i}\n")).collect();
        assert_eq!(*large_log.lock().unwrap(), expected);
    });
}

#[test]
fn room_for_output_has_bounds() {
    on_each_device(|queue| {
        for print_bytes in [0, 1023, (1 << 33) + 1] {
            let options = QueueOptions { print_bytes, ..QueueOptions::default() };
            let error = Queue::with(queue.device(), options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            let text =
                format!("`QueueOptions::print_bytes` is {print_bytes}; choose from 1024 to 8589934592");
            assert!(error.to_string().ends_with(&text), "{error}");
        }
    });
}

#[test]
fn each_launch_has_its_own_output() {
    on_each_device(|queue| {
        let (queue, log) = listening(queue);
        for turn in 0..20u32 {
            queue.submit(|h| h.parallel_for(2, kernel!(|i: usize| println!("{turn}: {i}")))).unwrap();
        }
        queue.wait().unwrap();
        let mut launches: Vec<String> = log.lock().unwrap().lines().map(str::to_owned).collect();
        launches.sort_by_key(|line| line.split_once(':').unwrap().0.parse::<u32>().unwrap());
        let expected: Vec<String> =
            (0..20).flat_map(|turn| (0..2).map(move |i| format!("{turn}: {i}"))).collect();
        assert_eq!(launches, expected);
    });
}

//! Events: status, waiting, what they depend on, and times.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, close, comes_to, for_each_device, for_each_device_with};
use falx::prelude::*;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn with_profiling() -> QueueOptions {
    QueueOptions { profiling: true, ..QueueOptions::default() }
}

#[test]
fn an_event_is_submitted_then_running_then_complete() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let (gate, task) = close(queue, &numbers);
        let after = queue.fill(&numbers, 2).unwrap();
        comes_to(&task, EventStatus::Running);
        assert_eq!(after.status(), EventStatus::Submitted);
        gate.open();
        // Nobody waits: asking is enough to learn that it is over.
        comes_to(&after, EventStatus::Complete);
        assert_eq!(task.status(), EventStatus::Complete);
    });
}

#[test]
fn an_event_may_be_waited_for_again_and_through_its_clones() {
    for_each_device(|queue| {
        let numbers = Buffer::<u32>::new(4);
        let event = queue.fill(&numbers, 2).unwrap();
        let clone = event.clone();
        let waiters: Vec<_> = (0..4).map(|_| event.clone()).collect();
        let threads: Vec<_> =
            waiters.into_iter().map(|event| std::thread::spawn(move || event.wait())).collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
        event.wait().unwrap();
        clone.wait().unwrap();
        assert_eq!(clone.status(), EventStatus::Complete);
    });
}

#[test]
fn an_event_keeps_its_error() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue
            .submit(|h| {
                let numbers = numbers.write(h);
                h.parallel_for(5, kernel!(move |i: Id<1>| numbers[i] = 2))
            })
            .unwrap();
        for _ in 0..3 {
            assert_error(event.wait(), ErrorKind::Kernel, &["index 4 out of range 4", "`numbers`"]);
        }
        assert_eq!(event.status(), EventStatus::Complete);
        queue.wait().unwrap_err();
        assert_error(event.clone().wait(), ErrorKind::Kernel, &["index 4"]);
    });
}

#[test]
fn dependencies_are_the_commands_that_are_waited_for() {
    for_each_device(|queue| {
        let (a, b) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]));
        let (gate_a, first) = close(queue, &a);
        let (gate_b, second) = close(queue, &b);
        let both = queue.copy(&a, &b).unwrap();
        let found = format!("{:?}", both.dependencies());
        let mut dependencies = both.dependencies();
        assert_eq!(dependencies.len(), 2, "{found}");
        for event in [&first, &second] {
            assert!(found.contains(&format!("{event:?}")), "{found} lacks {event:?}");
        }
        gate_a.open();
        gate_b.open();
        dependencies.drain(..).for_each(|event| event.wait().unwrap());
        assert_eq!((first.status(), second.status()), (EventStatus::Complete, EventStatus::Complete));
        queue.wait().unwrap();
        let late = queue.fill(&Buffer::<u32>::new(4), 1).unwrap();
        assert_eq!(late.dependencies().len(), 0);
    });
}

#[test]
fn a_command_is_handed_over_before_it_starts_and_starts_before_it_ends() {
    for_each_device_with(with_profiling, |queue| {
        let numbers = Buffer::from(vec![1u32; 1 << 16]);
        let mut last_end = std::time::Duration::ZERO;
        for _ in 0..5 {
            let event = queue.submit(|h| {
                let numbers = numbers.read_write(h);
                h.parallel_for(1 << 16, kernel!(move |i: Id<1>| numbers[i] = numbers[i] * 3 + 1))
            });
            let times = event.unwrap().profiling().unwrap();
            assert!(times.submit <= times.start && times.start <= times.end, "{times:?}");
            assert!(last_end <= times.start, "{times:?} begins before {last_end:?}");
            last_end = times.end;
        }
        let times = queue.fill(&numbers, 1).unwrap().profiling().unwrap();
        assert!(times.start <= times.end, "{times:?}");
    });
}

#[test]
fn times_are_refused_where_none_are_kept() {
    for_each_device(|queue| {
        let event = queue.fill(&Buffer::<u32>::new(4), 1).unwrap();
        assert_error(event.profiling(), ErrorKind::Profiling, &["collects no times", "profiling: true"]);
    });
    for_each_device_with(with_profiling, |queue| {
        let task = queue.submit(|h| h.host_task((), |()| {})).unwrap();
        assert_eq!(task.profiling().unwrap_err().kind(), ErrorKind::Profiling);
        let barrier = queue.barrier().unwrap();
        assert_error(barrier.profiling(), ErrorKind::Profiling, &["ran on no device"]);
    });
}

#[test]
fn asking_a_failed_command_for_its_times_gives_its_error() {
    for_each_device_with(with_profiling, |queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let numbers = numbers.write(h);
            h.parallel_for(5, kernel!(move |i: Id<1>| numbers[i] = 2))
        });
        assert_error(event.unwrap().profiling(), ErrorKind::Kernel, &["index 4"]);
    });
}

//! Threads that submit, wait, read and drop at the same time, on every device: nothing hangs and nothing is lost.

use falx::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const N_THREADS: u64 = 8;
const N_ROUNDS: u64 = 150;
const N_ELEMENTS: usize = 64;

/// Ends the process if `work` takes too long: a hang must not look like a slow test.
fn watched<R>(limit: Duration, work: impl FnOnce() -> R) -> R {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while !done.load(Ordering::Acquire) {
                if start.elapsed() > limit {
                    eprintln!("nothing came to an end for {limit:?}");
                    std::process::abort();
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        // Also when `work` panics, so that its message is what is seen.
        struct Done<'d>(&'d AtomicBool);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        let _done = Done(&done);
        work()
    })
}

/// Adds one to every element.
fn increment(queue: &Queue, buffer: &Buffer<u64>) -> falx::Result<Event> {
    queue.submit(|h| {
        let elements = buffer.read_write(h);
        h.parallel_for(N_ELEMENTS, kernel!(move |i: Id<1>| elements[i] = elements[i] + 1))
    })
}

/// What one thread does: its own buffer goes from device to device, and all threads share another.
fn work(thread: u64, queues: &[Queue], shared: &Buffer<u64>) -> falx::Result<()> {
    let own = Buffer::from(vec![0u64; N_ELEMENTS]);
    let mut expected = 0;
    for round in 0..N_ROUNDS {
        let queue = &queues[((thread + round) % queues.len() as u64) as usize];
        let event = increment(queue, &own)?;
        increment(queue, shared)?;
        expected += 1;
        match (thread + round) % 8 {
            0 => event.wait()?,
            1 => assert_eq!(*own.host_read()?, vec![expected; N_ELEMENTS][..]),
            2 => {
                own.host_write()?.iter_mut().for_each(|element| *element += 1);
                expected += 1;
            }
            3 => queue.wait()?,
            4 => {
                queue.submit(|h| {
                    let own = own.read_write(h);
                    h.host_task(own, |own| own.iter_mut().for_each(|element| *element += 1));
                })?;
                expected += 1;
            }
            5 => {
                // Dropped while its command may still run.
                let gone = Buffer::from(vec![1u64; N_ELEMENTS]);
                increment(queue, &gone)?;
            }
            6 => drop(shared.host_read()?),
            _ => {
                let mut lent = [expected; N_ELEMENTS];
                falx::scope(|scope| {
                    let lent = scope.buffer(&mut lent);
                    queue.submit(|h| {
                        let lent = lent.read_write(h);
                        h.parallel_for(N_ELEMENTS, kernel!(move |i: Id<1>| lent[i] = lent[i] + 2))
                    })
                })??;
                assert_eq!(lent, [expected + 2; N_ELEMENTS]);
            }
        }
    }
    assert_eq!(own.into_vec()?, vec![expected; N_ELEMENTS]);
    Ok(())
}

#[test]
fn threads_that_share_devices_and_buffers_lose_nothing() -> falx::Result<()> {
    watched(Duration::from_secs(300), || {
        let queues = falx::devices()?.iter().map(Queue::on).collect::<falx::Result<Vec<_>>>()?;
        let shared = Buffer::from(vec![0u64; N_ELEMENTS]);
        std::thread::scope(|scope| {
            let start = |thread| {
                let (queues, shared) = (&queues, &shared);
                scope.spawn(move || work(thread, queues, shared))
            };
            let threads: Vec<_> = (0..N_THREADS).map(start).collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("no check failed"))
        })?;
        queues.iter().try_for_each(Queue::wait)?;
        assert_eq!(shared.into_vec()?, vec![N_THREADS * N_ROUNDS; N_ELEMENTS]);
        Ok(())
    })
}

#[test]
fn a_command_that_reads_lent_memory_runs_before_its_scope_returns() -> falx::Result<()> {
    watched(Duration::from_secs(60), || {
        let queue = Queue::new(Selector::default())?;
        let (gate, sum) = (Buffer::<u64>::new(1), Buffer::<u64>::new(1));
        let numbers = [1u64, 2, 3];
        falx::scope(|scope| {
            let numbers = scope.read_only(&numbers);
            queue.submit(|h| {
                let gate = gate.write(h).no_init();
                h.host_task(gate, |gate| {
                    std::thread::sleep(Duration::from_millis(50));
                    gate[0] = 10;
                });
            })?;
            // Waits for the host task, so that the scope ends before it can start.
            queue.submit(|h| {
                let (gate, numbers, sum) = (gate.read(h), numbers.read(h), sum.write(h).no_init());
                h.single_task(kernel!(|| sum[0] = gate[0] + numbers[0] + numbers[1] + numbers[2]));
            })
        })??;
        assert_eq!(sum.into_vec()?, [16]);
        Ok(())
    })
}

#[test]
fn an_accessor_cannot_be_narrowed_through_an_old_copy_of_itself() -> falx::Result<()> {
    let queue = Queue::new(Selector::default())?;
    let buffer = Buffer::from(vec![0u64; 16]);
    let error = queue.submit(|h| {
        let whole = buffer.read_write(h);
        let _narrow = whole.region(2, 8);
        // Would wait for elements 5 to 8, and touch 3 to 6.
        let other = whole.region(3, 3);
        h.parallel_for(3, kernel!(move |i: Id<1>| other[i] = 1));
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Accessor);
    Ok(())
}

#[test]
fn what_a_host_task_captured_may_submit_to_its_own_queue_when_it_is_dropped() -> falx::Result<()> {
    struct Submits(Queue, Buffer<u64>);
    impl Drop for Submits {
        fn drop(&mut self) {
            let _ = self.0.fill(&self.1, 7);
        }
    }
    watched(Duration::from_secs(60), || {
        let queue = Queue::in_order(Queue::new(Selector::default())?.device())?;
        let (spoilt, filled) = (Buffer::from(vec![0u64; 4]), Buffer::<u64>::new(4));
        queue.submit(|h| {
            let spoilt = spoilt.read_write(h);
            h.host_task(spoilt, |_| Err(falx::Error::new(ErrorKind::Runtime, "on purpose")));
        })?;
        assert!(queue.wait().is_err());
        let submits = Submits(queue.clone(), filled.clone());
        // Never runs, since its buffer is spoilt: it is dropped, perhaps by the very call that submits it.
        queue.submit(|h| {
            let spoilt = spoilt.read_write(h);
            h.host_task(spoilt, move |_| drop(submits));
        })?;
        assert!(queue.wait().is_err());
        assert_eq!(*filled.host_read()?, [7; 4]);
        Ok(())
    })
}

//! Threads that race for the pools, the planner and the engine, in schedules that `shuttle` chooses: `FALX_SHUTTLE=1 cargo test
//! --lib schedules`. All that decides who goes next is behind falx's own locks ([`sync`](crate::sync)).

use super::lab::{Lab, NEAR, SimulatedMemory, elements};
use crate::backend::Memory;
use crate::backend::record::{Completion, RecordingLane, device};
use crate::execute::device_pool::DevicePool;
use crate::execute::{Pool, Storage, Until};
use crate::platform::{DeviceId, MemoryId, PoolPolicy};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicUsize, Ordering};
use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, Runner, thread};
use std::collections::HashSet;
use std::sync::Arc;

const SCHEDULES: usize = 1000;

/// Runs `test` in many schedules; a failure prints the one that it was in.
fn in_many_schedules(test: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    Runner::new(RandomScheduler::new_from_seed(1, SCHEDULES), config).run(test);
}

/// Runs `work` on so many threads, with their numbers.
fn on_threads(n: usize, work: impl Fn(usize) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let threads: Vec<_> = (0..n)
        .map(|number| {
            let work = Arc::clone(&work);
            thread::spawn(move || work(number))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_block_of_host_memory_is_one_threads_and_no_more_are_in_use_than_may_be() {
    in_many_schedules(|| {
        let pool = Arc::new(Pool::default());
        pool.set_budget(Some(3072));
        let shared = Arc::clone(&pool);
        on_threads(3, move |number| {
            for size_bytes in [1000, 2000, 1000] {
                if size_bytes == 2000 {
                    shared.set_policy(PoolPolicy::Cap(2048));
                }
                let Ok(block) = shared.take(size_bytes) else { continue };
                assert!(shared.held().held_bytes <= 3072);
                // SAFETY: the block has that many bytes, and is this thread's alone: which is what is tested.
                unsafe { block.pointer().write_bytes(number as u8, size_bytes) };
                thread::yield_now();
                // SAFETY: as above.
                let bytes = unsafe { std::slice::from_raw_parts(block.pointer(), size_bytes) };
                assert!(bytes.iter().all(|byte| *byte == number as u8));
                shared.give_back(block);
            }
        });
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, pool.held().held_bytes), (0, 0));
        assert!(counts.kept_bytes <= 2048 && counts.most_live_bytes <= 3072, "{counts:?}");
    });
}

#[test]
fn memory_of_a_device_is_one_threads_and_all_of_it_comes_back() {
    in_many_schedules(|| {
        let device = device(DeviceId(1), MemoryId(1));
        let pool = DevicePool::new(&device);
        let lane = Arc::new(RecordingLane::new(device, Completion::AtOnce));
        let in_use = Arc::new(Mutex::new(HashSet::new()));
        let shared = Arc::clone(&pool);
        on_threads(3, move |number| {
            let (mut had, mut mine) = (Vec::<Memory>::new(), Vec::new());
            for size_bytes in [1000, 4000 >> number, 300_000, 1000] {
                // What this thread has may pass on to itself.
                let memory =
                    shared.allocate(&*lane, size_bytes, |take| had.pop_if(|memory| take(memory))).unwrap();
                let place = Arc::as_ptr(&memory.inner).addr();
                let is_free = in_use.lock().insert(place);
                assert!(is_free || mine.contains(&place), "memory is two threads'");
                mine.push(place);
                thread::yield_now();
                had.push(memory);
            }
            for memory in had {
                in_use.lock().remove(&Arc::as_ptr(&memory.inner).addr());
            }
            if number == 0 {
                shared.set_policy(PoolPolicy::Release);
            }
        });
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, counts.reserved_bytes, counts.n_taken), (0, 0, 12));
    });
}

/// More than shares a slab with others.
const N: usize = 140_000;

/// What a buffer has in the near device's memory.
fn content(lab: &Lab, buffer: &Arc<Storage>) -> u8 {
    let lane = lab.runtime.lane(DeviceId(NEAR as _)).unwrap();
    let ground = buffer.memory(&**lane, &buffer.layout.whole()).unwrap();
    ground.memory.inner.downcast_ref::<SimulatedMemory>().unwrap().first()
}

#[test]
fn racing_commands_are_carried_out_in_the_order_of_their_buffers_and_memory_passes_on_safely() {
    in_many_schedules(|| {
        let lab = Arc::new(Lab::new());
        let left = Arc::new(AtomicUsize::new(2));
        let (shared, running) = (Arc::clone(&lab), Arc::clone(&left));
        on_threads(3, move |number| {
            let lab = &shared;
            if number == 2 {
                // The device.
                while running.load(Ordering::SeqCst) > 0 {
                    if !lab.lanes[NEAR].complete(Ok(())) {
                        thread::yield_now();
                    }
                }
                return;
            }
            for round in 0..3 {
                let fill = |buffer: &Arc<Storage>, value: usize| {
                    lab.fill(NEAR, buffer, elements(0, 16), value as u8)
                };
                let dropped = lab.buffer([1, 1, N]);
                fill(&dropped, 100);
                drop(dropped);
                let kept = lab.buffer([1, 1, N]);
                fill(&kept, 50);
                let last = fill(&kept, 10 * number + round);
                lab.engine().wait(last.step, Until::Complete).unwrap();
                assert_eq!(content(lab, &kept), (10 * number + round) as u8);
            }
            running.fetch_sub(1, Ordering::SeqCst);
        });
        lab.engine().retire(DeviceId(NEAR as _));
        let counts = lab.runtime.pool_use(MemoryId(1));
        assert_eq!((counts.live_bytes, counts.n_taken), (0, 12));
    });
}

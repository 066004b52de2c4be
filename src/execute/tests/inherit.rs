//! Memory of a device that passes on while commands that use it are under way.

use super::lab::{HOST, Lab, NEAR, elements};
use crate::execute::Storage;
use crate::plan::Access;
use crate::platform::{DeviceId, MemoryId, PoolPolicy, PoolUse};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// More than shares a slab with others.
const N: usize = 200_000;
const NEAR_MEMORY: MemoryId = MemoryId(1);

fn whole(storage: &Storage) -> crate::geometry::Block {
    storage.layout.whole()
}

/// A buffer that a command under way fills on the near device.
fn filled(lab: &Lab, value: u8) -> Arc<Storage> {
    let buffer = lab.buffer([1, 1, N]);
    lab.fill(NEAR, &buffer, whole(&buffer), value);
    buffer
}

fn pool(lab: &Lab) -> PoolUse {
    lab.runtime.pool_use(NEAR_MEMORY)
}

/// Completes what the near device has to do until `buffer` was looked at, which must be `value` throughout.
fn expect_all(lab: &Lab, buffer: &Arc<Storage>, value: u8) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                if !lab.lanes[NEAR].complete(Ok(())) {
                    std::thread::yield_now();
                }
            }
        });
        let found = lab.look(buffer, Access::Read, |bytes| bytes.to_vec());
        over.store(true, Ordering::Relaxed);
        assert_eq!(found.unwrap(), vec![value; N]);
    });
}

#[test]
fn memory_passes_on_in_the_order_of_the_lane_while_the_last_command_that_used_it_runs() {
    let lab = Lab::new();
    drop(filled(&lab, 1));
    for value in 2..100 {
        drop(filled(&lab, value));
    }
    let last = filled(&lab, 100);
    let counts = pool(&lab);
    assert_eq!((counts.n_taken, counts.n_reused, counts.live_bytes), (100, 99, N));
    expect_all(&lab, &last, 100);
    drop(last);
    lab.engine().retire(DeviceId(NEAR as _));
    assert_eq!(pool(&lab).live_bytes, 0);
}

#[test]
fn what_a_handle_or_a_command_still_wants_does_not_pass_on() {
    let lab = Lab::new();
    let kept = filled(&lab, 1);
    let wanted = filled(&lab, 2);
    // A command that waits for a guard of the host before it reads.
    let gate = lab.buffer([1, 1, N]);
    let guard = lab.host(&gate, Access::Discard).step;
    lab.copy(NEAR, &wanted, &gate, elements(0, N));
    drop(wanted);
    let other = filled(&lab, 3);
    assert_eq!(pool(&lab).live_bytes, 3 * N);
    lab.engine().finish(guard, Ok(()));
    expect_all(&lab, &kept, 1);
    expect_all(&lab, &gate, 2);
    expect_all(&lab, &other, 3);
}

#[test]
fn who_is_not_behind_the_lane_waits_for_what_memory_passed_on_from() {
    let lab = Lab::new();
    let engine = lab.engine();
    engine.await_heritage(DeviceId(NEAR as _)); // Nothing has passed on.
    drop(filled(&lab, 1));
    let heir = filled(&lab, 2);
    let is_free = Arc::new(AtomicBool::new(false));
    let freed = Arc::clone(&is_free);
    let waiting = std::thread::spawn(move || {
        engine.await_heritage(DeviceId(NEAR as _));
        freed.store(true, Ordering::SeqCst);
    });
    std::thread::sleep(Duration::from_millis(20));
    assert!(!is_free.load(Ordering::SeqCst));
    lab.lanes[NEAR].complete(Ok(()));
    waiting.join().unwrap();
    engine.await_heritage(DeviceId(NEAR as _));
    expect_all(&lab, &heir, 2);
}

#[test]
fn memory_whose_heir_was_refused_stays_as_long_as_the_command_before_it_runs() {
    let lab = Lab::new();
    lab.runtime.set_pool_policy(NEAR_MEMORY, PoolPolicy::Release);
    let (first, host) = (filled(&lab, 1), lab.buffer([1, 1, N]));
    let weak = Arc::downgrade(&first);
    drop(first);
    lab.lanes[NEAR].refuse_after(0);
    drop(filled(&lab, 2));
    let counts = pool(&lab);
    assert_eq!((counts.n_reused, counts.live_bytes, counts.reserved_bytes), (1, 0, 0));
    // The first fill still writes to it.
    assert!(weak.upgrade().is_some());
    assert!(lab.lanes[NEAR].complete(Ok(())));
    lab.engine().retire(DeviceId(NEAR as _));
    assert!(weak.upgrade().is_none());
    lab.fill(HOST, &host, whole(&host), 3);
}

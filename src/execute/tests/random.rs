//! Random programs on devices that complete in random order give what one command after the other gives.

use super::lab::{FAR, HOST, Lab, NEAR, SHARED, elements};
use crate::execute::{Storage, Until};
use crate::plan::Access;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const N_BUFFERS: usize = 32;
const N_BYTES: usize = 24;
const N_TASKS: usize = 10_000;

/// Xorshift: the same numbers in every run.
struct Random(u64);
impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % end
    }
}

/// Completes commands of all lanes in random order until told to stop.
fn complete_at_random(lab: &Lab, stop: &AtomicBool) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    while !stop.load(Ordering::Acquire) {
        for _ in 0..random.below(8) {
            lab.lanes[random.below(lab.lanes.len())].complete(Ok(()));
        }
        match random.below(16) {
            0 => std::thread::sleep(Duration::from_micros(200)),
            _ => std::thread::yield_now(),
        }
    }
}

/// Adds one to part of a buffer, in a host task.
fn increment(lab: &Lab, storage: &Arc<Storage>, (first, end): (usize, usize)) {
    let own = storage.clone();
    lab.host_task(&[(storage, elements(first, end), Access::ReadWrite)], move || {
        let pointer = own.host()?.pointer();
        for position in first..end {
            // SAFETY: the position is inside the buffer, and the engine keeps others away.
            unsafe { *pointer.add(position) = (*pointer.add(position)).wrapping_add(1) };
        }
        Ok(())
    });
}

#[test]
fn random_programs_give_what_one_command_after_the_other_gives() {
    compare(&Lab::new());
}

/// Two whole buffers and a bit have room, so that some are there as a whole and some in parts.
#[test]
fn random_programs_give_the_same_where_few_buffers_have_room() {
    let lab = Lab::new();
    lab.limit([NEAR, FAR], 2 * N_BYTES + 4);
    compare(&lab);
}

/// Runs a random program, and the same on plain memory.
fn compare(lab: &Lab) {
    let stop = AtomicBool::new(false);
    let buffers: Vec<_> = (0..N_BUFFERS).map(|_| lab.buffer([1, 1, N_BYTES])).collect();
    let mut model = vec![[0u8; N_BYTES]; N_BUFFERS];
    let mut random = Random(0x1234_5678_9abc_def1);
    std::thread::scope(|scope| {
        scope.spawn(|| complete_at_random(lab, &stop));
        // Stops the other thread also when a check below fails.
        struct Stop<'s>(&'s AtomicBool);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        let _stop = Stop(&stop);
        for (number, buffer) in buffers.iter().enumerate() {
            lab.fill(HOST, buffer, elements(0, N_BYTES), number as u8);
            model[number] = [number as u8; N_BYTES];
        }
        for task in 0..N_TASKS {
            let device = [HOST, SHARED, NEAR, FAR][random.below(4)];
            let (one, two) = (random.below(N_BUFFERS), random.below(N_BUFFERS));
            let first = random.below(N_BYTES);
            let end = first + 1 + random.below(N_BYTES - first);
            match random.below(20) {
                0..8 => {
                    lab.fill(device, &buffers[one], elements(first, end), task as u8);
                    model[one][first..end].fill(task as u8);
                }
                8..17 if one != two => {
                    lab.copy(device, &buffers[one], &buffers[two], elements(first, end));
                    let bytes = model[one];
                    model[two][first..end].copy_from_slice(&bytes[first..end]);
                }
                17 => {
                    increment(lab, &buffers[one], (first, end));
                    model[one][first..end].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
                }
                18 if task % 4 == 0 => {
                    let seen = lab.look(&buffers[one], Access::Read, |bytes| bytes.to_vec()).unwrap();
                    assert_eq!(seen, model[one], "buffer {one} before task {task}");
                }
                _ => {
                    lab.barrier(&[]);
                }
            }
        }
        for (number, buffer) in buffers.iter().enumerate() {
            let seen = lab.look(buffer, Access::Read, |bytes| bytes.to_vec()).unwrap();
            assert_eq!(seen, model[number], "buffer {number} at the end");
        }
        let last = lab.barrier(&[]);
        lab.engine().wait(last.step, Until::Complete).unwrap();
    });
}

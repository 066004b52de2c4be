//! Unified shared memory: kinds, commands, guards, raw pointers, and how long it lives.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Gate, assert_error, close, comes_to, devices, for_each_device, for_each_pair, works_in_place};
use falx::prelude::*;
use falx::usm::{self, Advice, HostReachable, OnDevice, OnHost, Shared, UsmBox, UsmKind, UsmSource, UsmVec};

const KINDS: [UsmKind; 3] = [UsmKind::Device, UsmKind::Host, UsmKind::Shared];

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn every_device_says_where_its_unified_shared_memory_comes_from() {
    for device in devices() {
        let expected = match device.platform().name.as_str() {
            "host" => Some(UsmSource::HostMemory),
            _ if !works_in_place(&device) => Some(UsmSource::Buffers),
            "Portable Computing Language" => Some(UsmSource::FineGrainSvm),
            "Intel(R) OpenCL" => Some(UsmSource::IntelExtension),
            "Oclgrind" => Some(UsmSource::Buffers),
            _ => None,
        };
        for kind in KINDS {
            println!("{kind} memory of {device}: {}", device.usm(kind));
            assert!(expected.is_none_or(|expected| expected == device.usm(kind)), "{device}");
        }
    }
}

/// Doubles elements in a kernel.
fn double(queue: &Queue, numbers: &usm::UsmSlice<u32>) -> Event {
    let n = numbers.len();
    queue
        .submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = 2 * numbers[i]))
        })
        .unwrap()
}

#[test]
fn kernels_work_on_memory_of_every_kind() {
    fn check<K: usm::Kind>(queue: &Queue) {
        let elements: Vec<u32> = (0..1000).collect();
        let numbers = UsmVec::<u32, K>::from_slice(queue.device(), &elements).unwrap();
        double(queue, &numbers);
        let doubled: Vec<u32> = (0..1000).map(|n| 2 * n).collect();
        assert_eq!(numbers.to_vec().unwrap(), doubled);
        assert_eq!((numbers.len(), numbers.kind(), numbers.device()), (1000, K::KIND, queue.device()));
    }
    for_each_device(|queue| {
        check::<OnDevice>(queue);
        check::<OnHost>(queue);
        check::<Shared>(queue);
    });
}

#[test]
fn host_and_kernels_take_turns_at_one_address_and_nothing_is_copied_in_place() {
    fn check<K: HostReachable>(queue: &Queue) {
        let numbers = UsmVec::<u32, K>::new(queue.device(), 64).unwrap();
        let copied = queue.totals().bytes_copied();
        for round in 1..4u32 {
            numbers.host_write().unwrap().fill(round);
            double(queue, &numbers);
            let guard = numbers.host_read().unwrap();
            assert_eq!(*guard, [2 * round; 64]);
            if let Some(pointer) = numbers.as_ptr() {
                assert_eq!(guard.as_ptr(), pointer.cast_const());
            }
        }
        if works_in_place(queue.device()) {
            assert_eq!(queue.totals().bytes_copied(), copied);
        }
    }
    for_each_device(|queue| {
        check::<OnHost>(queue);
        check::<Shared>(queue);
    });
}

#[test]
fn parts_are_copied_filled_and_set() {
    for_each_device(|queue| {
        let from = UsmVec::<u32, Shared>::from_slice(queue.device(), &[1, 2, 3, 4, 5, 6]).unwrap();
        let to = usm::device::<u32>(queue.device(), 8).unwrap();
        queue.memset(&to, 0x11).unwrap();
        queue.memcpy(&to.slice(1..4).unwrap(), &from.slice(3..).unwrap()).unwrap();
        queue.fill(&to.slice(6..=6).unwrap(), 9).unwrap();
        let untouched = 0x1111_1111;
        assert_eq!(to.to_vec().unwrap(), [untouched, 4, 5, 6, untouched, untouched, 9, untouched]);
        let inner = to.slice(1..4).unwrap().slice(1..).unwrap();
        inner.copy_from_slice(&[50, 60]).unwrap();
        let mut elements = [0; 3];
        to.slice(1..4).unwrap().copy_to_slice(&mut elements).unwrap();
        assert_eq!(elements, [4, 50, 60]);
    });
}

#[test]
fn memory_of_elements_that_cannot_be_filled_can_be_set() {
    for_each_device(|queue| {
        let triples = usm::shared::<[u16; 3]>(queue.device(), 5).unwrap();
        queue.memset(&triples, 2).unwrap();
        assert_eq!(*triples.host_read().unwrap(), [[0x0202; 3]; 5]);
        assert_error(queue.fill(&triples, [1; 3]), ErrorKind::Invalid, &["6 bytes"]);
    });
}

#[test]
fn buffers_and_unified_shared_memory_are_copied_to_each_other() {
    for_each_device(|queue| {
        let buffer = Buffer::from(vec![1u32, 2, 3]);
        let numbers = usm::device::<u32>(queue.device(), 3).unwrap();
        queue.copy(&buffer, &numbers).unwrap();
        double(queue, &numbers);
        queue.memcpy(&buffer, &numbers).unwrap();
        assert_eq!(*buffer.host_read().unwrap(), [2, 4, 6]);
    });
}

#[test]
fn a_buffer_over_the_allocation_is_ordered_against_it() {
    for_each_device(|queue| {
        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &[1, 2, 3]).unwrap();
        let buffer = numbers.as_buffer();
        double(queue, &numbers);
        queue
            .submit(|h| {
                let buffer = buffer.read_write(h);
                h.parallel_for(3, kernel!(move |i: Id<1>| buffer[i] += 1))
            })
            .unwrap();
        double(queue, &numbers);
        drop(numbers);
        assert_eq!(*buffer.host_read().unwrap(), [6, 10, 14]);
        assert_eq!(buffer.into_vec().unwrap(), [6, 10, 14]);
    });
}

#[test]
fn a_buffer_over_the_allocation_is_for_every_device() {
    for_each_pair(|first, second| {
        let numbers = UsmVec::<u32, OnDevice>::from_slice(first.device(), &[1, 2, 3]).unwrap();
        let buffer = numbers.as_buffer();
        double(first, &numbers);
        second
            .submit(|h| {
                let buffer = buffer.read_write(h);
                h.parallel_for(3, kernel!(move |i: Id<1>| buffer[i] += 1))
            })
            .unwrap();
        double(first, &numbers);
        assert_eq!(numbers.to_vec().unwrap(), [6, 10, 14]);
    });
}

#[test]
fn commands_on_the_same_elements_wait_and_others_do_not() {
    for_each_device(|queue| {
        let numbers = usm::shared::<u32>(queue.device(), 8).unwrap();
        queue.fill(&numbers, 1).unwrap().wait().unwrap();
        let (gate, keeper) = Gate::new();
        let lower = numbers.slice(..4).unwrap();
        queue.submit(|h| h.host_task(lower.read_write(h), move |_elements| keeper.wait())).unwrap();
        let behind = double(queue, &lower);
        let beside = double(queue, &numbers.slice(4..).unwrap());
        beside.wait().unwrap();
        assert_eq!(behind.status(), EventStatus::Submitted);
        assert_eq!(*numbers.host_read_region(4, 4).unwrap(), [2; 4]);
        gate.open();
        assert_eq!(*numbers.host_read().unwrap(), [2; 8]);
    });
}

#[test]
fn a_command_waits_for_what_it_depends_on_whatever_that_touches() {
    for_each_device(|queue| {
        let other = Buffer::from(vec![0u32]);
        let (gate, first) = close(queue, &other);
        let numbers = usm::shared::<u32>(queue.device(), 4).unwrap();
        let event = queue.submit(|h| {
            h.depends_on(&first);
            h.memset(&numbers.write(h).no_init(), 1);
        });
        let event = event.unwrap();
        assert_eq!(event.status(), EventStatus::Submitted);
        gate.open();
        event.wait().unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [0x0101_0101; 4]);
    });
}

#[test]
fn elements_are_brought_ahead_and_unwritten_ones_are_an_error() {
    for_each_device(|queue| {
        // A queue stands for its device.
        let numbers = usm::shared::<u32>(queue, 4).unwrap();
        assert_eq!(numbers.device(), queue.device());
        assert_error(queue.prefetch(&numbers), ErrorKind::Uninitialized, &["nothing has written"]);
        assert_error(numbers.host_read(), ErrorKind::Uninitialized, &["nothing has written"]);
        queue.mem_advise(&numbers, Advice::ReadMostly).unwrap();
        queue.fill(&numbers, 3).unwrap();
        for advice in [Advice::NextOnHost, Advice::NextOnDevice] {
            queue.mem_advise(&numbers, advice).unwrap().wait().unwrap();
        }
        let buffer = numbers.as_buffer();
        assert!(buffer.is_current_on(queue.device()));
        let home = falx::devices().unwrap().into_iter().find(Device::is_host);
        assert!(home.is_none_or(|home| buffer.is_current_on(&home)));
    });
}

#[test]
fn a_host_task_sees_the_elements_where_they_lie() {
    for_each_device(|queue| {
        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &[5, 6]).unwrap();
        let address = numbers.as_ptr().map(|pointer| pointer.addr());
        let task = queue.submit(|h| {
            h.host_task(numbers.read_write(h), move |elements| {
                assert!(address.is_none_or(|address| address == elements.as_ptr().addr()));
                elements[1] = 60;
            });
        });
        task.unwrap().wait().unwrap();
        assert_eq!(numbers.to_vec().unwrap(), [5, 60]);
    });
}

#[test]
fn memory_lives_until_the_last_command_that_uses_it_is_over() {
    for_each_device(|queue| {
        let numbers = usm::shared::<u32>(queue.device(), 4).unwrap();
        let pointer = numbers.as_ptr();
        queue.fill(&numbers, 1).unwrap();
        let (gate, keeper) = Gate::new();
        let held = queue.submit(|h| h.host_task(numbers.read_write(h), move |_elements| keeper.wait()));
        let event = double(queue, &numbers);
        drop(numbers);
        let kind = || pointer.and_then(|pointer| usm::kind_of(pointer));
        assert_eq!(kind(), pointer.map(|_| UsmKind::Shared));
        gate.open();
        event.wait().unwrap();
        held.unwrap().wait().unwrap();
        // What a step owned is dropped right behind it, maybe by another thread.
        common::comes_true(|| kind().is_none());
    });
}

#[test]
fn a_pointer_tells_its_kind_and_device() {
    for_each_device(|queue| {
        let device = queue.device();
        let vecs =
            (usm::device::<u32>(device, 4), usm::host::<u32>(device, 4), usm::shared::<u32>(device, 4));
        let (on_device, on_host, shared) = (vecs.0.unwrap(), vecs.1.unwrap(), vecs.2.unwrap());
        let pointers = [on_device.as_ptr(), on_host.as_ptr(), shared.as_ptr()];
        for (kind, pointer) in KINDS.into_iter().zip(pointers) {
            assert_eq!(pointer.is_some(), device.usm(kind).has_addresses());
            let Some(pointer) = pointer else { continue };
            assert_eq!(usm::kind_of(pointer), Some(kind));
            assert_eq!(usm::kind_of(pointer.wrapping_add(3)), Some(kind));
            assert_eq!(usm::device_of(pointer).as_ref(), Some(device));
        }
        let elsewhere = 7u32;
        assert_eq!(usm::kind_of(&elsewhere), None);
        assert_eq!(usm::device_of::<u32>(std::ptr::null()), None);
    });
}

#[test]
fn host_memory_is_for_every_device_and_other_memory_for_its_own() {
    for_each_pair(|first, second| {
        let on_host = UsmVec::<u32, OnHost>::from_slice(first.device(), &[1, 2]).unwrap();
        double(second, &on_host);
        double(first, &on_host);
        assert_eq!(*on_host.host_read().unwrap(), [4, 8]);
        let shared = usm::shared::<u32>(first.device(), 2).unwrap().named("mine");
        let foreign = second.memset(&shared, 0);
        let owner = first.device().to_string();
        assert_error(foreign, ErrorKind::Invalid, &["shared memory `mine`", "allocated on", &owner]);
        let on_device = usm::device::<u32>(first.device(), 2).unwrap();
        assert_error(second.memset(&on_device, 0), ErrorKind::Invalid, &["device memory", &owner]);
    });
}

#[test]
fn allocations_come_and_go_on_many_threads() {
    for_each_device(|queue| {
        let pointers = std::thread::scope(|s| {
            let work = |thread: u32| {
                move || {
                    let mut pointers = Vec::new();
                    for round in 0..40u32 {
                        let elements = vec![100 * thread + round; 33];
                        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &elements).unwrap();
                        double(queue, &numbers);
                        pointers.extend(numbers.as_ptr().map(|pointer| pointer.addr()));
                        let copy = usm::device::<u32>(queue.device(), 33).unwrap();
                        queue.memcpy(&copy, &numbers).unwrap();
                        drop(numbers);
                        assert_eq!(copy.to_vec().unwrap(), vec![2 * (100 * thread + round); 33]);
                    }
                    pointers
                }
            };
            let threads = [0, 1, 2, 3].map(|thread| s.spawn(work(thread)));
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        queue.wait().unwrap();
        let has_addresses = queue.device().usm(UsmKind::Shared).has_addresses();
        assert_eq!(pointers.len(), if has_addresses { 160 } else { 0 });
    });
}

#[test]
fn impossible_sizes_are_errors_that_name_them() {
    for_each_device(|queue| {
        let device = queue.device();
        assert_error(usm::shared::<u32>(device, 0), ErrorKind::Invalid, &["no elements", "shared memory"]);
        let too_many = usize::MAX / 2;
        let phrases = [&*too_many.to_string(), "device memory", "at once"];
        assert_error(usm::device::<u64>(device, too_many), ErrorKind::MemoryAllocation, &phrases);
        let limit = device.limits().max_allocation_bytes;
        let result = usm::host::<u8>(device, limit + 1);
        assert_error(result, ErrorKind::MemoryAllocation, &["host memory", &limit.to_string()]);
    });
}

#[test]
fn copies_out_of_range_are_errors_and_change_nothing() {
    for_each_device(|queue| {
        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &[1, 2, 3, 4]).unwrap();
        let numbers = numbers.named("numbers");
        assert_error(numbers.slice(2..5), ErrorKind::Accessor, &["`numbers`", "4 elements"]);
        assert_error(numbers.slice(usize::MAX..=usize::MAX), ErrorKind::Accessor, &["`numbers`"]);
        let upper = numbers.slice(2..).unwrap();
        assert_error(upper.slice(1..3), ErrorKind::Accessor, &["2 elements"]);
        assert_error(queue.memcpy(&numbers, &upper), ErrorKind::LengthMismatch, &["extents differ"]);
        let overlapping = queue.memcpy(&numbers.slice(1..3).unwrap(), &upper);
        assert_error(overlapping, ErrorKind::Invalid, &["overlap"]);
        assert_error(upper.copy_to_slice(&mut [0; 3]), ErrorKind::LengthMismatch, &["2 elements", "3"]);
        assert_error(numbers.host_read_region(3, 2), ErrorKind::Accessor, &["`numbers`"]);
        assert_eq!(*numbers.host_read().unwrap(), [1, 2, 3, 4]);
    });
}

#[test]
fn an_index_beyond_a_slice_fails_and_touches_nothing_behind_it() {
    for_each_device(|queue| {
        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &[1; 8]).unwrap();
        let lower = numbers.slice(..4).unwrap();
        let event = queue.submit(|h| {
            let lower = lower.read_write(h);
            h.parallel_for(1, kernel!(move |i: usize| lower[i + 4] = 9))
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["index 4", "range 4"]);
    });
}

#[test]
fn a_box_holds_one_value() {
    for_each_device(|queue| {
        let count = UsmBox::<u32, OnDevice>::new(queue.device(), 5).unwrap();
        queue
            .submit(|h| {
                let count = count.read_write(h);
                h.parallel_for(
                    10,
                    kernel!(move |_i: usize| {
                        count.atomic(0).fetch_add(2);
                    }),
                )
            })
            .unwrap();
        assert_eq!(count.get().unwrap(), 25);
        count.set(1).unwrap();
        assert_eq!(count.get().unwrap(), 1);
    });
}

#[test]
fn raw_pointers_are_keys_to_their_allocations() {
    for_each_device(|queue| {
        let device = queue.device();
        let pointer = match usm::malloc_shared::<u32>(6, device) {
            Ok(pointer) => pointer,
            Err(error) => {
                assert_eq!(device.usm(UsmKind::Shared), UsmSource::Buffers);
                return assert_error(Err::<(), _>(error), ErrorKind::FeatureNotSupported, &["shared memory"]);
            }
        };
        // SAFETY: six elements; no command uses them whenever the host does.
        unsafe {
            assert_eq!(std::slice::from_raw_parts(pointer, 6), [0; 6]);
            (0..6).for_each(|n| pointer.add(n).write(n as u32));
            let part = usm::slice_of(pointer.add(2), 3).unwrap();
            double(queue, &part).wait().unwrap();
            assert_eq!(std::slice::from_raw_parts(pointer, 6), [0, 1, 4, 6, 8, 5]);
            assert_error(usm::slice_of(pointer.add(2), 5), ErrorKind::Accessor, &["6 elements"]);
            assert_error(usm::slice_of(pointer.cast::<u16>(), 1), ErrorKind::Invalid, &["4 bytes"]);
            assert_error(usm::slice_of(pointer.byte_add(2), 1), ErrorKind::Invalid, &["2 bytes into"]);
            let inner = usm::free(pointer.add(1));
            assert_error(inner, ErrorKind::Invalid, &["not the beginning"]);
            usm::free(pointer).unwrap();
            // The slice keeps it.
            assert_eq!(part.to_vec().unwrap(), [4, 6, 8]);
            assert_error(usm::free(pointer), ErrorKind::Invalid, &["freed before"]);
            drop(part);
            common::comes_true(|| usm::slice_of(pointer, 1).is_err());
        }
    });
}

#[test]
fn what_is_freed_under_a_command_stays_until_it_is_over() {
    for_each_device(|queue| {
        let Ok(pointer) = usm::malloc_device::<u32>(4, queue.device()) else { return };
        let other = Buffer::from(vec![0u32]);
        let (gate, first) = close(queue, &other);
        // SAFETY: nobody follows the pointer.
        let slice = unsafe { usm::slice_of(pointer, 4) }.unwrap();
        let result = Buffer::<u32>::new(4);
        let event = queue
            .submit(|h| {
                h.depends_on(&first);
                h.copy(&slice.read(h), &result.write(h).no_init());
            })
            .unwrap();
        drop(slice);
        // SAFETY: as above.
        unsafe { usm::free(pointer) }.unwrap();
        assert_eq!(usm::kind_of(pointer), Some(UsmKind::Device));
        gate.open();
        comes_to(&event, EventStatus::Complete);
        assert_eq!(*result.host_read().unwrap(), [0; 4]);
    });
}

#[test]
fn indices_into_slices_are_proved_like_those_into_buffers() {
    for_each_device(|queue| {
        let numbers = UsmVec::<u32, Shared>::from_slice(queue.device(), &[1; 100]).unwrap();
        double(queue, &numbers.slice(10..90).unwrap());
        let totals = queue.totals();
        assert_eq!((totals.checks, totals.checks_needless), (2, 2));
    });
}

/// Random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `n`.
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// A part of `n` elements.
    fn part(&mut self, n: usize) -> std::ops::Range<usize> {
        let (one, other) = (self.roll(n), self.roll(n));
        one.min(other)..one.max(other) + 1
    }
}

/// One random command on all of `slices`, and the same on `models`.
fn step(queue: &Queue, dice: &mut Dice, slices: &[usm::UsmSlice<u32>], models: &mut [Vec<u32>]) {
    let at = dice.roll(slices.len());
    let part = dice.part(models[at].len());
    let slice = slices[at].slice(part.clone()).unwrap();
    match dice.roll(6) {
        0 => {
            queue.fill(&slice, part.start as u32).unwrap();
            models[at][part.clone()].fill(part.start as u32);
        }
        1 => {
            queue.memset(&slice, part.end as u8).unwrap();
            models[at][part.clone()].fill(u32::from_ne_bytes([part.end as u8; 4]));
        }
        2 => {
            double(queue, &slice);
            models[at][part.clone()].iter_mut().for_each(|n| *n = n.wrapping_mul(2));
        }
        3 => {
            let to = (at + 1 + dice.roll(slices.len() - 1)) % slices.len();
            let offset = dice.roll(models[to].len() - part.len() + 1);
            let target = offset..offset + part.len();
            queue.memcpy(&slices[to].slice(target.clone()).unwrap(), &slice).unwrap();
            let copied = models[at][part.clone()].to_vec();
            models[to][target].copy_from_slice(&copied);
        }
        4 => {
            let elements: Vec<u32> = part.clone().map(|n| n as u32 ^ 0xaaaa).collect();
            slice.copy_from_slice(&elements).unwrap();
            models[at][part.clone()].copy_from_slice(&elements);
        }
        _ => assert_eq!(slice.to_vec().unwrap(), models[at][part.clone()]),
    }
}

#[test]
fn random_commands_on_parts_do_what_they_do_one_after_the_other() {
    for_each_device(|queue| {
        for seed in 1..4 {
            println!("seed {seed}");
            let mut dice = Dice(seed);
            let n = 50;
            let on_device = UsmVec::<u32, OnDevice>::from_slice(queue.device(), &vec![1; n]).unwrap();
            let on_host = UsmVec::<u32, OnHost>::from_slice(queue.device(), &vec![2; n]).unwrap();
            let shared = UsmVec::<u32, Shared>::from_slice(queue.device(), &vec![3; n]).unwrap();
            let slices = [(*on_device).clone(), (*on_host).clone(), (*shared).clone()];
            let mut models = [vec![1; n], vec![2; n], vec![3; n]];
            (0..150).for_each(|_| step(queue, &mut dice, &slices, &mut models));
            for (slice, model) in slices.iter().zip(&models) {
                assert_eq!(slice.to_vec().unwrap(), *model, "seed {seed}");
            }
        }
    });
}

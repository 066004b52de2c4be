//! Programs that call OpenCL themselves: interop tasks, handles of falx's objects, and objects of the program's own as falx's.
//! Who owns what, and what waits for what.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "interop/imported.rs"]
mod imported;

use common::{LIMIT, assert_error, comes_to, works_in_place};
use falx::interop::{self, Interop, NativeMemory};
use falx::prelude::*;
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::error_codes::CL_OUT_OF_RESOURCES;
use opencl3::event::{CL_COMPLETE, Event as ClEvent, create_user_event, set_user_event_status};
use opencl3::kernel::Kernel as ClKernel;
use opencl3::memory::{Buffer as ClBuffer, CL_MEM_READ_ONLY, CL_MEM_READ_WRITE, ClMem};
use opencl3::program::Program;
use opencl3::types::{CL_BLOCKING, CL_NON_BLOCKING, cl_mem};
use std::ptr;
use std::sync::mpsc::channel;

/// A kernel that doubles elements and adds one.
const STEP: &str = "__kernel void advance(__global uint *n, ulong first) { n += first + get_global_id(0); *n = 2 * *n + 1; }";

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// A context, a queue and a buffer that a program made without falx, on the device of a queue.
struct Theirs {
    context: Context,
    queue: CommandQueue,
    numbers: ClBuffer<u32>,
}

impl Theirs {
    /// With a buffer of these numbers.
    fn new(queue: &Queue, numbers: &[u32]) -> Self {
        let id = interop::device_id(queue.device()).unwrap();
        let context = Context::from_device(&opencl3::device::Device::new(id)).unwrap();
        let queue = CommandQueue::create_default(&context, 0).unwrap();
        // SAFETY: no memory of the host is given; the elements are copied when the call returns.
        let buffer = unsafe {
            let mut buffer =
                ClBuffer::create(&context, CL_MEM_READ_WRITE, numbers.len(), ptr::null_mut()).unwrap();
            queue.enqueue_write_buffer(&mut buffer, CL_BLOCKING, 0, numbers, &[]).unwrap();
            buffer
        };
        // A blocking write may return as soon as the driver has a copy of the elements.
        queue.finish().unwrap();
        Theirs { context, queue, numbers: buffer }
    }

    /// The device in their context.
    fn device(&self) -> Device {
        // SAFETY: the handles are valid.
        unsafe { interop::import_device(self.context.get(), self.context.default_device()) }.unwrap()
    }

    /// The buffer as one of falx's, and a queue for it.
    fn import(&self, n: usize) -> (Queue, Buffer<u32>) {
        let device = self.device();
        // SAFETY: the buffer is valid, and used by commands that are ordered.
        let buffer = unsafe { interop::import_buffer(&device, self.numbers.get(), n) }.unwrap();
        (Queue::on(&device).unwrap(), buffer)
    }

    /// What the buffer holds.
    fn read(&self, n: usize) -> Vec<u32> {
        let mut numbers = vec![0; n];
        // SAFETY: the read is over when the call returns.
        unsafe { self.queue.enqueue_read_buffer(&self.numbers, CL_BLOCKING, 0, &mut numbers, &[]) }.unwrap();
        numbers
    }
}

/// Runs a test on every OpenCL device; says so where there is none.
fn for_each_opencl_device(test: impl Fn(&Queue) + Send + Clone + 'static) {
    for device in common::devices().into_iter().filter(|device| !device.is_host()) {
        println!("on {device}");
        let test = test.clone();
        common::within(LIMIT, move || test(&Queue::on(&device).unwrap()));
    }
}

/// An event of the program's own, which it has to complete.
fn user_event(context: &Context) -> ClEvent {
    ClEvent::new(create_user_event(context.get()).unwrap())
}

fn add_one(queue: &Queue, numbers: &Buffer<u32>) -> Event {
    queue
        .submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(numbers.range(), kernel!(move |i: Id<1>| numbers[i] += 1))
        })
        .unwrap()
}

/// Enqueues `STEP` for the elements of an accessor, once `after` are over.
fn enqueue_step(
    interop: &Interop<'_>,
    memory: NativeMemory<'_>,
    after: &[&ClEvent],
) -> falx::Result<ClEvent> {
    let program = Program::create_and_build_from_source(&interop.opencl3_context()?, STEP, "").unwrap();
    let kernel = ClKernel::create(&program, "advance")?;
    let first = (memory.offset_bytes() / memory.element_bytes()) as u64;
    let after: Vec<_> = after.iter().map(|event| event.get()).collect();
    // SAFETY: the kernel has these parameters, and stays inside the accessor's elements.
    unsafe {
        kernel.set_arg(0, &memory.mem())?;
        kernel.set_arg(1, &first)?;
        let n_items = memory.n_elements();
        let queue = interop.opencl3_queue()?;
        Ok(queue.enqueue_nd_range_kernel(kernel.get(), 1, ptr::null(), &n_items, ptr::null(), &after)?)
    }
}

#[test]
fn a_task_sees_the_commands_before_it_and_is_seen_by_those_after_it() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::from((0..100u32).collect::<Vec<_>>());
        add_one(queue, &numbers);
        queue
            .submit(|h| {
                h.interop_task(numbers.read_write(h), |interop, numbers| {
                    // Not waited for: falx does.
                    enqueue_step(interop, numbers, &[]).map(drop)
                });
            })
            .unwrap();
        add_one(queue, &numbers);
        let expected: Vec<u32> = (0..100).map(|n| 2 * (n + 1) + 1 + 1).collect();
        assert_eq!(*numbers.host_read().unwrap(), *expected);
    });
}

#[test]
fn nothing_that_waits_for_a_task_begins_before_what_it_enqueued_is_over() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::from(vec![3u32; 4]);
        let (send, receive) = channel();
        let task = queue
            .submit(|h| {
                h.interop_task(numbers.read_write(h), move |interop, numbers| {
                    let gate = user_event(&interop.opencl3_context()?);
                    let stepped = enqueue_step(interop, numbers, &[&gate])?;
                    send.send((gate, stepped)).unwrap();
                    Ok(())
                });
            })
            .unwrap();
        let (gate, _stepped) = receive.recv_timeout(LIMIT).unwrap();
        let after = add_one(queue, &numbers);
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!((task.status(), after.status()), (EventStatus::Running, EventStatus::Submitted));
        set_user_event_status(gate.get(), CL_COMPLETE).unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [8; 4]);
    });
}

#[test]
fn a_task_is_over_when_the_events_that_it_handed_over_are() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::from(vec![3u32; 4]);
        let (send, receive) = channel();
        let submitted = queue.submit(|h| {
            h.interop_task(numbers.read_write(h), move |interop, _numbers| {
                let gate = user_event(&interop.opencl3_context()?);
                // SAFETY: the event is valid.
                unsafe { interop.wait_for(gate.get()) }?;
                send.send(gate).unwrap();
                Ok(())
            });
        });
        let task = submitted.unwrap();
        let gate = receive.recv_timeout(LIMIT).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(task.status(), EventStatus::Running);
        set_user_event_status(gate.get(), CL_OUT_OF_RESOURCES).unwrap();
        assert_error(task.wait(), ErrorKind::Runtime, &["the program's own", "CL_OUT_OF_RESOURCES"]);
        assert_error(numbers.host_read(), ErrorKind::Runtime, &["CL_OUT_OF_RESOURCES"]);
        queue.wait().unwrap_err();
    });
}

#[test]
fn a_part_begins_at_its_offset_and_says_how_far_its_rows_are_apart() {
    for_each_opencl_device(|queue| {
        let plane = Buffer::from_vec((0..24u32).collect(), [4, 6]).unwrap();
        let (send, receive) = channel();
        queue
            .submit(|h| {
                let (part, row) =
                    (plane.read(h).region([1, 2], [2, 3]), plane.write(h).region([3, 0], [1, 6]));
                h.interop_task((part, row), move |interop, (part, row)| {
                    let pitches = (part.row_pitch_bytes(), part.slice_pitch_bytes(), part.element_bytes());
                    send.send((part.offset_bytes(), part.extent(), pitches, row.offset_bytes())).unwrap();
                    enqueue_step(interop, row, &[]).map(drop)
                });
            })
            .unwrap();
        let found = receive.recv_timeout(LIMIT).unwrap();
        assert_eq!(found, ((6 + 2) * 4, [1, 2, 3], (24, 96, 4), 18 * 4));
        let expected: Vec<u32> = (0..24).map(|n| if n < 18 { n } else { 2 * n + 1 }).collect();
        assert_eq!(*plane.host_read().unwrap(), *expected);
    });
}

#[test]
fn what_a_task_does_not_write_and_nobody_wrote_is_zero() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::<u32>::new(8);
        queue
            .submit(|h| {
                h.interop_task(numbers.write(h), |interop, numbers| {
                    let mut half = numbers.opencl3_buffer::<u32>()?;
                    // SAFETY: the command stays inside the accessor's elements.
                    unsafe { interop.opencl3_queue()?.enqueue_fill_buffer(&mut half, &[7], 0, 16, &[]) }?;
                    Ok(())
                });
            })
            .unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [7, 7, 7, 7, 0, 0, 0, 0]);
        let unwritten = Buffer::<u32>::new(8).named("unwritten");
        let event = queue.submit(|h| h.interop_task(unwritten.read(h), |_, _| {}));
        assert_error(event, ErrorKind::Uninitialized, &["interop task", "`unwritten`"]);
    });
}

#[test]
fn what_a_task_enqueued_before_it_failed_is_over_when_the_task_is() {
    for_each_opencl_device(|queue| {
        for panics in [false, true] {
            let numbers = Buffer::from(vec![3u32; 4]);
            let (send, receive) = channel();
            let task = queue
                .submit(|h| {
                    h.interop_task(numbers.read_write(h), move |interop, numbers| -> falx::Result<()> {
                        send.send(enqueue_step(interop, numbers, &[])?).unwrap();
                        if panics {
                            common::fall();
                        }
                        Err(Error::new(ErrorKind::Invalid, "half done"))
                    });
                })
                .unwrap();
            let (kind, text) = match panics {
                true => (ErrorKind::Runtime, "a panic that the test wants"),
                false => (ErrorKind::Invalid, "half done"),
            };
            assert_error(task.wait(), kind, &[text]);
            let stepped = receive.recv_timeout(LIMIT).unwrap();
            assert_eq!(stepped.command_execution_status().unwrap().0, CL_COMPLETE);
            assert_error(numbers.host_read(), kind, &[text]);
            queue.wait().unwrap_err();
        }
    });
}

#[test]
fn the_host_device_refuses_with_what_to_choose() {
    let queue = Queue::new(Selector::host()).unwrap();
    let remedy = ["host device", "choose an OpenCL device"];
    let event = queue.submit(|h| h.interop_task((), |_, ()| {}));
    assert_error(event, ErrorKind::BackendMismatch, &remedy);
    assert_error(interop::context(queue.device()), ErrorKind::BackendMismatch, &remedy);
    assert_error(interop::device_id(queue.device()), ErrorKind::BackendMismatch, &remedy);
    assert_error(interop::platform_id(queue.device()), ErrorKind::BackendMismatch, &remedy);
    let event = queue.host_task(|| {}).unwrap();
    assert_error(interop::export_event(&event, queue.device()), ErrorKind::BackendMismatch, &remedy);
    // SAFETY: it is refused before anything is asked of the handle.
    let imported = unsafe { interop::import_buffer::<u32, 1>(queue.device(), ptr::null_mut(), 4) };
    assert_error(imported, ErrorKind::BackendMismatch, &remedy);
}

#[test]
fn handles_are_those_of_the_device() {
    for_each_opencl_device(|queue| {
        let device = queue.device();
        let id = opencl3::device::Device::new(interop::device_id(device).unwrap());
        assert_eq!(id.name().unwrap().trim(), device.name());
        assert_eq!(id.platform().unwrap(), interop::platform_id(device).unwrap());
        let context = interop::context(device).unwrap();
        let (send, receive) = channel();
        queue
            .submit(|h| {
                h.interop_task((), move |interop, ()| {
                    let queue = interop.opencl3_queue()?;
                    let seen = [interop.context(), queue.context()?, interop.device_id(), queue.device()?];
                    send.send(seen.map(|handle| handle.addr())).unwrap();
                    assert_eq!(interop.platform_id()?, interop::platform_id(interop.device())?);
                    Ok(())
                });
            })
            .unwrap()
            .wait()
            .unwrap();
        let [context, id] = [context.addr(), id.id().addr()];
        assert_eq!(receive.recv_timeout(LIMIT).unwrap(), [context, context, id, id]);
    });
}

#[test]
fn owners_of_the_task_have_references_of_their_own() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::from(vec![3u32; 4]);
        let (send, receive) = channel();
        queue
            .submit(|h| {
                h.interop_task(numbers.read(h), move |_interop, numbers| {
                    let first = numbers.opencl3_buffer::<u32>()?;
                    let alone = first.reference_count()?;
                    let second = numbers.opencl3_buffer::<u32>()?;
                    send.send((alone, second.reference_count()?)).unwrap();
                    drop(second);
                    assert_eq!(first.reference_count()?, alone);
                    Ok(())
                });
            })
            .unwrap()
            .wait()
            .unwrap();
        let (alone, both) = receive.recv_timeout(LIMIT).unwrap();
        assert_eq!(both, alone + 1);
        assert_eq!(alone, 2, "falx's and one");
    });
}

/// The queue of a task, kept or not when it returns.
fn queue_of_task(queue: &Queue, keep: bool) -> (usize, Option<CommandQueue>) {
    let (send, receive) = channel();
    let task = queue.submit(|h| {
        h.interop_task((), move |interop, ()| {
            let queue = interop.opencl3_queue()?;
            send.send((queue.get().addr(), keep.then_some(queue))).unwrap();
            Ok(())
        });
    });
    task.unwrap().wait().unwrap();
    receive.recv_timeout(LIMIT).unwrap()
}

#[test]
fn queues_of_tasks_are_used_again_unless_the_program_kept_them() {
    for_each_opencl_device(|queue| {
        let device = Theirs::new(queue, &[0]).device();
        let queue = Queue::on(&device).unwrap();
        let (first, _) = queue_of_task(&queue, false);
        let (second, kept) = queue_of_task(&queue, true);
        let (third, _) = queue_of_task(&queue, false);
        assert_eq!(first, second);
        assert_ne!(second, third);
        assert_eq!(kept.unwrap().reference_count().unwrap(), 1, "falx gave its reference up");
    });
}

#[test]
fn tasks_of_many_threads_keep_their_order_and_their_queues_apart() {
    for_each_opencl_device(|queue| {
        let numbers = Buffer::from(vec![0u32; 64]);
        std::thread::scope(|threads| {
            for part in 0..4usize {
                let numbers = numbers.sub_buffer(16 * part, 16).unwrap();
                threads.spawn(move || {
                    for round in 0..20u32 {
                        let submitted = queue.submit(|h| {
                            h.interop_task(numbers.read_write(h), move |interop, numbers| {
                                let (queue, mut mem) = (interop.opencl3_queue()?, numbers.opencl3_buffer()?);
                                let first = numbers.offset_bytes();
                                // SAFETY: the command stays inside the accessor's elements.
                                unsafe { queue.enqueue_fill_buffer(&mut mem, &[round], first, 64, &[]) }?;
                                Ok(())
                            });
                        });
                        submitted.unwrap();
                        add_one(queue, &numbers);
                    }
                });
            }
        });
        assert_eq!(*numbers.host_read().unwrap(), [20; 64]);
    });
}

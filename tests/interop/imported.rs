//! Objects of the program's own as falx's: devices, buffers, queues and events.

use super::*;

#[test]
fn a_buffer_of_the_programs_own_is_used_in_place() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4, 5]);
        let (queue, numbers) = theirs.import(4);
        assert_eq!(*numbers.host_read().unwrap(), [1, 2, 3, 4]);
        let before = queue.totals();
        add_one(&queue, &numbers).wait().unwrap();
        // What falx did is in the buffer, without a copy.
        assert_eq!((theirs.read(5), queue.totals().since(&before).copies), (vec![2, 3, 4, 5, 5], 0));
        numbers.host_write().unwrap()[0] = 7;
        queue.prefetch(&numbers).unwrap().wait().unwrap();
        assert_eq!(theirs.read(5), [7, 3, 4, 5, 5]);
        // A task of the program's own, on its own queue.
        let (mem, their_queue) = (numbers.clone(), theirs.queue);
        queue
            .submit(|h| {
                h.interop_task(mem.write(h), move |_, memory| {
                    let mut memory = memory.opencl3_buffer::<u32>()?;
                    // SAFETY: the command stays inside the buffer, and is over when the task returns.
                    unsafe { their_queue.enqueue_fill_buffer(&mut memory, &[9], 4, 8, &[]) }?;
                    Ok(their_queue.finish()?)
                });
            })
            .unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [7, 9, 9, 5]);
    });
}

#[test]
fn an_imported_buffer_goes_to_other_devices_and_back() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let (near, numbers) = theirs.import(4);
        for device in common::devices() {
            let far = Queue::on(&device).unwrap();
            add_one(&far, &numbers);
            add_one(&near, &numbers);
        }
        let n = 2 * common::devices().len() as u32;
        near.wait().unwrap();
        assert_eq!(theirs.read(4), [1 + n, 2 + n, 3 + n, 4 + n]);
    });
}

#[test]
fn falx_holds_one_reference_to_what_is_imported_until_the_last_command_is_over() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let count = || theirs.numbers.reference_count().unwrap();
        let contexts = theirs.context.reference_count().unwrap();
        assert_eq!(count(), 1);
        let (queue, numbers) = theirs.import(4);
        assert_eq!(count(), 2);
        assert_eq!(theirs.device(), *queue.device(), "imported twice, it is the same device");
        assert!(theirs.context.reference_count().unwrap() > contexts);
        let (gate, event) = common::close(&queue, &numbers);
        let last = add_one(&queue, &numbers);
        drop(numbers);
        assert!(count() >= 2, "a command still uses it");
        gate.open();
        event.wait().unwrap();
        last.wait().unwrap();
        common::comes_true(|| count() == 1);
        assert_eq!(theirs.read(4), [2, 3, 4, 5]);
    });
}

#[test]
fn imported_memory_is_neither_counted_nor_given_up() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let (queue, numbers) = theirs.import(4);
        let device = queue.device();
        let held = || falx::memory_use(device).held_bytes;
        add_one(&queue, &numbers).wait().unwrap();
        assert_eq!(held(), 0);
        falx::set_memory_budget(device, Some(256));
        // Each of these leaves for the next one.
        for _ in 0..4 {
            let other = Buffer::from(vec![0u32; 64]);
            add_one(&queue, &other);
            assert_eq!((held(), other.host_read().unwrap()[0]), (256, 1));
        }
        add_one(&queue, &numbers).wait().unwrap();
        assert_eq!(theirs.read(4), [3, 4, 5, 6]);
    });
}

#[test]
fn buffers_that_do_not_fit_are_refused_with_what_to_do() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let other = Theirs::new(queue, &[1, 2, 3, 4]);
        let import = |device: &Device, mem: cl_mem, n: usize| {
            // SAFETY: the handles are valid or null.
            unsafe { interop::import_buffer::<u32, 1>(device, mem, n) }
        };
        let device = theirs.device();
        let wrong = import(&device, other.numbers.get(), 4);
        assert_error(wrong, ErrorKind::BackendMismatch, &["is in context", "`interop::import_device`"]);
        let small = import(&device, theirs.numbers.get(), 5);
        assert_error(small, ErrorKind::LengthMismatch, &["holds 16 bytes", "takes 20", "smaller range"]);
        let null = import(&device, ptr::null_mut(), 4);
        assert_error(null, ErrorKind::Invalid, &["`cl_mem` is null"]);
        // SAFETY: no memory of the host is given.
        let fixed = unsafe { ClBuffer::<u32>::create(&theirs.context, CL_MEM_READ_ONLY, 4, ptr::null_mut()) };
        let fixed = import(&device, fixed.unwrap().get(), 4);
        assert_error(
            fixed,
            ErrorKind::Invalid,
            &["kernels may not both read and write", "CL_MEM_READ_WRITE"],
        );
        let in_place = import(queue.device(), theirs.numbers.get(), 4);
        match works_in_place(queue.device()) {
            true => assert_error(in_place, ErrorKind::FeatureNotSupported, &["in place", "import_device"]),
            false => assert_error(in_place, ErrorKind::BackendMismatch, &["is in context"]),
        }
        assert_eq!(theirs.numbers.reference_count().unwrap(), 1);
    });
}

#[test]
fn buffers_made_in_falxs_own_context_are_imported_where_memory_is_separate() {
    for_each_opencl_device(|queue| {
        if works_in_place(queue.device()) {
            return;
        }
        let context = interop::opencl3_context(queue.device()).unwrap();
        // SAFETY: no memory of the host is given.
        let theirs =
            unsafe { ClBuffer::<u32>::create(&context, CL_MEM_READ_WRITE, 4, ptr::null_mut()) }.unwrap();
        // SAFETY: the buffer is valid.
        let numbers = unsafe { interop::import_buffer(queue.device(), theirs.get(), 4) }.unwrap();
        queue.fill(&numbers, 7u32).unwrap();
        add_one(queue, &numbers);
        assert_eq!(*numbers.host_read().unwrap(), [8; 4]);
    });
}

#[test]
fn devices_that_are_not_in_the_context_are_refused() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1]);
        // SAFETY: the handles are valid or null.
        let import = |context, id| unsafe { interop::import_device(context, id) };
        assert_error(
            import(theirs.context.get(), ptr::null_mut()),
            ErrorKind::Invalid,
            &["`cl_device_id` is null"],
        );
        assert_error(
            import(ptr::null_mut(), theirs.context.default_device()),
            ErrorKind::Invalid,
            &["`cl_context` is null"],
        );
        let others =
            common::devices().into_iter().filter(|other| !other.is_host() && other != queue.device());
        for other in others {
            let refused = import(theirs.context.get(), interop::device_id(&other).unwrap());
            assert_error(refused, ErrorKind::Invalid, &["is not among the 1 devices of context"]);
        }
        let device = theirs.device();
        assert!(!falx::devices().unwrap().contains(&device));
        assert_eq!((device.name(), works_in_place(&device)), (queue.device().name(), false));
    });
}

#[test]
fn what_stands_on_memory_of_the_program_is_listed_with_it() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let (queue, numbers) = theirs.import(4);
        let numbers = numbers.named("theirs, listed");
        let listed: Vec<_> =
            falx::live_buffers().into_iter().filter(|live| live.name == "theirs, listed").collect();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].memories, [(queue.device().clone(), 16)]);
        drop(numbers);
    });
}

#[test]
fn kernels_on_an_imported_device_report_failed_checks() {
    for_each_opencl_device(|queue| {
        let queue = Queue::on(&Theirs::new(queue, &[1]).device()).unwrap();
        let (numbers, places) = (Buffer::from(vec![0u32; 4]), Buffer::from(vec![9u32; 1]));
        let event = queue
            .submit(|h| {
                let (numbers, places) = (numbers.write(h), places.read(h));
                h.parallel_for(1, kernel!(move |i: Id<1>| numbers[places[i] as usize] = 1))
            })
            .unwrap();
        assert_error(event.wait(), ErrorKind::Kernel, &["index 9 out of range 4"]);
        queue.wait().unwrap_err();
    });
}

#[test]
fn an_imported_queue_begins_after_what_is_on_the_other_one() {
    for_each_opencl_device(|queue| {
        let mut theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let gate = user_event(&theirs.context);
        // SAFETY: the command stays inside the buffer, and the elements that it takes are static.
        let filled = unsafe {
            let (queue, after) = (&theirs.queue, [gate.get()]);
            queue.enqueue_write_buffer(&mut theirs.numbers, CL_NON_BLOCKING, 4, &[20u32, 30], &after)
        };
        // SAFETY: the queue is valid.
        let queue = unsafe { interop::import_queue(theirs.queue.get()) }.unwrap();
        assert!(queue.is_in_order());
        let (_, numbers) = theirs.import(4);
        let event = add_one(&queue, &numbers);
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(event.status(), EventStatus::Submitted);
        set_user_event_status(gate.get(), CL_COMPLETE).unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [2, 21, 31, 5]);
        drop(filled.unwrap());
        assert_eq!(theirs.queue.reference_count().unwrap(), 1, "falx keeps none of it");
    });
}

#[test]
fn commands_of_the_program_wait_for_falxs_events() {
    for_each_opencl_device(|queue| {
        let theirs = Theirs::new(queue, &[1, 2, 3, 4]);
        let (queue, numbers) = theirs.import(4);
        let (gate, _) = common::close(&queue, &numbers);
        let added = add_one(&queue, &numbers);
        let event = interop::export_event(&added, queue.device()).unwrap();
        let mut found = vec![0u32; 4];
        // SAFETY: `found` is kept until the read is over.
        let read = unsafe {
            let (queue, after) = (&theirs.queue, [event.get()]);
            queue.enqueue_read_buffer(&theirs.numbers, CL_NON_BLOCKING, 0, &mut found, &after)
        };
        theirs.queue.flush().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_ne!(event.command_execution_status().unwrap().0, CL_COMPLETE);
        gate.open();
        read.unwrap().wait().unwrap();
        assert_eq!(found, [2, 3, 4, 5]);
        common::comes_true(|| event.reference_count().unwrap() == 1);
    });
}

#[test]
fn an_exported_event_fails_with_its_command() {
    for_each_opencl_device(|queue| {
        let event = queue.host_task(|| Err::<(), _>(Error::new(ErrorKind::Invalid, "no such file"))).unwrap();
        let exported = interop::export_event(&event, queue.device()).unwrap();
        assert!(exported.wait().is_err());
        assert!(exported.command_execution_status().unwrap().0 < 0);
        queue.wait().unwrap_err();
        // Of a command that is long over, too.
        let done = queue.host_task(|| {}).unwrap();
        done.wait().unwrap();
        interop::export_event(&done, queue.device()).unwrap().wait().unwrap();
    });
}

#[test]
fn falxs_commands_wait_for_events_of_the_program() {
    for_each_opencl_device(|queue| {
        let (context, numbers) =
            (interop::opencl3_context(queue.device()).unwrap(), Buffer::from(vec![1u32; 4]));
        let gate = user_event(&context);
        // SAFETY: the event is valid.
        let event = unsafe { interop::import_event(gate.get()) }.unwrap();
        assert_eq!(gate.reference_count().unwrap(), 2);
        let added = queue
            .submit(|h| {
                h.depends_on(&event);
                let numbers = numbers.read_write(h);
                h.parallel_for(numbers.range(), kernel!(move |i: Id<1>| numbers[i] += 1))
            })
            .unwrap();
        comes_to(&event, EventStatus::Running);
        assert_eq!(added.status(), EventStatus::Submitted);
        set_user_event_status(gate.get(), CL_COMPLETE).unwrap();
        event.wait().unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [2; 4]);
        common::comes_true(|| gate.reference_count().unwrap() == 1);
    });
}

#[test]
fn an_imported_event_that_fails_is_an_error() {
    for_each_opencl_device(|queue| {
        let gate = user_event(&interop::opencl3_context(queue.device()).unwrap());
        set_user_event_status(gate.get(), CL_OUT_OF_RESOURCES).unwrap();
        // SAFETY: the event is valid.
        let event = unsafe { interop::import_event(gate.get()) }.unwrap();
        assert_error(event.wait(), ErrorKind::Runtime, &["the program's own", "CL_OUT_OF_RESOURCES"]);
        // SAFETY: null is refused.
        let null = unsafe { interop::import_event(ptr::null_mut()) };
        assert_error(null, ErrorKind::Invalid, &["`cl_event` is null"]);
    });
}

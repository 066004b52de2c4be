//! Objects of `ocl` as falx's, and the other way round: who owns what, and what waits for what.

#![allow(clippy::unwrap_used)]

use falx::prelude::*;
use ocl::core::{MemInfo, MemInfoResult};
use ocl::{ProQue, core};

/// A program of `ocl`; none where falx finds no OpenCL.
fn program() -> Option<ProQue> {
    if falx::devices().unwrap().iter().all(Device::is_host) {
        let expected = std::env::var("FALX_EXPECT").unwrap_or_default();
        assert!(
            ["", "none"].contains(&&*expected),
            "FALX_EXPECT is `{expected}`, but there is no OpenCL device"
        );
        println!("skipped: no OpenCL device");
        return None;
    }
    let source = "__kernel void add(__global uint *n, uint k) { n[get_global_id(0)] += k; }";
    Some(ProQue::builder().src(source).dims(4).build().unwrap())
}

fn references(mem: &core::Mem) -> u32 {
    match core::get_mem_object_info(mem, MemInfo::ReferenceCount).unwrap() {
        MemInfoResult::ReferenceCount(count) => count,
        other => panic!("asked for a count, got {other:?}"),
    }
}

#[test]
fn a_buffer_is_used_by_kernels_of_both_and_both_own_it() {
    let Some(theirs) = program() else { return };
    let mem: ocl::Buffer<u32> = theirs.buffer_builder().fill_val(2u32).build().unwrap();
    let queue = falx_ocl::import_queue(theirs.queue()).unwrap();
    // SAFETY: only falx's commands use the buffer until they are over.
    let numbers = unsafe { falx_ocl::import_buffer(queue.device(), &mem, 4) }.unwrap();
    assert_eq!(references(mem.as_core()), 2);
    queue
        .submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(4, kernel!(move |i: usize| numbers[i] += i as u32))
        })
        .unwrap()
        .wait()
        .unwrap();
    drop(numbers);
    let start = std::time::Instant::now();
    while references(mem.as_core()) > 1 {
        assert!(start.elapsed().as_secs() < 60, "falx keeps its reference");
        std::thread::yield_now();
    }
    let kernel = theirs.kernel_builder("add").arg(&mem).arg(10u32).build().unwrap();
    // SAFETY: the kernel adds to the four elements of the buffer.
    unsafe { kernel.enq() }.unwrap();
    let mut found = vec![0u32; 4];
    mem.read(&mut found).enq().unwrap();
    assert_eq!(found, [12, 13, 14, 15]);
}

#[test]
fn handles_of_falxs_device_are_those_of_ocl() {
    if program().is_none() {
        return;
    }
    for device in falx::devices().unwrap().into_iter().filter(|device| !device.is_host()) {
        let (context, id) = (falx_ocl::context(&device).unwrap(), falx_ocl::device(&device).unwrap());
        assert_eq!(context.devices(), [id]);
        assert_eq!(id.name().unwrap().trim(), device.name());
        let imported = falx_ocl::import_device(&context, id).unwrap();
        assert_eq!(imported.name(), device.name());
        assert_ne!(imported, device);
    }
}

#[test]
fn events_are_waited_for_both_ways() {
    let Some(theirs) = program() else { return };
    let device = falx_ocl::import_device(theirs.context(), theirs.device()).unwrap();
    let queue = Queue::on(&device).unwrap();
    let gate = ocl::Event::user(theirs.context()).unwrap();
    let event = falx_ocl::import_event(&gate).unwrap();
    let numbers = Buffer::<u32>::new(4);
    let filled = queue.submit(|h| {
        h.depends_on(&event);
        h.fill(&numbers.write(h).no_init(), 7);
    });
    let exported = falx_ocl::export_event(&filled.unwrap(), &device).unwrap();
    assert!(!exported.is_complete().unwrap());
    gate.set_complete().unwrap();
    exported.wait_for().unwrap();
    assert_eq!(event.status(), EventStatus::Complete);
    assert_eq!(*numbers.host_read().unwrap(), [7; 4]);
}

//! Runs OpenCL C on every OpenCL device of this machine.

use crate::kernel::argument::{Argument, LaunchShape, ShapeKind};
use crate::kernel::source::Source;
use crate::kernel::trap::{SLOTS, Trap, WORDS, decode};
use cl3::types::{cl_device_id, cl_mem};
use cl3::{command_queue, context, device, kernel, memory, platform, program};
use std::ffi::{CString, c_void};
use std::ptr;

/// The devices there are; says so when there is none.
pub fn devices() -> Vec<cl_device_id> {
    if !cl3::is_opencl_runtime_available() {
        eprintln!("SKIPPED: there is no OpenCL loader on this machine");
        return Vec::new();
    }
    let mut found = Vec::new();
    for platform in platform::get_platform_ids().unwrap_or_default() {
        found.extend(device::get_device_ids(platform, device::CL_DEVICE_TYPE_ALL).unwrap_or_default());
    }
    if found.is_empty() {
        eprintln!("SKIPPED: there is no OpenCL device on this machine");
    }
    found
}

pub fn name(device: cl_device_id) -> String {
    device::get_device_info(device, device::CL_DEVICE_NAME).map(String::from).unwrap_or_default()
}

/// Runs a kernel on one device. `buffers` are the bytes of its global accessors, in order, and are read back.
pub fn run(
    device: cl_device_id,
    source: &Source,
    arguments: &[Argument],
    shape: &LaunchShape,
    buffers: &mut [Vec<u8>],
) -> Option<Trap> {
    let context = context::create_context(&[device], ptr::null(), None, ptr::null_mut()).unwrap();
    // SAFETY: the device belongs to the context.
    let queue = unsafe { command_queue::create_command_queue(context, device, 0) }.unwrap();
    let built = program::create_program_with_source(context, &[&source.text]).unwrap();
    let mut options = String::from("-cl-std=CL1.2");
    let config = device::get_device_info(device, device::CL_DEVICE_SINGLE_FP_CONFIG);
    if config.map(u64::from).is_ok_and(|bits| bits & device::CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0) {
        options.push_str(" -cl-fp32-correctly-rounded-divide-sqrt");
    }
    let options = CString::new(options).unwrap();
    if let Err(code) = program::build_program(built, &[device], &options, None, ptr::null_mut()) {
        let log = program::get_program_build_info(built, device, program::CL_PROGRAM_BUILD_LOG);
        panic!("{}: {code}: {}\n{}", name(device), String::from(log.unwrap()), source.text);
    }
    let function = kernel::create_kernel(built, &CString::new(source.name.clone()).unwrap()).unwrap();
    let mut words = vec![0u64; SLOTS * WORDS];
    // SAFETY: every size and pointer below is that of a live vector, and every call waits for its end.
    unsafe {
        let buffer = |bytes: &[u8]| -> cl_mem {
            let size = bytes.len().max(1);
            let memory =
                memory::create_buffer(context, memory::CL_MEM_READ_WRITE, size, ptr::null_mut()).unwrap();
            if !bytes.is_empty() {
                let pointer = bytes.as_ptr().cast::<c_void>();
                command_queue::enqueue_write_buffer(queue, memory, 1, 0, size, pointer, 0, ptr::null())
                    .unwrap();
            }
            memory
        };
        let parameters = source.signature.encode(arguments, shape, 7);
        kernel::set_kernel_arg(function, 0, parameters.len(), parameters.as_ptr().cast()).unwrap();
        let mut memories = Vec::new();
        let mut position = 1;
        for &argument in &source.signature.pointers {
            match &arguments[argument] {
                Argument::Local { size_bytes, .. } => {
                    kernel::set_kernel_arg(function, position, *size_bytes, ptr::null()).unwrap();
                }
                _ => {
                    let memory = buffer(&buffers[memories.len()]);
                    memories.push(memory);
                    let pointer = (&raw const memory).cast();
                    kernel::set_kernel_arg(function, position, size_of::<cl_mem>(), pointer).unwrap();
                }
            }
            position += 1;
        }
        let trap = buffer(bytemuck::cast_slice(&words));
        if source.signature.traps {
            kernel::set_kernel_arg(function, position, size_of::<cl_mem>(), (&raw const trap).cast())
                .unwrap();
        }
        let [slow, middle, fast] = shape.global;
        let mut global = [fast, middle, slow];
        let mut local = [shape.local[2], shape.local[1], shape.local[0]];
        if let ShapeKind::Range(_) = shape.kind {
            local = [16, 1, 1];
            global[0] = fast.next_multiple_of(16);
        }
        command_queue::enqueue_nd_range_kernel(
            queue,
            function,
            3,
            ptr::null(),
            global.as_ptr(),
            local.as_ptr(),
            0,
            ptr::null(),
        )
        .unwrap();
        for (memory, bytes) in memories.iter().zip(buffers) {
            if !bytes.is_empty() {
                let pointer = bytes.as_mut_ptr().cast();
                command_queue::enqueue_read_buffer(
                    queue,
                    *memory,
                    1,
                    0,
                    bytes.len(),
                    pointer,
                    0,
                    ptr::null(),
                )
                .unwrap();
            }
            memory::release_mem_object(*memory).unwrap();
        }
        let pointer = words.as_mut_ptr().cast();
        command_queue::enqueue_read_buffer(queue, trap, 1, 0, words.len() * 8, pointer, 0, ptr::null())
            .unwrap();
        memory::release_mem_object(trap).unwrap();
        kernel::release_kernel(function).unwrap();
        program::release_program(built).unwrap();
        command_queue::release_command_queue(queue).unwrap();
        context::release_context(context).unwrap();
    }
    decode(&words, |launch, code| {
        assert_eq!(launch, 7);
        source.sites.get(usize::from(code) - 1).copied()
    })
}

//! Runs OpenCL C on every OpenCL device of this machine.

use crate::kernel::argument::{Argument, LaunchShape, ShapeKind};
use crate::kernel::source::Source;
use crate::kernel::trap::{SLOTS, Trap, WORDS, decode};
use cl3::types::{cl_command_queue, cl_context, cl_device_id, cl_kernel, cl_mem, cl_program};
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
    let session = Session::new(device, source);
    let mut words = vec![0u64; SLOTS * WORDS];
    let memories: Vec<cl_mem> = buffers.iter().map(|bytes| session.upload(bytes)).collect();
    let trap = session.upload(bytemuck::cast_slice(&words));
    session.set_arguments(source, arguments, shape, &memories, trap);
    session.launch(shape);
    for (memory, bytes) in memories.iter().zip(buffers) {
        session.download(*memory, bytes);
    }
    session.download(trap, bytemuck::cast_slice_mut(&mut words));
    for memory in memories.into_iter().chain([trap]) {
        // SAFETY: nothing uses it any more: the downloads waited for the kernel.
        unsafe { memory::release_mem_object(memory) }.unwrap();
    }
    let parameters = source.signature.encode(arguments, shape, 0);
    let argument = |content| source.signature.number_in(&parameters, content);
    decode(&words, |code| source.report(code), argument)
}

/// One kernel, built for one device.
struct Session {
    context: cl_context,
    queue: cl_command_queue,
    program: cl_program,
    kernel: cl_kernel,
}

impl Session {
    fn new(device: cl_device_id, source: &Source) -> Self {
        let context = context::create_context(&[device], ptr::null(), None, ptr::null_mut()).unwrap();
        // SAFETY: the device belongs to the context.
        let queue = unsafe { command_queue::create_command_queue(context, device, 0) }.unwrap();
        let program = program::create_program_with_source(context, &[&source.text]).unwrap();
        let mut options = String::from("-cl-std=CL1.2");
        let config = device::get_device_info(device, device::CL_DEVICE_SINGLE_FP_CONFIG);
        if config.map(u64::from).is_ok_and(|bits| bits & device::CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0) {
            options.push_str(" -cl-fp32-correctly-rounded-divide-sqrt");
        }
        let options = CString::new(options).unwrap();
        if let Err(code) = program::build_program(program, &[device], &options, None, ptr::null_mut()) {
            let log = program::get_program_build_info(program, device, program::CL_PROGRAM_BUILD_LOG);
            panic!("{}: {code}: {}\n{}", name(device), String::from(log.unwrap()), source.text);
        }
        let kernel = kernel::create_kernel(program, &CString::new(source.function()).unwrap()).unwrap();
        Session { context, queue, program, kernel }
    }

    fn upload(&self, bytes: &[u8]) -> cl_mem {
        let size = bytes.len().max(1);
        // SAFETY: without a host pointer there is nothing that could be read out of bounds.
        let memory =
            unsafe { memory::create_buffer(self.context, memory::CL_MEM_READ_WRITE, size, ptr::null_mut()) }
                .unwrap();
        if !bytes.is_empty() {
            let pointer = bytes.as_ptr().cast();
            // SAFETY: the write waits, and reads as many bytes as the slice has.
            unsafe {
                command_queue::enqueue_write_buffer(
                    self.queue,
                    memory,
                    1,
                    0,
                    bytes.len(),
                    pointer,
                    0,
                    ptr::null(),
                )
            }
            .unwrap();
        }
        memory
    }

    fn download(&self, memory: cl_mem, bytes: &mut [u8]) {
        if bytes.is_empty() {
            return;
        }
        let (pointer, size) = (bytes.as_mut_ptr().cast(), bytes.len());
        // SAFETY: the read waits, and writes as many bytes as the slice has.
        unsafe {
            command_queue::enqueue_read_buffer(self.queue, memory, 1, 0, size, pointer, 0, ptr::null())
        }
        .unwrap();
    }

    fn set_argument(&self, position: u32, size_bytes: usize, pointer: *const c_void) {
        // SAFETY: the callers pass a pointer to so many bytes, or null for local memory.
        unsafe { kernel::set_kernel_arg(self.kernel, position, size_bytes, pointer) }.unwrap();
    }

    fn set_arguments(
        &self,
        source: &Source,
        arguments: &[Argument],
        shape: &LaunchShape,
        memories: &[cl_mem],
        trap: cl_mem,
    ) {
        let parameters = source.signature.encode(arguments, shape, 0);
        self.set_argument(0, parameters.len(), parameters.as_ptr().cast());
        let mut memories = memories.iter();
        let mut position = 1;
        for &argument in &source.signature.pointers {
            match &arguments[argument] {
                Argument::Local { size_bytes, .. } => self.set_argument(position, *size_bytes, ptr::null()),
                _ => {
                    let memory: &cl_mem = memories.next().unwrap();
                    self.set_argument(position, size_of::<cl_mem>(), ptr::from_ref(memory).cast());
                }
            }
            position += 1;
        }
        if source.signature.traps {
            self.set_argument(position, size_of::<cl_mem>(), (&raw const trap).cast());
        }
    }

    /// Launches as the OpenCL backend does: the last dimension first, a range padded to whole work-groups.
    fn launch(&self, shape: &LaunchShape) {
        let [slow, middle, fast] = shape.global;
        let mut global = [fast, middle, slow];
        let mut local = [shape.local[2], shape.local[1], shape.local[0]];
        if let ShapeKind::Range(_) = shape.kind {
            local = [16, 1, 1];
            global[0] = fast.next_multiple_of(16);
        }
        let (global, local) = (global.as_ptr(), local.as_ptr());
        // SAFETY: every argument was set, and the sizes are arrays of three.
        unsafe {
            command_queue::enqueue_nd_range_kernel(
                self.queue,
                self.kernel,
                3,
                ptr::null(),
                global,
                local,
                0,
                ptr::null(),
            )
        }
        .unwrap();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: the session owns them, and every command on them was waited for.
        let released = unsafe {
            [
                kernel::release_kernel(self.kernel),
                program::release_program(self.program),
                command_queue::release_command_queue(self.queue),
                context::release_context(self.context),
            ]
        };
        for error in released.into_iter().filter_map(Result::err) {
            eprintln!("releasing failed: {error}");
        }
    }
}

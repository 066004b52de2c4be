//! The same work written by hand on OpenCL, as somebody would who knows it well: one in-order queue, programs built and
//! arguments set ahead, an argument set again only when it changes.

use super::Outcome;
use bytemuck::Pod;
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::device::{CL_DEVICE_TYPE_ALL, CL_DEVICE_TYPE_CPU, Device};
use opencl3::kernel::Kernel;
use opencl3::memory::{Buffer, CL_MAP_READ, CL_MEM_READ_WRITE, CL_MEM_USE_HOST_PTR, ClMem};
use opencl3::platform::get_platforms;
use opencl3::program::Program;
use opencl3::types::{CL_BLOCKING, cl_device_id};
use std::ptr;
use std::rc::Rc;

/// Memory for elements of any type, of which OpenCL knows nothing.
pub type Memory = Rc<Buffer<u8>>;

/// An OpenCL device, as its driver names it.
pub struct Found {
    id: cl_device_id,
    pub platform: String,
    /// Its number within its platform.
    pub index: usize,
    pub name: String,
}

impl Found {
    /// A short name without spaces, such as `pocl:0`.
    pub fn label(&self) -> String {
        let known = [
            ("Portable Computing Language", "pocl"),
            ("Intel", "intel"),
            ("NVIDIA", "nvidia"),
            ("AMD", "amd"),
        ];
        let platform = match known.iter().find(|(part, _)| self.platform.contains(part)) {
            Some((_, short)) => (*short).to_owned(),
            None => self.platform.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
        };
        format!("{platform}:{}", self.index)
    }
}

/// Every device of every platform; none where there is no OpenCL.
pub fn devices() -> Outcome<Vec<Found>> {
    let mut found = Vec::new();
    for platform in get_platforms().unwrap_or_default() {
        let name = platform.name()?;
        for (index, id) in
            platform.get_devices(CL_DEVICE_TYPE_ALL).unwrap_or_default().into_iter().enumerate()
        {
            found.push(Found { id, platform: name.clone(), index, name: Device::new(id).name()? });
        }
    }
    Ok(found)
}

/// A device with its context and one in-order queue.
pub struct Raw {
    device: Device,
    context: Context,
    queue: CommandQueue,
}

/// A kernel with its arguments.
pub struct HandKernel {
    kernel: Kernel,
    /// OpenCL does not keep the memory that arguments name.
    buffers: Vec<Memory>,
}

impl Raw {
    pub fn on(found: &Found) -> Outcome<Raw> {
        let device = Device::new(found.id);
        let context = Context::from_device(&device)?;
        #[allow(deprecated)] // The form that every version of OpenCL has.
        let queue = CommandQueue::create_default(&context, 0)?;
        Ok(Raw { device, context, queue })
    }

    pub fn is_cpu(&self) -> Outcome<bool> {
        Ok(self.device.dev_type()? & CL_DEVICE_TYPE_CPU != 0)
    }

    /// Uninitialised memory for `n` elements.
    pub fn buffer<T: Pod>(&self, n: usize) -> Outcome<Memory> {
        let size_bytes = n * size_of::<T>();
        // SAFETY: no host pointer is passed.
        let buffer =
            unsafe { Buffer::create(&self.context, CL_MEM_READ_WRITE, size_bytes, ptr::null_mut()) }?;
        Ok(Rc::new(buffer))
    }

    /// Memory that holds `contents`.
    pub fn buffer_of<T: Pod>(&self, contents: &[T]) -> Outcome<Memory> {
        let bytes: &[u8] = bytemuck::cast_slice(contents);
        // SAFETY: no host pointer is passed.
        let mut buffer =
            unsafe { Buffer::create(&self.context, CL_MEM_READ_WRITE, bytes.len(), ptr::null_mut()) }?;
        // SAFETY: the write blocks, so that `contents` outlives it.
        unsafe { self.queue.enqueue_write_buffer(&mut buffer, CL_BLOCKING, 0, bytes, &[]) }?;
        Ok(Rc::new(buffer))
    }

    /// The elements as a buffer, where they lie.
    ///
    /// # Safety
    /// They outlive the buffer, and until it is gone they are touched only through it.
    pub unsafe fn buffer_over<T: Pod>(&self, elements: &mut [T]) -> Outcome<Memory> {
        let (size_bytes, pointer) = (size_of_val(elements), elements.as_mut_ptr().cast());
        let flags = CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR;
        // SAFETY: the pointer leads to so many bytes, which outlive the buffer by the caller's promise.
        Ok(Rc::new(unsafe { Buffer::create(&self.context, flags, size_bytes, pointer) }?))
    }

    /// Waits for everything submitted, maps the first `n` elements of the buffer for reading, and returns the last of them.
    pub fn read_mapped<T: Pod>(&self, buffer: &Buffer<u8>, n: usize) -> Outcome<T> {
        let mut pointer = ptr::null_mut();
        let size_bytes = n * size_of::<T>();
        // SAFETY: the buffer has so many bytes; the call blocks until they are mapped.
        unsafe {
            self.queue.enqueue_map_buffer(buffer, CL_BLOCKING, CL_MAP_READ, 0, size_bytes, &mut pointer, &[])
        }?;
        // SAFETY: `n` elements are mapped there.
        let last = unsafe { pointer.cast::<T>().add(n - 1).read() };
        // SAFETY: the pointer is that of the mapping; nothing reads there any more.
        unsafe { self.queue.enqueue_unmap_mem_object(buffer.get(), pointer, &[]) }?;
        Ok(last)
    }

    /// The kernel `name` of `source` with `buffers` as its first arguments.
    ///
    /// # Safety
    /// - Scalars, which follow the buffers, are set by [`HandKernel::set`] to values of the kernel's types.
    /// - With these, the kernel stays within the buffers at every range it is launched over.
    pub unsafe fn kernel(&self, source: &str, name: &str, buffers: &[&Memory]) -> Outcome<HandKernel> {
        let program = Program::create_and_build_from_source(&self.context, source, "-cl-std=CL1.2")?;
        let kernel = Kernel::create(&program, name)?;
        for (index, buffer) in (0..).zip(buffers) {
            // SAFETY: the argument is a memory object of this context, as the kernel expects by the caller's promise.
            unsafe { kernel.set_arg(index, &buffer.get()) }?;
        }
        Ok(HandKernel { kernel, buffers: buffers.iter().map(|buffer| Rc::clone(buffer)).collect() })
    }

    /// Submits the kernel over `global` items; without a `local` size the driver chooses.
    pub fn launch(&self, work: &HandKernel, global: &[usize], local: Option<&[usize]>) -> Outcome {
        let local = local.map_or(ptr::null(), <[usize]>::as_ptr);
        // SAFETY: both pointers lead to as many sizes as the launch has dimensions, or `local` is null; that the kernel
        // stays within its buffers was promised to `Raw::kernel`.
        unsafe {
            self.queue.enqueue_nd_range_kernel(
                work.kernel.get(),
                global.len() as u32,
                ptr::null(),
                global.as_ptr(),
                local,
                &[],
            )
        }?;
        Ok(())
    }

    /// Waits for everything submitted.
    pub fn finish(&self) -> Outcome {
        Ok(self.queue.finish()?)
    }

    /// Copies elements to the buffer, and waits for that.
    pub fn write<T: Pod>(&self, buffer: &Buffer<u8>, from: &[T]) -> Outcome {
        let (size_bytes, pointer) = (size_of_val(from), from.as_ptr().cast());
        // SAFETY: the pointer leads to so many bytes; the write blocks, so that `from` outlives it.
        unsafe {
            cl3::command_queue::enqueue_write_buffer(
                self.queue.get(),
                buffer.get(),
                CL_BLOCKING,
                0,
                size_bytes,
                pointer,
                0,
                ptr::null(),
            )
        }
        .map_err(opencl3::error_codes::ClError)?;
        Ok(())
    }

    /// Waits for everything submitted, and copies the buffer to the host.
    pub fn read<T: Pod>(&self, buffer: &Buffer<u8>, into: &mut [T]) -> Outcome {
        // SAFETY: the read blocks, so that `into` outlives it.
        unsafe {
            self.queue.enqueue_read_buffer(buffer, CL_BLOCKING, 0, bytemuck::cast_slice_mut(into), &[])
        }?;
        Ok(())
    }
}

impl HandKernel {
    /// Makes another buffer the argument at `index`, in place of the one before.
    pub fn set_buffer(&mut self, index: usize, buffer: Memory) -> Outcome {
        // SAFETY: the argument is a memory object, as the one before; its size was promised to `Raw::kernel`.
        unsafe { self.kernel.set_arg(index as u32, &buffer.get()) }?;
        self.buffers[index] = buffer;
        Ok(())
    }

    /// Sets the scalar argument at `index`.
    pub fn set<T: Pod>(&self, index: u32, value: T) -> Outcome {
        // SAFETY: plain data; that its type is the kernel's was promised to `Raw::kernel`.
        Ok(unsafe { self.kernel.set_arg(index, &value) }?)
    }
}

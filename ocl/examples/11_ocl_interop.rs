//! A program of the crate `ocl` whose kernel works on falx's buffers, and a falx kernel on what that computed.
//!
//! `cargo run --release -p falx-ocl --example 11_ocl_interop`

use falx::prelude::*;
use ocl::core::ArgVal;
use std::error::Error;

/// The program as it was: a context, and a kernel in OpenCL C. It knows nothing of falx.
struct Smoother {
    context: ocl::Context,
    device: ocl::Device,
    kernel: ocl::Kernel,
}

const SMOOTH: &str = "
    __kernel void smooth(__global const float *from, __global float *to) {
        size_t i = get_global_id(0), last = get_global_size(0) - 1;
        to[i] = 0.25f * from[i ? i - 1 : 0] + 0.5f * from[i] + 0.25f * from[i < last ? i + 1 : last];
    }";

impl Smoother {
    fn new(n: usize) -> ocl::Result<Self> {
        let platform = ocl::Platform::first()?;
        let device = ocl::Device::first(platform)?;
        let context = ocl::Context::builder().platform(platform).devices(device).build()?;
        let program = ocl::Program::builder().src(SMOOTH).devices(device).build(&context)?;
        let mut kernel = ocl::Kernel::builder();
        kernel.program(&program).name("smooth").global_work_size(n);
        let none = None::<&ocl::Buffer<f32>>;
        let kernel = kernel.arg(none).arg(none).build()?;
        Ok(Smoother { context, device, kernel })
    }
}

/// The new part: its kernel, from one of falx's buffers to another, in its place among falx's commands.
fn smooth(queue: &Queue, smoother: Smoother, from: &Buffer<f32>, to: &Buffer<f32>) -> falx::Result<Event> {
    queue.submit(|h| {
        h.interop_task((from.read(h), to.write(h).no_init()), move |interop, (from, to)| {
            let (queue, from, to) = (falx_ocl::queue(interop)?, falx_ocl::mem(&from), falx_ocl::mem(&to));
            // SAFETY: the kernel has these parameters, and writes as many elements as the buffers have.
            let enqueued = unsafe {
                let kernel = &smoother.kernel;
                let set = kernel.set_arg_unchecked(0, ArgVal::mem(&from));
                set.and_then(|()| kernel.set_arg_unchecked(1, ArgVal::mem(&to)))
                    .and_then(|()| kernel.cmd().queue(&queue).enq())
            };
            // Not waited for: falx does, before anything that needs what the kernel writes.
            enqueued.map_err(falx_ocl::failed)
        });
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    const N: usize = 1 << 20;
    if falx::devices()?.iter().all(Device::is_host) {
        println!("no OpenCL device, so nothing for `ocl` to run on");
        falx::platform_problems().iter().for_each(|problem| println!("  {problem}"));
        return Ok(());
    }
    let smoother = Smoother::new(N)?;
    let device = falx_ocl::import_device(&smoother.context, smoother.device)?;
    let queue = Queue::on(&device)?;

    let signal: Vec<f32> = (0..N).map(|i| (i % 97) as f32).collect();
    let (from, to) = (Buffer::from_slice(&signal), Buffer::<f32>::new(N));
    smooth(&queue, smoother, &from, &to)?;
    queue.submit(|h| {
        let to = to.read_write(h);
        h.parallel_for(N, kernel!(move |i: usize| to[i] = 1.0 - to[i] / 97.0))
    })?;

    let at = |i: usize| signal[i];
    let smoothed = |i: usize| 0.25 * at(i.saturating_sub(1)) + 0.5 * at(i) + 0.25 * at((i + 1).min(N - 1));
    let found = to.host_read()?;
    let wrong = (0..N).filter(|&i| (found[i] - (1.0 - smoothed(i) / 97.0)).abs() > 1e-5).count();
    if wrong > 0 {
        return Err(format!("{wrong} of {N} elements are not what the host computes").into());
    }
    println!(
        "{device}: {N} elements smoothed by a kernel of `ocl` and scaled by one of falx, as the host computes them"
    );
    Ok(())
}

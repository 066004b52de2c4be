//! Kernels that falx did not write: SPIR-V and binaries go the same way as OpenCL C, and a device that takes none says so.

#![allow(clippy::unwrap_used)]

mod common_language;
use common_language::on_each_device;
use falx::foreign::{ForeignCode, ForeignKernel, ReadPointer, WritePointer};
use falx::prelude::*;
use opencl3::{context, platform, program};

const TEXT: &str = include_str!("../examples/opencl-kernels/kernels/triple.cl");
/// Made of the text by the commands that stand in it.
const SPIR_V: &[u8] = include_bytes!("../examples/opencl-kernels/kernels/triple.spv");

/// What `triple` makes of some numbers.
fn tripled(queue: &Queue, code: ForeignCode) -> falx::Result<Vec<u32>> {
    let (from, to) = (Buffer::from((0..100u32).collect::<Vec<_>>()), Buffer::<u32>::new(100));
    queue.submit(|h| {
        let (from, to) = (from.read(h), to.write(h).no_init());
        let kernel = ForeignKernel::new("triple", code).pointer(&from).pointer(&to).value(7u32);
        // SAFETY: the kernel has these parameters, and touches one element of each buffer for each of 100 work-items.
        unsafe { h.parallel_for_foreign(100, kernel) }
    })?;
    let found = to.host_read()?.to_vec();
    Ok(found)
}

fn expected() -> Vec<u32> {
    (0..100).map(|k| 3 * k + 7).collect()
}

/// What the driver of a device made of the text.
fn binary(device: &Device) -> &'static [u8] {
    let platforms = platform::get_platforms().unwrap();
    let of_device = platforms.iter().find(|found| found.name().unwrap() == device.platform().name).unwrap();
    let ids = of_device.get_devices(opencl3::device::CL_DEVICE_TYPE_ALL).unwrap();
    let own = ids.iter().find(|id| opencl3::device::Device::new(**id).name().unwrap() == device.name());
    let context = context::Context::from_device(&opencl3::device::Device::new(*own.unwrap())).unwrap();
    let built = program::Program::create_and_build_from_source(&context, TEXT, "").unwrap();
    Vec::leak(built.get_binaries().unwrap().into_iter().next().unwrap())
}

#[test]
fn what_a_driver_made_of_a_kernel_runs_on_its_device() {
    on_each_device(|queue| {
        if queue.device().is_host() {
            let error = tripled(queue, ForeignCode::Binary(b"binary")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
            let text =
                "kernel `triple` is a binary and cannot run on the host device; choose an OpenCL device";
            assert!(error.to_string().ends_with(text), "{error}");
            return;
        }
        assert_eq!(tripled(queue, ForeignCode::Binary(binary(queue.device()))).unwrap(), expected());
    });
}

#[test]
fn what_no_driver_made_is_refused_as_a_binary() {
    on_each_device(|queue| {
        if queue.device().is_host() {
            return;
        }
        let error = tripled(queue, ForeignCode::Binary(b"no program at all, but some text")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build);
        let text = error.to_string();
        let named =
            format!("kernel `triple` is a binary that the driver of `{}` does not take", queue.device());
        assert!(text.contains(&named) && text.contains("or give the kernel as OpenCL C"), "{text}");
    });
}

#[test]
fn spir_v_runs_where_the_device_takes_it_and_is_refused_elsewhere() {
    on_each_device(|queue| {
        let platform = &queue.device().platform().name;
        match tripled(queue, ForeignCode::SpirV(SPIR_V)) {
            Ok(found) => assert_eq!(found, expected()),
            Err(error) => {
                assert!(!platform.contains("Intel"), "Intel's runtime takes SPIR-V, but: {error}");
                assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
                let text = error.to_string();
                assert!(text.contains("kernel `triple` is SPIR-V"), "{text}");
                assert!(text.contains("choose an"), "{text}");
            }
        }
    });
}

#[test]
fn vectors_of_opencl_c_are_falxs() {
    const TEXT: &str = "__kernel void scale(__global const float3 *from, __global float4 *to) \
        { to[get_global_id(0)] = (float4)(2 * from[get_global_id(0)], 1); }";
    /// What `falx-build` makes of it.
    fn scale(from: &impl ReadPointer<[f32; 4]>, to: &impl WritePointer<[f32; 4]>) -> ForeignKernel {
        ForeignKernel::new("scale", ForeignCode::OpenClC(TEXT)).pointer(from).pointer(to)
    }
    on_each_device(|queue| {
        if queue.device().is_host() {
            return;
        }
        let from = Buffer::from(vec![F32x3::new(1.0, 2.0, 3.0), F32x3::new(4.0, 5.0, 6.0)]);
        let to = Buffer::<F32x4>::new(2);
        let submitted = queue.submit(|h| {
            let kernel = scale(&from.read(h), &to.write(h).no_init());
            // SAFETY: it touches an element of each buffer for each of two work-items.
            unsafe { h.parallel_for_foreign(2, kernel) }
        });
        submitted.unwrap();
        let expected = [F32x4::new(2.0, 4.0, 6.0, 1.0), F32x4::new(8.0, 10.0, 12.0, 1.0)];
        assert_eq!(*to.host_read().unwrap(), expected);
    });
}

#[test]
fn a_kernel_in_opencl_c_that_does_not_build_is_shown_as_its_authors() {
    on_each_device(|queue| {
        if queue.device().is_host() {
            return;
        }
        // A name that begins as those of falx's own kernels do.
        let code = ForeignCode::OpenClC("__kernel void falx_broken(__global uint *to) { to[0] = nothing; }");
        let to = Buffer::from(vec![0u32]);
        let submitted = queue.submit(|h| {
            let kernel = ForeignKernel::new("falx_broken", code).pointer(&to.read_write(h));
            // SAFETY: it does not build.
            unsafe { h.parallel_for_foreign(1, kernel) }
        });
        let error = submitted.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build);
        let text = error.to_string();
        assert!(text.contains("kernel `falx_broken` did not build for"), "{text}");
        assert!(text.contains("   1 __kernel void") && !text.contains("bug of falx"), "{text}");
    });
}

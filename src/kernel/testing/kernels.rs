//! Kernels written in Rust, run as their host twin and on every OpenCL device: all must agree bit for bit.

use super::device::{devices, name, run as run_on};
use crate::kernel::twin::tests::{Memory, Slots};
use crate::kernel::{
    Checks, DeviceType, Environment, IntoShape, Kernel, KernelObject, Template, TrapCell, enter, lower,
    source::lower_for,
};
use crate::prelude::*;

/// Runs a kernel over `shape` with a buffer that starts as `input`, on the host and on all devices.
fn agree<T: DeviceType + bytemuck::Pod>(
    shape: impl IntoShape,
    input: &[T],
    make: impl Fn(Slots<'_, T>) -> KernelObject<'static>,
) {
    let shape = shape.shape();
    let memory = Memory::of(input);
    let object = make(memory.slots());
    let trap = TrapCell::default();
    let views = vec![None; object.arguments.len()];
    enter(&trap, || {
        object.body.as_ref().unwrap().run(
            &Environment { views: &views, trap: &trap, slots: &[] },
            &shape,
            0..shape.size(),
        )
    });
    let failure = trap.take().map(|(_, failure)| failure);
    let expected: Vec<T> = memory.values();
    let expected: &[u8] = bytemuck::cast_slice(&expected);
    let mut types = Vec::new();
    (object.types)(&mut types);
    let template = Template {
        tree: object.tree,
        types: &types,
        constants: object.constants,
        shape: shape.kind,
        overflow: crate::kernel::Overflow::Wraps,
        device_sub_groups: false,
        native_sub_groups: false,
        beginnings: object.beginnings(),
        is_whole: object.is_whole(&shape),
    };
    let sources = [lower_for(&template, object.arguments, &shape), lower(&template, &Checks::All)];
    for source in sources.map(Result::unwrap) {
        for device in devices() {
            let mut buffers = [bytemuck::cast_slice(input).to_vec()];
            let found = run_on(device, &source, object.arguments, &shape, &mut buffers);
            assert_eq!(found.map(|trap| trap.site), failure, "{}", source.text);
            assert!(buffers[0] == expected, "{} differs from the host:\n{}", name(device), source.text);
        }
    }
}

#[test]
fn a_mandelbrot_escape_count_agrees() {
    let limit = 50;
    agree(256, &[0u32; 256], |out| {
        kernel!(|i: usize| {
            let re = (i % 16) as f32 * 0.2 - 2.0;
            let im = (i / 16) as f32 * 0.15 - 1.2;
            let mut x = 0.0f32;
            let mut y = 0.0;
            let mut n = 0;
            while n < limit && x * x + y * y < 4.0 {
                let next = x * x - y * y + re;
                y = 2.0 * x * y + im;
                x = next;
                n += 1;
            }
            out[i] = n;
        })
        .into_object()
    });
}

#[device]
fn mix(state: u32, salt: u8) -> u32 {
    let mut z = state.wrapping_mul(0x9E37_79B9) ^ (salt as u32);
    z ^= z >> 15;
    if z & 1 == 0 {
        return z.rotate_left(7);
    }
    z * 31
}

#[test]
fn device_functions_shadowing_and_arrays_agree() {
    let input: Vec<u32> = (0..100).collect();
    agree(100, &input, |a| {
        kernel!(|i: usize| {
            let max = a[i];
            let max = mix(max, 3) + mix(max, 200);
            let mut half = [0u32; 8];
            for k in 0..8 {
                half[k] = mix(max, k as u8);
            }
            let mut best = half[0];
            for k in 1..=7 {
                best = if half[k] > best { half[k] } else { best };
            }
            let kernel = {
                let best = best >> 3;
                best + half[(max % 8) as usize]
            };
            a[i] = kernel;
        })
        .into_object()
    });
}

#[test]
fn labels_values_of_loops_and_early_returns_agree() {
    let input: Vec<i64> = (0..64).map(|n| n * 37 % 11 - 5).collect();
    let stop = 60;
    agree(64, &input, |a| {
        kernel!(|i: usize| {
            if i > stop {
                return;
            }
            let mut sum = 0;
            'outer: for j in 0..10 {
                for k in (-3)..=3 {
                    if k == a[i] {
                        continue 'outer;
                    }
                    if sum > 40 && j > 5 {
                        break 'outer;
                    }
                    sum += k * j + 1;
                }
            }
            let steps = loop {
                sum -= 7;
                if sum < 0 {
                    break sum * 2;
                }
            };
            a[i] = steps - {
                sum += 1;
                sum
            } * {
                sum = 3;
                sum
            };
        })
        .into_object()
    });
}

#[test]
fn a_bad_index_fails_alike_on_the_host_and_on_devices() {
    // One work-item only, so that there is one failure to agree on.
    agree(1, &[1i32, 2, 3], |a| {
        kernel!(|i: usize| {
            let part = [1, 2, 3];
            let place = a[i + 2] as usize;
            a[i] = part[place] + 5;
            a[i + 1] = 10 / (a[1] - 2);
        })
        .into_object()
    });
}

#[test]
fn floats_agree() {
    let input: Vec<f64> = (0..64).map(|n| f64::from(n) * 0.37 - 9.0).collect();
    agree(64, &input, |a| {
        kernel!(|i: usize| {
            let x = a[i];
            let small = x as f32;
            let folded = small.abs().sqrt().mul_add(small, 0.1).max(0.3).min(1e6);
            let bits = f32::from_bits(folded.to_bits() + 1);
            let clamped = x.clamp(-1.5, 2.5) + x.rem_euclid(0.7) + x.signum() * x.fract();
            let whole = (x * 1e9) as i32 as f64 + (x as u8) as f64 + (bits as f64);
            a[i] = if x > 0.0 && !(x == 3.0) { clamped - whole } else { clamped * whole / 3.0 };
        })
        .into_object()
    });
}

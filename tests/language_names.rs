//! Whatever Rust allows as a name is one in a kernel.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all, non_camel_case_types, non_snake_case)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

#[device]
fn r#fn(r#type: u32) -> u32 {
    r#type + 1
}

#[device]
#[derive(Clone, Copy)]
struct Raw {
    r#type: u32,
    r#match: [u32; 2],
}

#[device]
#[derive(Clone, Copy)]
enum Way {
    Found { r#in: u32 },
    Lost,
}

#[device]
impl Raw {
    fn r#use(self) -> u32 {
        self.r#type
    }
    fn r#static(r#type: u32) -> Self {
        Raw { r#type, r#match: [1, 2] }
    }
}

same!(raw_names_are_names_of_everything, u32, |i| {
    let r#struct = i as u32;
    let mut raw = Raw::r#static(r#struct);
    raw.r#match[1] += 3;
    let Raw { r#type, r#match: [first, _] } = raw;
    let way = if i % 2 == 0 { Way::Found { r#in: 7 } } else { Way::Lost };
    let found = match way {
        Way::Found { r#in } => r#in,
        Way::Lost => 1,
    };
    r#fn(r#type) * 100 + raw.r#use() + raw.r#match[1] * 10 + first + found
});

#[kernel_fn]
fn r#loop(i: usize, r#ref: Write<u32>) {
    r#ref[i] = i as u32;
}

#[test]
fn a_kernel_function_may_have_a_raw_name() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(3);
        queue.submit(|h| h.parallel_for(3, r#loop(out.write(h).no_init()))).unwrap();
        assert_eq!(*out.host_read().unwrap(), [0, 1, 2]);
    });
}

#[device]
fn dot(float4: u32, half: u32) -> u32 {
    float4 * half
}

#[device]
#[derive(Clone, Copy)]
struct float4 {
    kernel: u32,
    global: u32,
}

same!(words_of_opencl_c_are_names_like_any_others, u32, |i| {
    let (kernel, global, local, half, float, uint, int, double) =
        (i as u32, 2u32, 3u32, 4u32, 5u32, 6u32, 7, 8u32);
    let (main, sizeof, restrict, volatile, goto, switch, case, void, auto) =
        (1u32, 2u32, 3u32, 4u32, 5, 6, 7, 8, 9);
    let (get_global_id, falx_failed, barrier, p) = (1u32, 2u32, 3u32, 6u32);
    let NULL = 4u32;
    let vector = float4 { kernel: 1, global };
    let words = kernel + global * local + half + float + uint + int + double + dot(half, float);
    let others = main + sizeof + restrict * volatile + goto + switch + case + void + auto;
    words + others + get_global_id + falx_failed + barrier + NULL + p + vector.kernel + vector.global
});

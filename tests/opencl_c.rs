//! The OpenCL C of kernels is read by people: it keeps the user's names and order, and says which line each statement is from.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

#[path = "opencl_c_elsewhere/mod.rs"]
mod elsewhere;

use expect_test::{Expect, expect};
use falx::__private::{Variant, opencl_c};
use falx::prelude::*;

/// The kernel's own function and the device functions it calls, without falx's head and helpers. Lines count from the
/// first that is noted in each function, so that what stands above it in this file does not matter.
fn check(kernel: impl Kernel<usize>, variant: Variant, expected: Expect) {
    let text = opencl_c(kernel, 64, variant).unwrap();
    let own = format!("// {}:", file!());
    let start = text.find(&format!("\n{own}")).map(|at| at + 1).or_else(|| text.find("__kernel ")).unwrap();
    let mut first = None;
    let mut shown = String::new();
    for line in text[start..].lines() {
        if line.starts_with("__kernel") {
            first = None;
        }
        shown += &match line.split_once(" // opencl_c.rs:") {
            Some((code, number)) => {
                let number: i64 = number.parse().unwrap();
                format!("{code} // opencl_c.rs:{:+}\n", number - *first.get_or_insert(number))
            }
            None if line.starts_with(&own) => {
                first = None;
                format!("{own}..\n")
            }
            None => format!("{line}\n"),
        };
    }
    expected.assert_eq(&shown);
}

macro_rules! snapshots {
    ($($test:ident $variant:ident |$i:ident, $from:ident, $to:ident| $body:block => $expected:expr;)*) => { $(
        #[test]
        fn $test() {
            let host = falx::devices().unwrap().into_iter().find(Device::is_host);
            let Some(host) = host else { return println!("skipped: the host device is filtered out") };
            let (from, to) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
            let queue = Queue::on(&host).unwrap();
            queue
                .submit(|h| {
                    let ($from, $to) = (from.read(h), to.read_write(h));
                    check(kernel!(move |$i: usize| $body), Variant::$variant, $expected);
                    h.parallel_for(64, kernel!(move |i: usize| $to[i] = $from[i]))
                })
                .unwrap();
        }
    )* };
}

#[device]
fn squared(x: u32) -> u32 {
    x * x
}

#[device]
fn smallest(values: [u32; 3]) -> u32 {
    let mut least = values[0];
    for k in 1..3 {
        if values[k] < least {
            least = values[k];
        }
    }
    least
}

#[device]
fn turned(v: U32x3) -> U32x3 {
    v.yzx() + v
}

snapshots! {
    what_gives_three_lanes_is_inlined_for_intel_and_lanes_made_in_place_are_cast Proven |i, from, to| {
        let v = turned(U32x3::splat(from[i]));
        to[i] = U32x2::splat(7).concat(U32x4::splat(v.x).xx()).w;
    } => expect![[r#"
        // tests/opencl_c.rs:..
        static __attribute__((always_inline)) uint3 turned(uint3 v)
        {
            return (v.s120 + v); // opencl_c.rs:+0
        }

        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint3 v = turned((uint3)(from[i])); // opencl_c.rs:+0
            const uint4 t = ((uint4)((uint2)(7u), (uint2)((uint4)(v.x).s00))); // opencl_c.rs:+1
            to[i] = t.w;
        }
    "#]];

    a_proven_copy_is_one_line Proven |i, from, to| { to[i] = from[i]; } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            to[i] = from[i]; // opencl_c.rs:+0
        }
    "#]];
    a_checked_copy_guards_both_sides Checked |i, from, to| { to[i] = from[i]; } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to, __global ulong *falx_trap)
        {
            falx_failure falx_failed = {0};
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint t = 0u; // opencl_c.rs:+0
            if (i < p.from_len) {
                t = from[i];
            } else {
                falx_fail(&falx_failed, 1, 1, i);
            }
            if (i < p.to_len) {
                to[i] = t;
            } else {
                falx_fail(&falx_failed, 2, 1, i);
            }
            falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
        }
    "#]];
    variables_keep_their_names Proven |i, from, to| {
        let doubled = from[i] * 2;
        let mut sum = doubled + 1;
        sum += doubled;
        to[i] = sum;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint doubled = from[i] * 2u; // opencl_c.rs:+0
            uint sum = doubled + 1u; // opencl_c.rs:+1
            sum = sum + doubled; // opencl_c.rs:+2
            to[i] = sum; // opencl_c.rs:+3
        }
    "#]];
    shadowed_names_are_numbered Proven |i, from, to| {
        let value = from[i];
        let value = value + 1;
        to[i] = value;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint value = from[i]; // opencl_c.rs:+0
            const uint value_1 = value + 1u; // opencl_c.rs:+1
            to[i] = value_1; // opencl_c.rs:+2
        }
    "#]];
    names_that_opencl_reserves_are_changed Proven |i, from, to| {
        let half = from[i];
        let float4 = half + 1;
        to[i] = float4;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint half_ = from[i]; // opencl_c.rs:+0
            const uint float4_ = half_ + 1u; // opencl_c.rs:+1
            to[i] = float4_; // opencl_c.rs:+2
        }
    "#]];
    conditions_are_choices_where_nothing_happens Proven |i, from, to| {
        to[i] = if from[i] > 7 { 7 } else { from[i] };
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            to[i] = from[i] > 7u ? 7u : from[i]; // opencl_c.rs:+0
        }
    "#]];
    conditions_with_effects_are_statements Proven |i, from, to| {
        let mut count = 0;
        let value = if from[i] > 7 {
            count += 1;
            7
        } else {
            from[i]
        };
        to[i] = value + count;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint count = 0u; // opencl_c.rs:+0
            uint t; // opencl_c.rs:+1
            if (from[i] > 7u) {
                count = count + 1u; // opencl_c.rs:+2
                t = 7u; // opencl_c.rs:+3
            } else {
                t = from[i];
            }
            const uint value = t;
            to[i] = value + count; // opencl_c.rs:+7
        }
    "#]];
    a_for_loop_is_a_for_loop Proven |i, from, to| {
        let mut sum = 0;
        for round in 0..5u32 {
            sum += from[i] ^ round;
        }
        to[i] = sum;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint sum = 0u; // opencl_c.rs:+0
            for (uint round_ = 0u; round_ < 5u; ++round_) { // opencl_c.rs:+1
                sum = sum + (from[i] ^ round_); // opencl_c.rs:+2
            }
            to[i] = sum; // opencl_c.rs:+4
        }
    "#]];
    steps_are_taken_as_by_hand Proven |i, from, to| {
        for k in (i..from.range()[0]).step_by(to.range()[0]) {
            to[i] += from[k];
        }
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const ulong t = i < p.from_len ? p.from_len - i : 0UL; // opencl_c.rs:+0
            const ulong t_1 = p.to_len;
            for (ulong t_2 = 0UL; t_2 < t; t_2 += t_1) {
                const ulong k = i + t_2;
                to[i] = to[i] + from[k]; // opencl_c.rs:+1
            }
        }
    "#]];
    steps_that_may_wrap_around_are_counted Proven |i, from, to| {
        for k in (i..usize::MAX).step_by(to.range()[0]) {
            to[i] += from[k];
        }
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global uint *to, __global const uint *from, __global ulong *falx_trap)
        {
            falx_failure falx_failed = {0};
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const ulong t = i < 18446744073709551615UL ? convert_ulong(18446744073709551615UL - i) : 0UL; // opencl_c.rs:+0
            const ulong t_1 = p.to_len;
            const ulong t_2 = t == 0UL ? 0UL : (t - 1UL) / t_1 + 1UL;
            for (ulong t_3 = 0UL; t_3 < t_2; ++t_3) {
                const ulong k = i + t_3 * t_1;
                uint t_4 = 0u; // opencl_c.rs:+1
                if (k < p.from_len) {
                    t_4 = from[k];
                } else {
                    falx_fail(&falx_failed, 1, 1, k);
                }
                to[i] = to[i] + t_4;
            }
            falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
        }
    "#]];
    an_inclusive_loop_ends_at_the_largest_number Proven |i, from, to| {
        let mut sum = from[i];
        for byte in 250..=255u8 {
            sum += byte as u32;
        }
        to[i] = sum;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint sum = from[i]; // opencl_c.rs:+0
            int falx_more_0; // opencl_c.rs:+1
            for (uchar byte = (falx_more_0 = (uchar)250 <= (uchar)255, (uchar)250); falx_more_0; falx_more_0 = byte < (uchar)255 && (++byte, 1)) {
                sum = sum + (uint)byte; // opencl_c.rs:+2
            }
            to[i] = sum; // opencl_c.rs:+4
        }
    "#]];
    a_while_loop_is_a_while_loop Proven |i, from, to| {
        let mut rest = from[i];
        while rest > 9 {
            rest /= 10;
        }
        to[i] = rest;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint rest = from[i]; // opencl_c.rs:+0
            while (rest > 9u) { // opencl_c.rs:+1
                rest = rest / 10u; // opencl_c.rs:+2
            }
            to[i] = rest; // opencl_c.rs:+4
        }
    "#]];
    a_loop_gives_its_value Proven |i, from, to| {
        let mut rest = from[i];
        to[i] = loop {
            if rest & 1 == 0 {
                break rest;
            }
            rest >>= 1;
        };
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint rest = from[i]; // opencl_c.rs:+0
            uint t; // opencl_c.rs:+1
            for (;;) {
                if ((rest & 1u) == 0u) { // opencl_c.rs:+2
                    t = rest; // opencl_c.rs:+3
                    break;
                }
                rest = rest >> 1; // opencl_c.rs:+5
            }
            to[i] = t;
        }
    "#]];
    labels_become_forward_jumps Proven |i, from, to| {
        let mut found = 0;
        'rows: for row in 0..4u32 {
            for column in 0..4u32 {
                if row * column == from[i] {
                    found = row;
                    break 'rows;
                }
                if column > row {
                    continue 'rows;
                }
            }
        }
        to[i] = found;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint found = 0u; // opencl_c.rs:+0
            for (uint row = 0u; row < 4u; ++row) { // opencl_c.rs:+1
                for (uint column = 0u; column < 4u; ++column) { // opencl_c.rs:+2
                    if (row * column == from[i]) { // opencl_c.rs:+3
                        found = row; // opencl_c.rs:+4
                        goto falx_break_1; // opencl_c.rs:+5
                    }
                    if (column > row) { // opencl_c.rs:+7
                        goto falx_continue_2; // opencl_c.rs:+8
                    }
                }
            falx_continue_2: ;
            }
            falx_break_1: ;
            to[i] = found; // opencl_c.rs:+12
        }
    "#]];
    signed_arithmetic_goes_through_unsigned Proven |i, from, to| {
        let signed = from[i] as i32;
        to[i] = (signed * 3 - 7) as u32;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const int signed_ = (int)from[i]; // opencl_c.rs:+0
            to[i] = (uint)(int)((uint)signed_ * 3u - 7u); // opencl_c.rs:+1
        }
    "#]];
    bytes_are_cut_after_each_operation Proven |i, from, to| {
        let byte = from[i] as u8;
        to[i] = ((byte + 200) >> 1) as u32;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uchar byte = (uchar)from[i]; // opencl_c.rs:+0
            to[i] = (uint)(uchar)((uchar)((uint)byte + (uint)(uchar)200) >> 1); // opencl_c.rs:+1
        }
    "#]];
    floats_become_integers_by_saturation Proven |i, from, to| {
        let x = from[i] as f32 * 0.1;
        to[i] = x as u32;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const float x = (float)from[i] * 0x1.99999ap-4f; // opencl_c.rs:+0
            to[i] = falx_float_to_uint(x); // opencl_c.rs:+1
        }
    "#]];
    methods_are_built_in_functions Proven |i, from, to| {
        to[i] = from[i].rotate_left(3).min(99).count_ones();
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            to[i] = ((uint)popcount((uint)min(((uint)rotate((uint)from[i], (uint)(3u & (32 - 1)))), 99u))); // opencl_c.rs:+0
        }
    "#]];
    a_division_is_checked_unless_by_a_constant Proven |i, from, to| {
        to[i] = from[i] / 3 + 100 / from[i];
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to, __global ulong *falx_trap)
        {
            falx_failure falx_failed = {0};
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint t_2 = from[i] / 3u; // opencl_c.rs:+0
            const uint t = from[i];
            uint t_1 = 0u;
            if (t != 0u) {
                t_1 = 100u / t;
            } else {
                falx_fail(&falx_failed, 1, 0);
            }
            to[i] = t_2 + t_1;
            falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
        }
    "#]];
    private_arrays_are_structs Proven |i, from, to| {
        let table = [1, 2, from[i]];
        to[i] = table[from[i] as usize % 3];
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const falx_uint_3 table = {{1u, 2u, from[i]}}; // opencl_c.rs:+0
            to[i] = table.v[(ulong)from[i] % 3UL]; // opencl_c.rs:+1
        }
    "#]];
    device_functions_come_first Proven |i, from, to| {
        to[i] = squared(from[i]) + squared(2);
    } => expect![[r#"
        // tests/opencl_c.rs:..
        static uint squared(uint x)
        {
            return x * x; // opencl_c.rs:+0
        }

        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            const uint t = squared(from[i]); // opencl_c.rs:+0
            to[i] = t + squared(2u);
        }
    "#]];
    arrays_are_passed_by_value Proven |i, from, to| {
        to[i] = smallest([from[i], 5, 6]);
    } => expect![[r#"
        // tests/opencl_c.rs:..
        static uint smallest(falx_uint_3 values)
        {
            uint least = values.v[0UL]; // opencl_c.rs:+0
            for (ulong k = 1UL; k < 3UL; ++k) { // opencl_c.rs:+1
                if (values.v[k] < least) { // opencl_c.rs:+2
                    least = values.v[k]; // opencl_c.rs:+3
                }
            }
            return least; // opencl_c.rs:+6
        }

        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            to[i] = smallest((falx_uint_3){{from[i], 5u, 6u}}); // opencl_c.rs:+0
        }
    "#]];

    statements_from_another_file_name_it Proven |i, from, to| {
        let mut x = from[i];
        elsewhere::triple(&mut x);
        to[i] = x;
    } => expect![[r#"
        __kernel void falx_kernel(const falx_params p, __global const uint *from, __global uint *to)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            uint x = from[i]; // opencl_c.rs:+0
            x = x * 3u; // tests/opencl_c_elsewhere/mod.rs:8
            to[i] = x; // opencl_c.rs:+2
        }
    "#]];
}

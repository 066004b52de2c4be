//! What trees are lowered to, as text.

use crate::kernel::source::{Obligation, OwnId, Source, Variant};
use crate::kernel::testing::*;
use crate::kernel::tree::*;
use crate::kernel::types::{AccessMode, ItemKind, Scalar, Type};
use crate::kernel::{LaunchShape, ShapeKind};
use expect_test::{Expect, expect};

fn check(source: &Source, expected: Expect) {
    expected.assert_eq(&source.text);
}

/// `c[i] = scale * (a[i] + b[i])`
fn vector_add() -> Sketched {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::F32, 1, AccessMode::Read));
    let b = sketch.capture("b", global(Scalar::F32, 1, AccessMode::Read));
    let c = sketch.capture("c", global(Scalar::F32, 1, AccessMode::Write));
    let scale = sketch.capture("scale", scalar(Scalar::F32));
    let (item, i) = sketch.bind("i", Type::Id(1), false);
    let sum = binary(BinaryOperator::Add, index(get(a), get(i)), index(get(b), get(i)));
    let body = block(vec![assign(index(get(c), get(i)), binary(BinaryOperator::Multiply, get(scale), sum))]);
    sketch.kernel((item, Type::Id(1)), body)
}

#[test]
fn proven_vector_addition_is_one_line_without_checks() {
    let source = vector_add().lower(ShapeKind::Range(1), Variant::Proven).unwrap();
    check(
        &source,
        expect![[r#"
        // falx kernel `test`, src/test.rs:1
        #pragma OPENCL FP_CONTRACT OFF

        typedef struct {
            ulong falx_range_2;
            ulong a_base;
            ulong b_base;
            ulong c_base;
            float scale;
            uchar falx_padding[4];
        } falx_params;

        __kernel void falx_test(const falx_params p, __global const float *a, __global const float *b, __global float *c)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            a += p.a_base;
            b += p.b_base;
            c += p.c_base;
            const ulong i = get_global_id(0);
            c[i] = p.scale * (a[i] + b[i]); // line 2
        }
    "#]],
    );
    assert!(!source.signature.traps);
    let own = |argument| Obligation { argument, dimension: 0, index: OwnId::Global(0) };
    assert_eq!(source.obligations, [0, 1, 2].map(own));
}

#[test]
fn checked_vector_addition_guards_every_access() {
    let source = vector_add().lower(ShapeKind::Range(1), Variant::Checked).unwrap();
    check(
        &source,
        expect![[r#"
        // falx kernel `test`, src/test.rs:1
        #pragma OPENCL FP_CONTRACT OFF

        typedef struct {
            ulong falx_range_2;
            ulong a_base;
            ulong b_base;
            ulong c_base;
            ulong a_len;
            ulong falx_launch;
            ulong b_len;
            ulong c_len;
            float scale;
            uchar falx_padding[4];
        } falx_params;

        #define FALX_TURN(x, n) ((x) << (n) | (x) >> (64 - (n)))

        static void falx_fail(__global ulong *record, ulong launch, ulong columns, ulong code,
            ulong i0, ulong i1, ulong i2, ulong n0, ulong n1, ulong n2, ulong dimensions)
        {
            const ulong item = (get_global_id(2) * get_global_size(1) + get_global_id(1)) * columns + get_global_id(0);
            const ulong word = launch << 16 | code;
            __global ulong *slot = record + (get_local_id(0) & 1023);
            slot[0 * 1024] = word;
            slot[1 * 1024] = item;
            slot[2 * 1024] = i0;
            slot[3 * 1024] = i1;
            slot[4 * 1024] = i2;
            slot[5 * 1024] = n0;
            slot[6 * 1024] = n1;
            slot[7 * 1024] = n2;
            slot[8 * 1024] = dimensions;
            slot[9 * 1024] = word ^ FALX_TURN(item, 13) ^ FALX_TURN(i0, 26) ^ FALX_TURN(i1, 39) ^ FALX_TURN(i2, 52)
                ^ FALX_TURN(n0, 1) ^ FALX_TURN(n1, 14) ^ FALX_TURN(n2, 27) ^ FALX_TURN(dimensions, 40);
        }

        __kernel void falx_test(const falx_params p, __global const float *a, __global const float *b, __global float *c, __global ulong *falx_trap)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            a += p.a_base;
            b += p.b_base;
            c += p.c_base;
            const ulong i = get_global_id(0);
            float t = 0.0f; // line 2
            if (i < p.a_len) {
                t = a[i];
            } else {
                falx_fail(falx_trap, p.falx_launch, p.falx_range_2, 1, i, 0, 0, p.a_len, 0, 0, 1);
            }
            float t_1 = 0.0f;
            if (i < p.b_len) {
                t_1 = b[i];
            } else {
                falx_fail(falx_trap, p.falx_launch, p.falx_range_2, 2, i, 0, 0, p.b_len, 0, 0, 1);
            }
            if (i < p.c_len) {
                c[i] = p.scale * (t + t_1);
            } else {
                falx_fail(falx_trap, p.falx_launch, p.falx_range_2, 3, i, 0, 0, p.c_len, 0, 0, 1);
            }
        }
    "#]],
    );
    assert!(source.signature.traps);
    assert_eq!(source.obligations.len(), 3);
}

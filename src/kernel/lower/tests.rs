//! What trees are lowered to, as text.

mod refusals;

use crate::kernel::instance::Definition;
use crate::kernel::source::Source;
use crate::kernel::testing::*;
use crate::kernel::tree::*;
use crate::kernel::types::{AccessMode, ItemKind, Scalar, Type};
use crate::kernel::{LaunchShape, ShapeKind};
use expect_test::{Expect, expect};

/// Compares the text from the first function of the user's on.
fn check(source: &Source, expected: Expect) {
    let text = source
        .text
        .find("// src/test.rs:")
        .or(source.text.find("__kernel"))
        .map(|start| &source.text[start..]);
    expected.assert_eq(text.unwrap());
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
    let source = vector_add().lower_with_room(ShapeKind::Range(1)).unwrap();
    expect![[r#"
        // falx kernel `test`, src/test.rs:1
        #pragma OPENCL FP_CONTRACT OFF

        typedef struct {
            ulong falx_range_2;
            float scale;
            uchar falx_padding[4];
        } falx_params;

        __kernel void falx_test(const falx_params p, __global const float *a, __global const float *b, __global float *c)
        {
            if (get_global_id(0) >= p.falx_range_2) return;
            const ulong i = get_global_id(0);
            c[i] = p.scale * (a[i] + b[i]); // test.rs:2
        }
    "#]].assert_eq(&source.text);
    assert!(!source.signature.traps);
}

#[test]
fn checked_vector_addition_guards_every_access() {
    let source = vector_add().lower(ShapeKind::Range(1)).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global const float *a, __global const float *b, __global float *c, __global ulong *falx_trap)
            {
                falx_failure falx_failed = {0};
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                float t = 0.0f; // test.rs:2
                if (i < p.a_len) {
                    t = a[i];
                } else {
                    falx_fail(&falx_failed, 1, 1, i);
                }
                float t_1 = 0.0f;
                if (i < p.b_len) {
                    t_1 = b[i];
                } else {
                    falx_fail(&falx_failed, 2, 1, i);
                }
                if (i < p.c_len) {
                    c[i] = p.scale * (t + t_1);
                } else {
                    falx_fail(&falx_failed, 3, 1, i);
                }
                falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
            }
        "#]],
    );
    assert!(source.signature.traps);
}

fn usize_item(sketch: &mut Sketch) -> ((Pattern, Type), LocalRef) {
    let (pattern, i) = sketch.bind("i", scalar(Scalar::Usize), false);
    ((pattern, scalar(Scalar::Usize)), i)
}

#[test]
fn an_index_from_memory_stays_checked_in_the_proven_variant() {
    let mut sketch = Sketch::new();
    let index_of = sketch.capture("index", global(Scalar::U32, 1, AccessMode::Read));
    let a = sketch.capture("a", global(Scalar::I32, 1, AccessMode::ReadWrite));
    let (item, i) = usize_item(&mut sketch);
    let place = sketch.cast(index(get(index_of), get(i)), Scalar::Usize);
    let one = sketch.integer(Scalar::I32, 1);
    let body = block(vec![assign_operation(BinaryOperator::Add, index(get(a), place), one)]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global const uint *index, __global int *a, __global ulong *falx_trap)
            {
                falx_failure falx_failed = {0};
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                const ulong t = (ulong)index[i]; // test.rs:2
                if (t < p.a_len) {
                    a[t] = (int)((uint)a[t] + 1u);
                } else {
                    falx_fail(&falx_failed, 1, 1, t);
                }
                falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
            }
        "#]],
    );
}

#[test]
fn statements_keep_the_order_in_which_rust_evaluates() {
    // a[i] = { x += 1; x } + x * { x = 7; x };
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::I32, 1, AccessMode::Write));
    let (item, i) = usize_item(&mut sketch);
    let five = sketch.integer(Scalar::I32, 5);
    let (let_x, x) = sketch.let_("x", scalar(Scalar::I32), true, five);
    let one = sketch.integer(Scalar::I32, 1);
    let first = braces(giving(vec![assign_operation(BinaryOperator::Add, get(x), one)], get(x)));
    let seven = sketch.integer(Scalar::I32, 7);
    let last = braces(giving(vec![assign(get(x), seven)], get(x)));
    let sum = binary(BinaryOperator::Add, first, binary(BinaryOperator::Multiply, get(x), last));
    let body = block(vec![let_x, assign(index(get(a), get(i)), sum)]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global int *a)
            {
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                int x = 5; // test.rs:1
                x = (int)((uint)x + 1u); // test.rs:2
                const int t_1 = x;
                const int t = x;
                x = 7;
                a[i] = (int)((uint)t_1 + (uint)t * (uint)x);
            }
        "#]],
    );
}

/// `for j in start..end { .. }` over `usize`.
fn for_usize(
    sketch: &mut Sketch,
    id: LoopRef,
    start: Expression,
    end: Expression,
    inclusive: bool,
    body: impl FnOnce(&mut Sketch, LocalRef) -> Block,
) -> Expression {
    let (pattern, j) = sketch.bind("j", scalar(Scalar::Usize), false);
    let ty = sketch.ty(scalar(Scalar::Usize));
    let body = body(sketch, j);
    let [start, end] = [start, end].map(|e| &*Box::leak(Box::new(e)));
    at(ExpressionKind::For { id, pattern, start, end, inclusive, ty, body })
}

#[test]
fn loops_break_and_continue_by_label_and_give_values() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U64, 1, AccessMode::ReadWrite));
    let (item, i) = usize_item(&mut sketch);
    let [zero, three, ten] = [0, 3, 10].map(|n| sketch.integer(Scalar::Usize, n));
    let inner = for_usize(&mut sketch, 1, zero, ten, true, |sketch, j| {
        let is_j = |sketch: &mut Sketch, n| {
            let n = sketch.integer(Scalar::Usize, n);
            binary(BinaryOperator::Equal, get(j), n)
        };
        let [four, five] = [4, 5].map(|n| is_j(sketch, n));
        let value = index(get(a), get(j));
        block(vec![
            run(if_(four, block(vec![run(continue_(0))]), None)),
            run(if_(five, block(vec![run(break_(0, Some(value)))]), None)),
        ])
    });
    let outer = loop_(0, block(vec![run(inner)]));
    let (let_x, x) = sketch.let_("max", scalar(Scalar::U64), false, outer);
    let condition = binary(BinaryOperator::Less, get(i), three);
    let store = assign(index(get(a), get(i)), get(x));
    let body = block(vec![let_x, run(while_(2, condition, block(vec![store])))]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global ulong *a)
            {
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                ulong t; // test.rs:1
                for (;;) {
                    for (ulong j = 0UL; j <= 10UL; ++j) { // test.rs:2
                        if (j == 4UL) {
                            goto falx_continue_1;
                        }
                        if (j == 5UL) {
                            t = a[j];
                            goto falx_break_2;
                        }
                    }
                falx_continue_1: ;
                }
                falx_break_2: ;
                const ulong max_ = t;
                while (i < 3UL) {
                    a[i] = max_;
                }
            }
        "#]],
    );
}

#[test]
fn division_by_a_constant_needs_no_check_and_by_a_captured_number_does_unless_the_launch_shows_it() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::I32, 1, AccessMode::Write));
    let x = sketch.capture("x", scalar(Scalar::I32));
    let (item, i) = usize_item(&mut sketch);
    let three = sketch.integer(Scalar::I32, 3);
    let sum = binary(
        BinaryOperator::Subtract,
        binary(BinaryOperator::Divide, get(x), three),
        binary(BinaryOperator::Remainder, three_of(&mut sketch), get(x)),
    );
    let body = block(vec![assign(index(get(a), get(i)), sum)]);
    let kernel = sketch.kernel(item, body);
    assert!(!kernel.lower_with_room(ShapeKind::Range(1)).unwrap().text.contains("falx_fail"));
    let source = kernel.lower(ShapeKind::Range(1)).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global int *a, __global ulong *falx_trap)
            {
                falx_failure falx_failed = {0};
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                int t = 0; // test.rs:2
                if (p.x != 0 && (p.x != -1 || 3 != (-2147483647 - 1))) {
                    t = 3 % p.x;
                } else {
                    falx_fail(&falx_failed, 1, 0, 0);
                }
                if (i < p.a_len) {
                    a[i] = (int)((uint)(p.x / 3) - (uint)t);
                } else {
                    falx_fail(&falx_failed, 2, 1, i);
                }
                falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
            }
        "#]],
    );
}

fn three_of(sketch: &mut Sketch) -> Expression {
    sketch.integer(Scalar::I32, 3)
}

#[test]
fn ifs_with_effects_become_statements_and_without_become_choices() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::F32, 1, AccessMode::ReadWrite));
    let (item, i) = usize_item(&mut sketch);
    let (let_x, x) = sketch.let_("x", scalar(Scalar::F32), true, index(get(a), get(i)));
    let zero = sketch.float(Scalar::F32, "0.0");
    let condition = binary(BinaryOperator::Less, get(x), zero);
    let tenth = sketch.float(Scalar::F32, "0.1");
    let plain = if_(
        condition,
        giving(vec![], unary(UnaryOperator::Negate, get(x))),
        Some(braces(giving(vec![], get(x)))),
    );
    let (let_y, y) = sketch.let_("y", scalar(Scalar::F32), false, plain);
    let busy = giving(vec![assign(get(x), tenth)], get(y));
    let condition = logic(
        LogicOperator::And,
        binary(BinaryOperator::Less, get(y), get(x)),
        binary(BinaryOperator::Less, sketch.float(Scalar::F32, "1.0"), get(y)),
    );
    let choice = if_(condition, busy, Some(braces(giving(vec![], get(x)))));
    let body = block(vec![let_x, let_y, assign(index(get(a), get(i)), choice)]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global float *a)
            {
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                float x = a[i]; // test.rs:1
                const float y = x < 0.0f ? -x : x;
                float t; // test.rs:2
                if (y < x && 1.0f < y) {
                    x = 0x1.99999ap-4f;
                    t = y;
                } else {
                    t = x;
                }
                a[i] = t;
            }
        "#]],
    );
}

#[test]
fn private_arrays_are_structs_and_constant_indices_into_them_are_unchecked() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::F32, 1, AccessMode::ReadWrite));
    let (item, i) = usize_item(&mut sketch);
    let array = Type::Array(Box::new(scalar(Scalar::F32)), 4);
    let ty = sketch.ty(array.clone());
    let zero = sketch.float(Scalar::F32, "0.0");
    let zeros = at(ExpressionKind::Repeat(Box::leak(Box::new(zero)), ty));
    let (let_t, t) = sketch.let_("t", array, true, zeros);
    let one = sketch.integer(Scalar::Usize, 1);
    let first = assign(index(get(t), one), index(get(a), get(i)));
    let four = sketch.integer(Scalar::Usize, 4);
    let masked = binary(BinaryOperator::Remainder, get(i), four);
    let last = assign(index(get(a), get(i)), index(get(t), masked));
    let source = sketch.lower(item, ShapeKind::Range(1), block(vec![let_t, first, last])).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global float *a)
            {
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                falx_float_4 t = {{0}}; // test.rs:1
                t.v[1UL] = a[i]; // test.rs:2
                a[i] = t.v[i % 4UL];
            }
        "#]],
    );
}

fn nd_item(sketch: &mut Sketch, dimensions: usize) -> ((Pattern, Type), LocalRef) {
    let ty = Type::Item(ItemKind::NdItem, dimensions);
    let (pattern, it) = sketch.bind("it", ty.clone(), false);
    ((pattern, ty), it)
}

#[test]
fn a_tiled_transpose_is_proven_by_its_ids() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::F32, 2, AccessMode::Read));
    let tile = sketch.capture("tile", local_memory(Scalar::F32, 2));
    let b = sketch.capture("b", global(Scalar::F32, 2, AccessMode::Write));
    let (item, it) = nd_item(&mut sketch, 2);
    let pair = |sketch: &mut Sketch, call, names: [&'static str; 2]| {
        let parts = names.map(|name| sketch.bind(name, scalar(Scalar::Usize), false));
        let locals = [parts[0].1, parts[1].1];
        let pattern = Pattern::Array(Vec::from(parts.map(|part| part.0)).leak());
        (Statement::Let { pattern, value: Some(method(get(it), call, vec![])), line: 2 }, locals)
    };
    let (let_global, [row, column]) = pair(&mut sketch, "global_id", ["row", "column"]);
    let (let_local, [y, x]) = pair(&mut sketch, "local_id", ["y", "x"]);
    let ty = sketch.ty(Type::Array(Box::new(scalar(Scalar::Usize)), 2));
    let two = |first, second| at(ExpressionKind::Array(vec![get(first), get(second)].leak(), ty));
    let body = block(vec![
        let_global,
        let_local,
        assign(index(get(tile), two(y, x)), index(get(a), two(row, column))),
        run(method(get(it), "barrier", vec![])),
        assign(index(get(b), two(column, row)), index(get(tile), two(y, x))),
    ]);
    let source = sketch.lower(item, ShapeKind::NdRange(2), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global const float *a, __local float *tile, __global float *b)
            {
                const ulong row = get_global_id(1); // test.rs:2
                const ulong column = get_global_id(0);
                const ulong y = get_local_id(1);
                const ulong x = get_local_id(0);
                tile[y * p.tile_stride_0 + x] = a[row * p.a_len_1 + column];
                barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
                b[column * p.b_len_1 + row] = tile[y * p.tile_stride_0 + x];
            }
        "#]],
    );
}

fn halve() -> Definition {
    Definition { tree: &HALVE, types: vec![scalar(Scalar::F32)], constants: Vec::new() }
}

static HALF: Expression =
    Expression { kind: ExpressionKind::Float { digits: "0.5", ty: LiteralType::Witness(0) }, line: 8 };
static X: Expression = Expression { kind: ExpressionKind::Local(0), line: 8 };
static HALVED: Expression =
    Expression { kind: ExpressionKind::Binary(BinaryOperator::Multiply, &X, &HALF, None), line: 8 };
static HALVE: Function = Function {
    changes_receiver: false,
    has_barrier: false,
    name: "half",
    file: "src/test.rs",
    line: 7,
    parameters: &[Parameter { name: "x", local: 0, ty: 0 }],
    constants: &[],
    result: Some(0),
    body: Block { statements: &[], value: Some(&HALVED) },
};

#[test]
fn device_functions_are_printed_before_the_kernel_under_a_free_name() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::F32, 1, AccessMode::ReadWrite));
    let (item, i) = usize_item(&mut sketch);
    let half = sketch.ty(function::<u8>(halve));
    let twice = call(half, vec![call(half, vec![index(get(a), get(i))])]);
    let body = block(vec![assign(index(get(a), get(i)), twice)]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            // src/test.rs:7
            static float half_(float x)
            {
                return x * 0.5f; // test.rs:8
            }

            __kernel void falx_test(const falx_params p, __global float *a)
            {
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                a[i] = half_(half_(a[i])); // test.rs:2
            }
        "#]],
    );
}

#[test]
fn atomics_check_their_index_and_read_by_a_volatile_load() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("bins", global(Scalar::U32, 1, AccessMode::ReadWrite));
    let bin = sketch.capture("bin", scalar(Scalar::Usize));
    let (item, _) = usize_item(&mut sketch);
    let one = sketch.integer(Scalar::U32, 1);
    let body = block(vec![run(method(method(get(a), "atomic", vec![get(bin)]), "fetch_add", vec![one]))]);
    let source = sketch.lower(item, ShapeKind::Range(1), body).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global uint *bins, __global ulong *falx_trap)
            {
                falx_failure falx_failed = {0};
                if (get_global_id(0) >= p.falx_range_2) return;
                const ulong i = get_global_id(0);
                uint t = 0u; // test.rs:2
                if (p.bin < p.bins_len) {
                    t = atomic_add((volatile __global uint *)&bins[p.bin], 1u);
                } else {
                    falx_fail(&falx_failed, 1, 1, p.bin);
                }
                falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
            }
        "#]],
    );
}

#[test]
fn loops_up_to_an_extent_or_a_captured_scalar_are_proven_at_launch() {
    // for k in 0..a.len() { a[k] = b[k] }  for k in 0..n { a[k] = 0 }
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U32, 1, AccessMode::Write));
    let b = sketch.capture("b", global(Scalar::U32, 1, AccessMode::Read));
    let n = sketch.capture("n", scalar(Scalar::Usize));
    let (item, _) = usize_item(&mut sketch);
    let [zero, also_zero] = [0, 0].map(|n| sketch.integer(Scalar::Usize, n));
    let value = sketch.integer(Scalar::U32, 0);
    let copy = for_usize(&mut sketch, 0, zero, method(get(a), "len", vec![]), false, |_, k| {
        block(vec![assign(index(get(a), get(k)), index(get(b), get(k)))])
    });
    let clear = for_usize(&mut sketch, 1, also_zero, get(n), false, |_, k| {
        block(vec![assign(index(get(a), get(k)), value)])
    });
    let kernel = sketch.kernel(item, block(vec![run(copy), run(clear)]));
    let source = kernel.lower_with_room(ShapeKind::Single).unwrap();
    check(
        &source,
        expect![[r#"
            __kernel void falx_test(const falx_params p, __global uint *a, __global const uint *b)
            {
                const ulong i = get_global_id(0);
                for (ulong j = 0UL; j < p.a_len; ++j) { // test.rs:2
                    a[j] = b[j];
                }
                for (ulong j_1 = 0UL; j_1 < p.n; ++j_1) {
                    a[j_1] = 0u;
                }
            }
        "#]],
    );
    let shape = LaunchShape { kind: ShapeKind::Single, global: [1; 3], local: [1; 3] };
    let number = |n: u64| crate::kernel::Argument::Value(n.to_ne_bytes().into_iter().collect());
    let open = |arguments: [_; 3]| source.footprint.examine(&arguments, &shape, false).open.iter().count();
    assert_eq!(open([whole(10), whole(10), number(10)]), 0);
    assert_eq!(open([whole(10), whole(9), number(10)]), 1);
    assert_eq!(open([whole(10), whole(10), number(11)]), 1);
    let bytes = source.signature.encode(&[whole(10), whole(12), number(11)], &shape, 0);
    let words: Vec<u64> = bytes.chunks_exact(8).map(|b| u64::from_ne_bytes(b.try_into().unwrap())).collect();
    // The extent of `a`, and `n`, in the order of their first use.
    assert_eq!(words, [10, 11]);
}

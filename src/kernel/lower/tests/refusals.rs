//! What is no kernel, and how that is said.

use super::*;

#[test]
fn a_barrier_under_a_condition_on_the_item_is_refused() {
    let mut sketch = Sketch::new();
    let (item, it) = nd_item(&mut sketch, 1);
    let zero = sketch.integer(Scalar::Usize, 0);
    let id = sketch.integer(Scalar::Usize, 0);
    let first = index(method(get(it), "local_id", vec![]), zero);
    let condition = binary(BinaryOperator::Equal, first, id);
    let barrier = on(3, method(get(it), "barrier", vec![]));
    let body = block(vec![run(if_(condition, block(vec![run(barrier)]), None))]);
    let error = sketch.lower(item, ShapeKind::NdRange(1), body).unwrap_err();
    expect!["src/test.rs:3: this barrier may not be reached by every work-item of a group, because of the condition at src/test.rs:2, which may differ between them; move the barrier out, or let the condition depend on captured scalars, ranges and constants only"].assert_eq(&error.to_string());
}

#[test]
fn a_barrier_after_some_items_returned_is_refused() {
    let mut sketch = Sketch::new();
    let n = sketch.capture("n", scalar(Scalar::Usize));
    let (item, it) = nd_item(&mut sketch, 1);
    let condition = binary(BinaryOperator::Less, method(get(it), "global_linear_id", vec![]), get(n));
    let leave = if_(condition, block(vec![run(return_(None))]), None);
    let body = block(vec![run(leave), run(on(9, method(get(it), "barrier", vec![])))]);
    let error = sketch.lower(item, ShapeKind::NdRange(1), body).unwrap_err();
    expect!["src/test.rs:9: this barrier may not be reached by every work-item of a group, because of the condition at src/test.rs:2, which may differ between them; move the barrier out, or let the condition depend on captured scalars, ranges and constants only"].assert_eq(&error.to_string());
}

#[test]
fn a_barrier_in_a_loop_over_a_captured_scalar_is_allowed() {
    let mut sketch = Sketch::new();
    let n = sketch.capture("n", scalar(Scalar::Usize));
    let (item, it) = nd_item(&mut sketch, 1);
    let zero = sketch.integer(Scalar::Usize, 0);
    let repeat = for_usize(&mut sketch, 0, zero, get(n), false, |_, _| {
        block(vec![run(method(get(it), "barrier", vec![]))])
    });
    let source = sketch.lower(item, ShapeKind::NdRange(1), block(vec![run(repeat)])).unwrap();
    check(
        &source,
        expect![[r#"
        __kernel void falx_test(const falx_params p)
        {
            for (ulong j = 0UL; j < p.n; ++j) { // test.rs:2
                barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
            }
        }
    "#]],
    );
}

static AGAIN: Expression = Expression { kind: ExpressionKind::Call { function: 0, arguments: &[] }, line: 4 };

fn ping() -> Definition {
    Definition { tree: &PING, types: vec![function::<u16>(ping)], constants: Vec::new() }
}

static PING: Function = Function {
    changes_receiver: false,
    has_barrier: false,
    name: "ping",
    file: "src/test.rs",
    line: 3,
    parameters: &[],
    constants: &[],
    result: None,
    body: Block { statements: &[], value: Some(&AGAIN) },
};

fn meet() -> Definition {
    Definition { tree: &MEET, types: vec![Type::Item(ItemKind::NdItem, 1)], constants: Vec::new() }
}

static IT: Expression = Expression { kind: ExpressionKind::Local(0), line: 9 };
static MEETING: Expression = Expression {
    kind: ExpressionKind::Method {
        receiver: &IT,
        name: "barrier",
        arguments: &[],
        site: &Site::new("src/function.rs", 9, 5, "it.barrier()"),
    },
    line: 9,
};
static MEET: Function = Function {
    changes_receiver: false,
    has_barrier: true,
    name: "meet",
    file: "src/function.rs",
    line: 8,
    parameters: &[Parameter { name: "it", local: 0, ty: 0 }],
    constants: &[],
    result: None,
    body: Block { statements: &[], value: Some(&MEETING) },
};

#[test]
fn a_barrier_of_an_inlined_function_is_named_by_the_file_of_the_function() {
    let mut sketch = Sketch::new();
    let (item, it) = nd_item(&mut sketch, 1);
    let (zero, id) = (sketch.integer(Scalar::Usize, 0), sketch.integer(Scalar::Usize, 0));
    let first = index(method(get(it), "local_id", vec![]), zero);
    let callee = sketch.ty(function::<u32>(meet));
    let then = block(vec![run(call(callee, vec![get(it)]))]);
    let body = block(vec![run(if_(binary(BinaryOperator::Equal, first, id), then, None))]);
    let error = sketch.lower(item, ShapeKind::NdRange(1), body).unwrap_err();
    let text = error.to_string();
    let expected = "src/function.rs:9: this barrier may not be reached by every work-item of a group, because of the condition at \
                    src/test.rs:2,";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn recursion_is_refused_with_its_cycle() {
    let mut sketch = Sketch::new();
    let (item, _) = usize_item(&mut sketch);
    let callee = sketch.ty(function::<u16>(ping));
    let body = block(vec![run(call(callee, vec![]))]);
    let error = sketch.lower(item, ShapeKind::Range(1), body).unwrap_err();
    expect!["src/test.rs:4: device functions cannot be recursive: `ping` (src/test.rs:3) -> `ping`; write it as a loop"]
        .assert_eq(&error.to_string());
}

#[test]
fn an_unknown_method_is_refused_with_the_type_it_is_missing_from() {
    let mut sketch = Sketch::new();
    let (item, i) = usize_item(&mut sketch);
    let body = block(vec![run(method(get(i), "sqrt", vec![]))]);
    let error = sketch.lower(item, ShapeKind::Range(1), body).unwrap_err();
    expect!["src/test.rs:2: `usize` has no method `sqrt` in a kernel"].assert_eq(&error.to_string());
}

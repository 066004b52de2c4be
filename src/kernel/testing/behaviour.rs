//! Control flow, local memory, atomics and traps on every OpenCL device.

use super::device::{devices, name, run as run_on};
use super::*;
use crate::kernel::types::ItemKind;
use crate::kernel::{Failure, LaunchShape};

fn range(size: usize) -> LaunchShape {
    LaunchShape { kind: ShapeKind::Range(1), global: [1, 1, size], local: [1; 3] }
}

fn bytes<T: bytemuck::Pod>(values: &[T]) -> Vec<u8> {
    bytemuck::cast_slice(values).to_vec()
}

fn values<T: bytemuck::Pod>(bytes: &[u8]) -> Vec<T> {
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()
}

/// A kernel over one `u32` buffer `a`, whose body is made from the buffer and the item.
fn over_u32(body: impl FnOnce(&mut Sketch, LocalRef, LocalRef) -> Vec<Statement>) -> Sketched {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U32, 1, AccessMode::ReadWrite));
    let (item, i) = sketch.bind("i", scalar(Scalar::Usize), false);
    let statements = body(&mut sketch, a, i);
    sketch.kernel((item, scalar(Scalar::Usize)), block(statements))
}

fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// `for name in start..end` over a scalar type.
fn for_(
    sketch: &mut Sketch,
    id: LoopRef,
    ty: Scalar,
    bounds: (i128, i128),
    inclusive: bool,
    body: impl FnOnce(&mut Sketch, LocalRef) -> Block,
) -> Statement {
    let (pattern, j) = sketch.bind("j", scalar(ty), false);
    let witness = sketch.ty(scalar(ty));
    let [start, end] = [bounds.0, bounds.1].map(|n| keep(sketch.integer(ty, n)));
    let body = body(sketch, j);
    run(at(ExpressionKind::For { id, pattern, start, end, inclusive, ty: witness, body }))
}

#[test]
fn for_loops_run_as_often_as_in_rust() {
    let ranges = [
        (0, 3, false),
        (3, 3, false),
        (5, 2, false),
        (250, 255, true),
        (0, 255, true),
        (255, 255, true),
        (7, 3, true),
    ];
    let kernel = over_u32(|sketch, a, _| {
        ranges
            .iter()
            .enumerate()
            .map(|(n, &(start, end, inclusive))| {
                for_(sketch, n as u16, Scalar::U8, (start, end), inclusive, |sketch, j| {
                    let place = sketch.integer(Scalar::Usize, n as i128);
                    let value = sketch.cast(get(j), Scalar::U32);
                    let thousand = sketch.integer(Scalar::U32, 1000);
                    let step = binary(BinaryOperator::Add, value, thousand);
                    block(vec![assign_operation(BinaryOperator::Add, index(get(a), place), step)])
                })
            })
            .collect()
    });
    let expected: Vec<u32> = ranges
        .iter()
        .map(|&(start, end, inclusive)| {
            let all: Vec<u32> = if inclusive {
                (start as u32..=end as u32).collect()
            } else {
                (start as u32..end as u32).collect()
            };
            all.iter().map(|j| j + 1000).sum()
        })
        .collect();
    let sources = [kernel.lower_for(&[whole(7)], &range(1)), kernel.lower(ShapeKind::Range(1))];
    for source in sources.map(Result::unwrap) {
        for device in devices() {
            let mut buffers = [bytes(&[0u32; 7])];
            assert_eq!(run_on(device, &source, &[whole(7)], &range(1), &mut buffers), None);
            assert_eq!(values::<u32>(&buffers[0]), expected, "{}", name(device));
        }
    }
}

#[test]
fn labelled_breaks_and_continues_leave_the_loop_they_name() {
    // 'a: for j in 0..10 { for k in 0..10 { if k == 3 { continue 'a } if j == i { break 'a } a[i] += 1 } }
    let kernel = over_u32(|sketch, a, i| {
        let outer = for_(sketch, 0, Scalar::Usize, (0, 10), false, |sketch, j| {
            let inner = for_(sketch, 1, Scalar::Usize, (0, 10), false, |sketch, k| {
                let three = sketch.integer(Scalar::Usize, 3);
                let one = sketch.integer(Scalar::U32, 1);
                block(vec![
                    run(if_(
                        binary(BinaryOperator::Equal, get(k), three),
                        block(vec![run(continue_(0))]),
                        None,
                    )),
                    run(if_(
                        binary(BinaryOperator::Equal, get(j), get(i)),
                        block(vec![run(break_(0, None))]),
                        None,
                    )),
                    assign_operation(BinaryOperator::Add, index(get(a), get(i)), one),
                ])
            });
            block(vec![inner])
        });
        vec![outer]
    });
    let source = kernel.lower_for(&[whole(40)], &range(40)).unwrap();
    let expected: Vec<u32> = (0..40).map(|i| 3 * i.min(10)).collect();
    for device in devices() {
        let mut buffers = [bytes(&[0u32; 40])];
        assert_eq!(run_on(device, &source, &[whole(40)], &range(40), &mut buffers), None);
        assert_eq!(values::<u32>(&buffers[0]), expected, "{}", name(device));
    }
}

#[test]
fn a_bad_index_is_reported_with_its_work_item_and_nothing_else_is_touched() {
    // a[i * 3] = 1
    let kernel = over_u32(|sketch, a, i| {
        let three = sketch.integer(Scalar::Usize, 3);
        let one = sketch.integer(Scalar::U32, 1);
        vec![assign(index(get(a), binary(BinaryOperator::Multiply, get(i), three)), one)]
    });
    let source = kernel.lower_for(&[whole(50)], &range(20)).unwrap();
    for device in devices() {
        let mut buffers = [bytes(&[0u32; 100])];
        let trap = run_on(device, &source, &[whole(50)], &range(20), &mut buffers).unwrap();
        assert_eq!(trap.item, 17);
        let text = trap.site.describe("scatter", trap.item, &range(20));
        let expected = "kernel `scatter` at src/test.rs:2:5: index 51 out of range 50 in `a`, work-item 17";
        assert_eq!(text, expected, "{}", name(device));
        let expected: Vec<u32> = (0..100).map(|n| u32::from(n < 50 && n % 3 == 0)).collect();
        assert_eq!(values::<u32>(&buffers[0]), expected);
    }
}

#[test]
fn a_division_by_zero_is_reported_and_gives_zero() {
    let kernel = over_u32(|sketch, a, i| {
        let hundred = sketch.integer(Scalar::U32, 100);
        vec![assign(index(get(a), get(i)), binary(BinaryOperator::Divide, hundred, index(get(a), get(i))))]
    });
    let source = kernel.lower_for(&[whole(3)], &range(3)).unwrap();
    for device in devices() {
        let mut buffers = [bytes(&[5u32, 0, 7])];
        let trap = run_on(device, &source, &[whole(3)], &range(3), &mut buffers).unwrap();
        assert!(matches!(trap.site, Failure::Division { .. }), "{}", name(device));
        assert_eq!((trap.item, values::<u32>(&buffers[0])), (1, vec![20, 0, 14]));
    }
}

#[test]
fn groups_reverse_through_local_memory_across_a_barrier() {
    // tile[l] = a[g]; barrier; a[g] = tile[15 - l]; and counts with atomics
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U32, 1, AccessMode::ReadWrite));
    let tile = sketch.capture("tile", local_memory(Scalar::U32, 1));
    let count = sketch.capture("count", global(Scalar::U32, 1, AccessMode::ReadWrite));
    let ty = Type::Item(ItemKind::NdItem, 1);
    let (item, it) = sketch.bind("it", ty.clone(), false);
    let component = |sketch: &mut Sketch, call| {
        let zero = sketch.integer(Scalar::Usize, 0);
        index(method(get(it), call, vec![]), zero)
    };
    let value = component(&mut sketch, "global_id");
    let (let_g, g) = sketch.let_("g", scalar(Scalar::Usize), false, value);
    let value = component(&mut sketch, "local_id");
    let (let_l, l) = sketch.let_("l", scalar(Scalar::Usize), false, value);
    let fifteen = sketch.integer(Scalar::Usize, 15);
    let zero = sketch.integer(Scalar::Usize, 0);
    let two = sketch.integer(Scalar::U32, 2);
    let body = block(vec![
        let_g,
        let_l,
        assign(index(get(tile), get(l)), index(get(a), get(g))),
        run(method(get(it), "barrier", vec![])),
        assign(index(get(a), get(g)), index(get(tile), binary(BinaryOperator::Subtract, fifteen, get(l)))),
        run(method(method(get(count), "atomic", vec![zero]), "fetch_add", vec![two])),
    ]);
    let shape = LaunchShape { kind: ShapeKind::NdRange(1), global: [1, 1, 64], local: [1, 1, 16] };
    let view = crate::kernel::ViewShape::whole(crate::geometry::Range([16]));
    let arguments = [whole(64), Argument::Local { group: 0, size_bytes: 64, view }, whole(1)];
    let source = sketch.kernel((item, ty), body).lower_for(&arguments, &shape).unwrap();
    assert!(!source.signature.traps);
    let input: Vec<u32> = (0..64).collect();
    let expected: Vec<u32> = (0..64).map(|n| n / 16 * 16 + 15 - n % 16).collect();
    for device in devices() {
        let mut buffers = [bytes(&input), bytes(&[0u32])];
        assert_eq!(run_on(device, &source, &arguments, &shape, &mut buffers), None);
        assert_eq!(values::<u32>(&buffers[0]), expected, "{}", name(device));
        assert_eq!(values::<u32>(&buffers[1]), [128]);
    }
}

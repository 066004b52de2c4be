//! Groups and sub-groups combine values by operators of the program's own, with the same bits on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// Sizes of work-groups: powers of two, others, and one.
const SIZES: [usize; 4] = [1, 7, 32, 44];

/// `x * scale + offset`, of which one after the other is one again, which depends on their order.
#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    scale: f32,
    offset: f32,
    count: u32,
}

#[device]
impl Step {
    fn then(self, next: Step) -> Step {
        let Step { scale, offset, count } = self;
        Step {
            scale: scale * next.scale,
            offset: offset * next.scale + next.offset,
            count: count + next.count,
        }
    }
}

const NOTHING: Step = Step { scale: 1.0, offset: 0.0, count: 0 };

fn step(k: usize) -> Step {
    let x = (k as u32).wrapping_mul(2654435761) as f32 / 4294967296.0;
    Step { scale: 0.5 + x, offset: x * 3.0 - 1.0, count: 1 }
}

/// What the definition gives: the largest blocks first, from left to right.
fn reduced<T: Copy>(values: &[T], join: impl Fn(T, T) -> T + Copy) -> T {
    fn block<T: Copy>(values: &[T], join: impl Fn(T, T) -> T + Copy) -> T {
        match values {
            [value] => *value,
            values => {
                let (left, right) = values.split_at(values.len() / 2);
                join(block(left, join), block(right, join))
            }
        }
    }
    let (first, mut rest) = values.split_at(1 << values.len().ilog2());
    let mut total = block(first, join);
    while !rest.is_empty() {
        let (first, others) = rest.split_at(1 << rest.len().ilog2());
        total = join(total, block(first, join));
        rest = others;
    }
    total
}

/// For each value of each run of so many: the reduction, the inclusive and the exclusive scan.
fn expected<T: Copy>(runs: &[&[T]], identity: T, join: impl Fn(T, T) -> T + Copy) -> Vec<T> {
    let mut all = Vec::new();
    for run in runs {
        for own in 0..run.len() {
            let before = if own == 0 { identity } else { reduced(&run[..own], join) };
            all.extend([reduced(run, join), reduced(&run[..=own], join), before]);
        }
    }
    all
}

#[test]
fn a_work_group_combines_structs_in_the_order_of_its_work_items() {
    on_each_device(|queue| {
        for size in SIZES {
            let values: Vec<Step> = (0..3 * size).map(step).collect();
            let (from, to) = (Buffer::from(values.clone()), Buffer::<Step>::new(9 * size));
            let then = operator!(|a: Step, b: Step| a.then(b));
            queue
                .submit(|h| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for(
                        NdRange::new(3 * size, size),
                        kernel!(move |it: NdItem<1>| {
                            let [k] = it.global_id();
                            let group = it.group();
                            to[3 * k] = group.reduce_with(from[k], then);
                            to[3 * k + 1] = group.inclusive_scan_with(from[k], then);
                            to[3 * k + 2] = group.exclusive_scan_with(from[k], NOTHING, then);
                        }),
                    )
                })
                .unwrap();
            let runs: Vec<_> = values.chunks(size).collect();
            assert_eq!(*to.host_read().unwrap(), expected(&runs, NOTHING, Step::then), "groups of {size}");
        }
    });
}

#[test]
fn a_sub_group_combines_numbers_in_the_order_of_its_work_items() {
    on_each_device(|queue| {
        for size in SIZES {
            let values: Vec<f32> = (0..2 * size).map(|k| step(k).scale).collect();
            let (from, to) = (Buffer::from(values.clone()), Buffer::<f32>::new(6 * size));
            let most = Buffer::<u32>::new(1);
            let mixed = operator!(|a: f32, b: f32| -> f32 { a * 0.75 + b });
            queue
                .submit(|h| {
                    let (from, to, most) = (from.read(h), to.write(h).no_init(), most.write(h));
                    h.parallel_for(
                        NdRange::new(2 * size, size),
                        kernel!(move |it: NdItem<1>| {
                            let [k] = it.global_id();
                            let sub = it.sub_group();
                            most[0] = sub.max_size() as u32;
                            to[3 * k] = sub.reduce_with(from[k], mixed);
                            to[3 * k + 1] = sub.inclusive_scan_with(from[k], mixed);
                            to[3 * k + 2] = sub.exclusive_scan_with(from[k], -1.0, mixed);
                        }),
                    )
                })
                .unwrap();
            let most = most.host_read().unwrap()[0] as usize;
            let runs: Vec<_> = values.chunks(size).flat_map(|group| group.chunks(most)).collect();
            let expected = expected(&runs, -1.0, |a, b| a * 0.75 + b);
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&to.host_read().unwrap()), bits(&expected), "groups of {size}");
        }
    });
}

#[test]
fn groups_of_two_dimensions_combine_tuples_beside_other_operations() {
    on_each_device(|queue| {
        let out = Buffer::<u64>::new(48);
        let first = operator!(|a: (u16, bool, u64), b: (u16, bool, u64)| {
            if b.0 < a.0 || b.0 == a.0 && b.1 && !a.1 { b } else { a }
        });
        let packed = operator!(|a: u64, b: u64| a * 3 + b);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new([4, 12], [2, 12]),
                    kernel!(move |it: NdItem<2>| {
                        let k = it.global_linear_id();
                        let group = it.group();
                        let key = (7 * it.local_linear_id() + 5) % 11;
                        let (least, found, place) =
                            group.reduce_with((key as u16, k % 2 == 1, k as u64), first);
                        let mut sum = group.reduce_sum(k as u64);
                        if found {
                            sum += group.size() as u64;
                        }
                        out[k] = it.sub_group().inclusive_scan_with(k as u64, packed)
                            + sum
                            + place * 1000
                            + least as u64;
                    }),
                )
            })
            .unwrap();
        let mut expected = Vec::new();
        for group in 0..2u64 {
            let items: Vec<u64> = (0..24).map(|local| 24 * group + local).collect();
            let key = |k: &u64| ((7 * (k - 24 * group) + 5) % 11, k % 2 == 0);
            let place = *items.iter().min_by_key(|k| key(k)).unwrap();
            let sum = items.iter().sum::<u64>() + if place % 2 == 1 { 24 } else { 0 };
            for run in items.chunks(16) {
                for own in 0..run.len() {
                    let scan = reduced(&run[..=own], |a: u64, b: u64| a.wrapping_mul(3).wrapping_add(b));
                    expected.push(scan + sum + place * 1000 + key(&place).0);
                }
            }
        }
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn an_operator_that_fails_is_an_error_of_the_launch() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(8);
        let ratio = operator!(|a: u32, b: u32| a / b);
        let bounded = operator!(|a: u32, b: u32| {
            assert!(a + b < 20, "{a} and {b}");
            a + b
        });
        let divides = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    let [k] = it.global_id();
                    out[k] = it.group().reduce_with(if k == 3 { 0 } else { 8 }, ratio);
                }),
            )
        });
        let error = divides.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("division by zero or of the smallest value by -1 in `a / b`"), "{error}");
        let ends = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    let [k] = it.global_id();
                    out[k] = it.group().reduce_with(k as u32, bounded);
                }),
            )
        });
        let error = ends.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("assertion `a + b < 20` failed: 9 and 13"), "{error}");
    });
}

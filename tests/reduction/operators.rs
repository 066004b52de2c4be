//! Reductions with operators of the program's own.

use super::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Peak {
    height: f32,
    place: u32,
}

const NOWHERE: Peak = Peak { height: f32::NEG_INFINITY, place: u32::MAX };

#[device]
fn is_higher(a: Peak, b: Peak) -> bool {
    a.height > b.height || a.height == b.height && a.place < b.place
}

#[test]
fn operators_of_the_programs_own_combine_structs_beside_other_reductions() {
    on_each_device(|queue| {
        let heights: Vec<f32> = (0..3000u32).map(|k| (k.wrapping_mul(2654435761) >> 20) as f32).collect();
        let from = Buffer::from(heights.clone());
        let (peak, total) = (Buffer::from(vec![NOWHERE]), Buffer::from(vec![5u32]));
        let higher = operator!(|a: Peak, b: Peak| if is_higher(b, a) { b } else { a });
        queue
            .submit(|h| {
                let from = from.read(h);
                h.parallel_for_reduce(
                    3000,
                    (reduction(&peak, NOWHERE, higher), sum(&total)),
                    |(peak, total)| {
                        kernel!(move |i: usize| {
                            peak.combine(Peak { height: from[i], place: i as u32 });
                            total.combine(1);
                        })
                    },
                )
            })
            .unwrap();
        let height = heights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let place = heights.iter().position(|h| *h == height).unwrap() as u32;
        assert_eq!(*peak.host_read().unwrap(), [Peak { height, place }]);
        assert_eq!(*total.host_read().unwrap(), [3005]);
    });
}

/// The sum of squares' roots: depends on the order, as every sum of floats does.
fn hypotenuse(a: f32, b: f32) -> f32 {
    (a * a + b * b).sqrt()
}

#[test]
fn operators_of_the_programs_own_combine_in_the_order_that_is_promised() {
    for count in [0usize, 1, 33, 1000, 40_000] {
        let values: Vec<f32> =
            (0..count as u32).map(|k| (k.wrapping_mul(2654435761) >> 8) as f32 * 0.37).collect();
        let expected = folded(&values, 0.0, 3.0f32, hypotenuse);
        on_each_device(|queue| {
            let (from, kept) = (Buffer::from(values.clone()), Buffer::from(vec![3.0f32]));
            let new = Buffer::<f32>::new(1);
            queue
                .submit(|h| {
                    let from = from.read(h);
                    let length = || operator!(|a: f32, b: f32| -> f32 { (a * a + b * b).sqrt() });
                    let reductions = (
                        reduction(&kept, 0.0, length()),
                        reduction(&new, 0.0, length()).initialize_to_identity(),
                    );
                    h.parallel_for_reduce(count, reductions, |(kept, new)| {
                        kernel!(move |i: usize| {
                            kept.combine(from[i]);
                            new.combine(from[i]);
                        })
                    })
                })
                .unwrap();
            assert_eq!(kept.host_read().unwrap()[0].to_bits(), expected.to_bits(), "{count}");
            let over = folded(&values, 0.0, 0.0f32, hypotenuse);
            assert_eq!(new.host_read().unwrap()[0].to_bits(), over.to_bits(), "{count}");
        });
    }
}

#[test]
fn an_operator_reduces_over_work_groups_with_barriers_and_vectors() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![U32x4::splat(1)]);
        queue
            .submit(|h| {
                let tile = h.local::<u32, 1>(16);
                let add = operator!(|a: U32x4, b: U32x4| a + b);
                h.parallel_for_reduce(
                    NdRange::new(96, 16),
                    reduction(&total, U32x4::splat(0), add),
                    |total| {
                        kernel!(move |it: NdItem<1>| {
                            let own = it.local_id()[0];
                            tile[own] = it.global_id()[0] as u32;
                            it.barrier();
                            total.combine(U32x4::new(1, own as u32, tile[15 - own], 0));
                        })
                    },
                )
            })
            .unwrap();
        assert_eq!(*total.host_read().unwrap(), [U32x4::new(97, 721, 4561, 1)]);
    });
}

#[test]
fn large_elements_of_several_reductions_are_combined_in_parts_of_a_work_group() {
    on_each_device(|queue| {
        let zero = [0u64; 8];
        let (sums, bits) = (Buffer::from(vec![[1u64; 8]]), Buffer::from(vec![zero]));
        let add = || {
            operator!(|a: [u64; 8], b: [u64; 8]| [
                a[0] + b[0],
                a[1] + b[1],
                a[2] + b[2],
                a[3] + b[3],
                a[4] + b[4],
                a[5] + b[5],
                a[6] + b[6],
                a[7] + b[7],
            ])
        };
        let mix = operator!(|a: [u64; 8], b: [u64; 8]| {
            let mut mixed = a;
            for k in 0..8 {
                mixed[k] = a[k] ^ b[k];
            }
            mixed
        });
        queue
            .submit(|h| {
                let reductions = (reduction(&sums, zero, add()), reduction(&bits, zero, mix));
                h.parallel_for_reduce([40, 50], reductions, |(sums, bits)| {
                    kernel!(move |it: Item<2>| {
                        let k = it.linear_id() as u64;
                        sums.combine([k, 1, k % 3, 2, k, 1, k % 3, 2]);
                        bits.combine([k, k * 3, k * 5, k * 7, k, k, k, k << 7]);
                    })
                })
            })
            .unwrap();
        let total = |part: &dyn Fn(u64) -> u64| (0..2000).map(part).sum::<u64>() + 1;
        let [all, threes] = [total(&|k| k), total(&|k| k % 3)];
        assert_eq!(*sums.host_read().unwrap(), [[all, 2001, threes, 4001, all, 2001, threes, 4001]]);
        let mixed = |part: &dyn Fn(u64) -> u64| (0..2000).fold(0, |bits, k| bits ^ part(k));
        let [one, three, five, seven] = [1, 3, 5, 7].map(|factor| mixed(&|k| k * factor));
        assert_eq!(
            *bits.host_read().unwrap(),
            [[one, three, five, seven, one, one, one, mixed(&|k| k << 7)]]
        );
    });
}

#[test]
fn large_elements_are_combined_in_parts_of_a_work_group_that_some_leave_early() {
    on_each_device(|queue| {
        let zero = [0u64; 8];
        let local = Buffer::from(vec![zero]);
        let add = || {
            operator!(|a: [u64; 8], b: [u64; 8]| [
                a[0] + b[0],
                a[1] + b[1],
                a[2] + b[2],
                a[3] + b[3],
                a[4] + b[4],
                a[5] + b[5],
                a[6] + b[6],
                a[7] + b[7],
            ])
        };
        queue
            .submit(|h| {
                h.parallel_for_reduce(NdRange::new(1000, 500), reduction(&local, zero, add()), |sums| {
                    kernel!(move |it: NdItem<1>| {
                        if it.global_linear_id() % 5 == 4 {
                            return;
                        }
                        let k = it.global_linear_id() as u64;
                        sums.combine([k, 1, it.local_linear_id() as u64, 0, 0, 0, k, k]);
                    })
                })
            })
            .unwrap();
        let kept = |part: &dyn Fn(u64) -> u64| (0..1000).filter(|k| k % 5 != 4).map(part).sum::<u64>();
        let all = kept(&|k| k);
        assert_eq!(*local.host_read().unwrap(), [[all, 800, kept(&|k| k % 500), 0, 0, 0, all, all]]);
    });
}

#[test]
fn operators_that_do_not_commute_combine_rows_and_groups_in_order() {
    // The first of two that is not empty, and the last: what a run holds, from the left to the right.
    on_each_device(|queue| {
        let none = [u32::MAX, u32::MAX, 0];
        let (rows, groups) = (Buffer::from(vec![none]), Buffer::from(vec![none]));
        let join = || {
            operator!(|a: [u32; 3], b: [u32; 3]| {
                if a[2] == 0 {
                    b
                } else if b[2] == 0 {
                    a
                } else {
                    [a[0], b[1], a[2] + b[2]]
                }
            })
        };
        queue
            .submit(|h| {
                h.parallel_for_reduce([37, 45], reduction(&rows, none, join()), |rows| {
                    kernel!(move |it: Item<2>| {
                        let k = it.linear_id() as u32;
                        rows.combine([k, k, 1]);
                    })
                })
            })
            .unwrap();
        queue
            .submit(|h| {
                h.parallel_for_reduce(
                    NdRange::new([8, 90], [4, 45]),
                    reduction(&groups, none, join()),
                    |groups| {
                        kernel!(move |it: NdItem<2>| {
                            let group = it.group();
                            let k = (group.group_linear_id() * group.size() + it.local_linear_id()) as u32;
                            if k > 40 && k < 700 {
                                groups.combine([k, k, 1]);
                            }
                        })
                    },
                )
            })
            .unwrap();
        assert_eq!(*rows.host_read().unwrap(), [[0, 37 * 45 - 1, 37 * 45]]);
        assert_eq!(*groups.host_read().unwrap(), [[41, 699, 659]]);
    });
}

#[test]
fn elements_too_large_for_local_memory_are_combined_all_the_same() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![[0u64, 1, 2]]);
        queue
            .submit(|h| {
                let add = operator!(|a: [u64; 3], b: [u64; 3]| [a[0] + b[0], a[1] ^ b[1], a[2].max(b[2])]);
                h.parallel_for_reduce(1000, reduction(&total, [0, 0, 0], add), |total| {
                    kernel!(move |i: usize| total.combine([1, i as u64, i as u64 * 3 % 1000]))
                })
            })
            .unwrap();
        let bits = (0..1000).fold(1, |bits, i| bits ^ i);
        assert_eq!(*total.host_read().unwrap(), [[1000, bits, 999]]);
    });
}

#[test]
fn an_operator_that_panics_spoils_the_result() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![0u32]);
        let checked = operator!(|a: u32, b: u32| {
            assert!(a < 100, "too much");
            a + b
        });
        queue
            .submit(|h| {
                h.parallel_for_reduce(1000, reduction(&total, 0, checked), |total| {
                    kernel!(move |i: usize| total.combine(i as u32))
                })
            })
            .unwrap();
        let text = total.host_read().unwrap_err().to_string();
        assert!(text.contains("assertion `a < 100` failed: too much"), "{text}");
    });
}

//! Loops inside loops end in any number of ways, some the same for all work-items and some not, and each work-item keeps
//! its own result.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::__private::{Variant, opencl_c};
use falx::prelude::*;

same!(a_loop_continued_and_left_from_within_another_keeps_its_sum, usize, |i| {
    let n = i;
    let mut sum = 0usize;
    'outer: for a in 0..20usize {
        for b in 0..a {
            if b * a % 7 == 1 {
                continue 'outer;
            }
            if b * a % 7 == 3 && a > n % 20 {
                break 'outer;
            }
            sum += a + b;
        }
        sum = sum * 3 % 1007;
    }
    sum
});

same!(an_inner_loop_may_be_left_by_all_work_items_or_by_one, usize, |i| {
    let n = i;
    let mut sum = 0usize;
    for a in 0..20usize {
        for b in 0..a {
            if b * a % 7 == 1 || (b * a % 7 == 3 && a > n % 20) {
                break;
            }
            sum += a + b;
        }
        sum = sum * 3 % 1007;
    }
    sum
});

same!(an_inner_loop_may_end_by_its_condition_in_two_ways_and_be_left, usize, |i| {
    let n = i;
    let mut sum = 0usize;
    let mut a = 0usize;
    while a < 20 {
        let mut b = 0usize;
        while b < a && !(b * a % 7 == 1) {
            if b * a % 7 == 3 && a > n % 20 {
                break;
            }
            sum += a + b;
            b += 1;
        }
        sum = sum * 3 % 1007;
        a += 1;
    }
    sum
});

#[device]
fn summed_until(a: usize, n: usize) -> usize {
    let mut sum = 0usize;
    for b in 0..a {
        if b * a % 7 == 1 {
            return sum;
        }
        if b * a % 7 == 3 && a > n % 20 {
            return sum + 1;
        }
        sum += a + b;
    }
    sum * 3 % 11
}

same!(a_loop_in_a_function_called_in_a_loop_may_be_returned_from, usize, |i| {
    let n = i;
    let mut sum = 0usize;
    for a in 0..20usize {
        sum = (sum + summed_until(a, n)) * 3 % 1007;
    }
    sum
});

/// What a work-item of the next test adds up.
fn left_in_three_ways(n: usize) -> usize {
    let mut sum = 0usize;
    for a in 0..20usize {
        for b in 0..a {
            if b * a % 7 == 1 || (b * a % 7 == 3 && a > n % 20) {
                break;
            }
            sum += a + b;
        }
        sum = sum * 3 % 1007;
    }
    sum
}

#[test]
fn work_items_meet_behind_an_inner_loop_that_each_left_in_its_own_way() {
    on_each_device(|queue| {
        let out = Buffer::<usize>::new(64);
        queue
            .submit(|h| {
                let (out, shared) = (out.write(h).no_init(), h.local::<usize, 1>(16));
                h.parallel_for(
                    NdRange::new(64, 16),
                    kernel!(move |it: NdItem<1>| {
                        let n = it.global_id()[0];
                        let own = it.local_id()[0];
                        let mut sum = 0usize;
                        for a in 0..20usize {
                            for b in 0..a {
                                if b * a % 7 == 1 || (b * a % 7 == 3 && a > n % 20) {
                                    break;
                                }
                                sum += a + b;
                            }
                            sum = sum * 3 % 1007;
                        }
                        shared[own] = sum;
                        it.barrier();
                        out[n] = shared[15 - own];
                    }),
                )
            })
            .unwrap();
        let expected: Vec<usize> = (0..64).map(|n| left_in_three_ways(n ^ 15)).collect();
        assert_eq!(out.host_read().unwrap().to_vec(), expected);
    });
}

/// Whether the kernel asks Intel's CPU compiler not to vectorise it.
fn is_unvectorised(kernel: impl Kernel<usize>) -> bool {
    opencl_c(kernel, 64, Variant::Checked).unwrap().contains("__attribute__((intel_vec_len_hint(1)))")
}

#[test]
fn only_kernels_with_many_ways_out_of_an_inner_loop_are_not_to_be_vectorised() {
    let out = Buffer::<usize>::new(64);
    on_each_device(|queue| {
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                let two_ways = kernel!(move |i: usize| {
                    let mut sum = 0usize;
                    for a in 0..20usize {
                        for b in 0..a {
                            if b * a % 7 == 3 && a > i {
                                break;
                            }
                            sum += b;
                        }
                    }
                    out[i] = sum;
                });
                let three_ways_of_one_loop = kernel!(move |i: usize| {
                    let mut sum = 0usize;
                    for b in 0..20usize {
                        if b * 5 % 7 == 1 || b > i {
                            break;
                        }
                        sum += b;
                    }
                    out[i] = sum;
                });
                let three_ways = kernel!(move |i: usize| {
                    let mut sum = 0usize;
                    for a in 0..20usize {
                        for b in 0..a {
                            if b * a % 7 == 1 || a > i {
                                break;
                            }
                            sum += b;
                        }
                    }
                    out[i] = sum;
                });
                assert!(!is_unvectorised(two_ways));
                assert!(!is_unvectorised(three_ways_of_one_loop));
                assert!(is_unvectorised(three_ways));
                h.parallel_for(64, kernel!(move |i: usize| out[i] = i))
            })
            .unwrap();
    });
}

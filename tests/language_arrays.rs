//! Private arrays are values in a kernel as they are in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[device]
fn rotated(a: [u32; 4], by: usize) -> [u32; 4] {
    let mut out = [0; 4];
    for k in 0..4 {
        out[(k + by) % 4] = a[k];
    }
    out
}

#[test]
fn arrays_are_copied_by_assignment_and_by_calls() {
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([16, 4]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    16,
                    kernel!(move |i: usize| {
                        let first = [i as u32, 1, 2, 3];
                        let mut second = first;
                        second[0] = 100;
                        let third = rotated(second, i);
                        second = first;
                        second[3] += third[0];
                        let [a, b, _, d] = second;
                        out[[i, 0]] = a;
                        out[[i, 1]] = b + third[1];
                        out[[i, 2]] = third[2] * 10 + first[0];
                        out[[i, 3]] = d;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..16usize)
            .flat_map(|i| {
                let first = [i as u32, 1, 2, 3];
                let mut third = [100, 1, 2, 3];
                third.rotate_right(i % 4);
                [first[0], first[1] + third[1], third[2] * 10 + first[0], 3 + third[0]]
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn arrays_nest_and_repeat() {
    on_each_device(|queue| {
        let out = Buffer::<i64>::new(20);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    20,
                    kernel!(move |i: usize| {
                        let mut grid = [[1i64; 3]; 5];
                        for y in 0..5 {
                            let mut row = grid[y];
                            for x in 0..3 {
                                row[x] += (x * y + i) as i64;
                            }
                            grid[y] = row;
                        }
                        let mut sum = 0;
                        for y in 0..5 {
                            for x in 0..3 {
                                sum = sum * 3 + grid[y][x];
                            }
                        }
                        out[i] = sum;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<i64> =
            (0..20i64).map(|i| (0..15i64).fold(0, |sum, k| sum * 3 + 1 + (k % 3) * (k / 3) + i)).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_fresh_array_is_made_in_every_turn() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(8);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    8,
                    kernel!(move |i: usize| {
                        let mut sum = 0;
                        for turn in 0..5 {
                            let mut seen = [0u32; 7];
                            seen[turn] += 1;
                            for k in 0..7 {
                                sum += seen[k] * (k as u32 + 1);
                            }
                        }
                        out[i] = sum + i as u32;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [15, 16, 17, 18, 19, 20, 21, 22]);
    });
}

#[test]
fn a_private_sort_gives_sorted_elements() {
    on_each_device(|queue| {
        let from: Vec<f32> = (0..16 * 9).map(|k| ((k * 7919) % 1009) as f32 - 500.5).collect();
        let (source, out) = (Buffer::from(from.clone()), Buffer::<f32>::new(16 * 9));
        queue
            .submit(|h| {
                let (source, out) = (source.read(h), out.write(h).no_init());
                h.parallel_for(
                    16,
                    kernel!(move |i: usize| {
                        let mut a = [0.0f32; 9];
                        for k in 0..9 {
                            a[k] = source[i * 9 + k];
                        }
                        for k in 1..9usize {
                            let x = a[k];
                            let mut j = k;
                            while j > 0 && a[j - 1] > x {
                                a[j] = a[j - 1];
                                j -= 1;
                            }
                            a[j] = x;
                        }
                        for k in 0..9 {
                            out[i * 9 + k] = a[k];
                        }
                    }),
                )
            })
            .unwrap();
        let mut expected = from;
        expected.chunks_mut(9).for_each(|chunk| chunk.sort_by(f32::total_cmp));
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn captured_arrays_and_scalars_of_every_type_arrive_whole() {
    on_each_device(|queue| {
        let out = Buffer::<u64>::new(16);
        let (a, b, c, d) = (-5i8, 250u8, -30000i16, 60000u16);
        let (e, f, g, k) = (i32::MIN, u32::MAX, i64::MIN, u64::MAX);
        let (m, n, p, q) = (isize::MIN, usize::MAX, 1.5f32, true);
        let table = [3u16, 1, 4, 1, 5, 9];
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    out[0] = a as u64;
                    out[1] = b as u64;
                    out[2] = c as u64;
                    out[3] = d as u64;
                    out[4] = e as u64;
                    out[5] = f as u64;
                    out[6] = g as u64;
                    out[7] = k;
                    out[8] = m as u64;
                    out[9] = n as u64;
                    out[10] = p.to_bits() as u64;
                    out[11] = q as u64;
                    let mut sum = 0u64;
                    for t in 0..6 {
                        sum = sum * 10 + table[t] as u64;
                    }
                    out[12] = sum;
                    out[13] = if q { 1 } else { 2 };
                    out[14] = !q as u64;
                    out[15] = 0;
                }))
            })
            .unwrap();
        let expected = [
            a as u64,
            b as u64,
            c as u64,
            d as u64,
            e as u64,
            f as u64,
            g as u64,
            k,
            m as u64,
            n as u64,
            u64::from(p.to_bits()),
            1,
            314159,
            1,
            0,
            0,
        ];
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[device]
fn counted(calls: ReadWrite<'_, u32>, i: usize, value: u32) -> u32 {
    calls[i] = calls[i] * 10 + value;
    value
}

#[test]
fn elements_of_a_literal_that_are_not_taken_are_evaluated_all_the_same() {
    on_each_device(|queue| {
        let (calls, out) = (Buffer::from(vec![0u32; 2]), Buffer::<u32>::new(2));
        queue
            .submit(|h| {
                let (calls, out) = (calls.read_write(h), out.write(h).no_init());
                h.parallel_for(
                    2,
                    kernel!(move |i: usize| {
                        let plain = [counted(calls, i, 1), 5][1];
                        let nested = [[counted(calls, i, 2), 6], [counted(calls, i, 3), 7]][0][1];
                        out[i] = plain * 10 + nested;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*calls.host_read().unwrap(), [123, 123]);
        assert_eq!(*out.host_read().unwrap(), [56, 56]);
    });
}

//! Loops go through lent arrays, accessors, rows, and what `zip` and `map` make of them, as in Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(a_lent_array_is_gone_through, u32, |i| {
    let values = [3u32, i as u32, 7, 11];
    let nested = [[1u32, 2], [i as u32, 4]];
    let mut sum = 0u32;
    for x in &values {
        sum = sum * 3 + *x;
    }
    for &x in values.iter().rev() {
        sum = sum * 5 + x;
    }
    for row in &nested {
        for &x in row {
            sum = sum * 7 + x;
        }
    }
    for (k, &x) in values.iter().enumerate().skip(1) {
        sum += k as u32 * x;
    }
    sum
});

same!(a_lent_array_that_is_assigned_afterwards_keeps_its_values_in_the_loop, u32, |i| {
    let mut values = [1u32, i as u32, 3];
    let mut copies = [0u32; 3];
    for (k, x) in values.into_iter().enumerate() {
        values[2 - k] = x + 10;
    }
    for (k, x) in values.iter().enumerate() {
        copies[k] = *x;
    }
    values[0] = 100;
    copies[0] + 10 * copies[1] + 100 * copies[2] + values[0]
});

same!(zip_goes_through_both_as_far_as_both_reach, i64, |i| {
    let (a, b) = ([1i64, 2, 3, 4, 5], [10i64, 20, i as i64]);
    let mut sum = 0i64;
    for (x, y) in a.iter().zip(&b) {
        sum = sum * 3 + x * y;
    }
    for (x, y) in a.into_iter().zip(b) {
        sum = sum * 5 + x - y;
    }
    for (k, (x, y)) in (3..7i32).zip(a.iter().rev().step_by(2)).rev().enumerate() {
        sum = sum * 7 + k as i64 * x as i64 + *y;
    }
    for ((x, y), z) in a.iter().zip(0..i as u8).zip(b.iter().skip(1)) {
        sum = sum * 11 + x + y as i64 + z;
    }
    for (x, y) in (0..=u64::MAX).zip(i as u64..=u64::MAX).take(3) {
        sum += (x * y) as i64;
    }
    sum
});

same!(map_makes_of_each_what_its_closure_gives, f32, |i| {
    let (a, b) = ([1.0f32, 2.0, 4.0], [0.5f32, i as f32, 2.0]);
    let mut calls = 0u32;
    let mut sum = 0.0f32;
    for x in a.iter().zip(b.iter()).map(|(x, y)| x * y) {
        sum = sum * 2.0 + x;
    }
    for (k, x) in a
        .iter()
        .skip(1)
        .map(|x| {
            calls += 1;
            *x + 1.0
        })
        .map(|x| x * 2.0)
        .enumerate()
    {
        if k == 1 {
            break;
        }
        sum = sum * 3.0 + x;
    }
    for x in (0..3u32).map(|k| k * k).rev() {
        sum += x as f32;
    }
    sum + calls as f32
});

#[test]
fn rows_and_whole_accessors_are_gone_through() {
    on_each_device(|queue| {
        let matrix = Buffer::from_vec((0..12u32).collect(), [3, 4]).unwrap();
        let (factors, out) = (Buffer::from(vec![1u32, 10, 100, 1000]), Buffer::<u32>::new(6));
        let event = queue.submit(|h| {
            let (matrix, factors, out) = (matrix.read(h), factors.read_write(h), out.write(h).no_init());
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    let mut sum = 0;
                    for (x, factor) in matrix.row(i).zip(factors.iter()) {
                        sum += x * factor;
                    }
                    out[i] = sum;
                    let mut last = 0;
                    for (k, x) in matrix.row((i + 1) % 3).enumerate().step_by(2).skip(1) {
                        last = 10 * x + k as u32;
                    }
                    out[3 + i] = last;
                }),
            )
        });
        event.unwrap().wait().unwrap();
        assert_eq!(*out.host_read().unwrap(), [3210, 7654, 12098, 62, 102, 22]);
    });
}

#[test]
fn rows_of_local_memory_are_gone_through() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(4);
        let event = queue.submit(|h| {
            let (out, tile) = (out.write(h).no_init(), h.local::<u32, 2>([4, 2]));
            h.parallel_for(
                NdRange::new(4, 4),
                kernel!(move |it: NdItem<1>| {
                    let [own] = it.local_id();
                    tile[[own, 0]] = own as u32;
                    tile[[own, 1]] = 10;
                    it.barrier();
                    let mut product = 1;
                    for x in tile.row(3 - own) {
                        product *= x + 1;
                    }
                    out[own] = product;
                }),
            )
        });
        event.unwrap().wait().unwrap();
        assert_eq!(*out.host_read().unwrap(), [44, 33, 22, 11]);
    });
}

#[test]
fn a_row_that_does_not_exist_is_reported_and_empty() {
    on_each_device(|queue| {
        let matrix = Buffer::from_vec(vec![1u32; 6], [2, 3]).unwrap();
        let event = queue.submit(|h| {
            let matrix = matrix.read(h);
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    for x in matrix.row(i * i) {
                        assert!(x == 1);
                    }
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("index 4 out of range 2 in `matrix`, work-item 2"), "{error}");
    });
}

#[test]
fn a_row_that_does_not_exist_is_reported_even_of_a_matrix_without_columns() {
    on_each_device(|queue| {
        let matrix = Buffer::from_vec(Vec::<u32>::new(), [2, 0]).unwrap();
        let event = queue.submit(|h| {
            let matrix = matrix.read(h);
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    for x in matrix.row(i) {
                        assert!(x == 1);
                    }
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("index 2 out of range 2 in `matrix`, work-item 2"), "{error}");
    });
}

#[test]
fn what_a_loop_goes_through_needs_no_check() {
    use falx::__private::{Variant, opencl_c};
    let mut text = String::new();
    let (matrix, sums) = (Buffer::<f32, 2>::new([4, 4]), Buffer::<f32>::new(4));
    let _ = Queue::new(Selector::host()).unwrap().submit(|h| {
        let (matrix, sums) = (matrix.read(h), sums.write(h));
        let kernel = kernel!(move |i: Id<1>| {
            let mut sum = 0.0;
            for x in matrix.row(i[0]) {
                sum += x;
            }
            sums[i] = sum;
        });
        text = opencl_c(kernel, 4, Variant::Proven).unwrap();
        h.parallel_for(4, kernel!(|_i: usize| {}))
    });
    assert!(!text.contains("falx_fail"), "{text}");
}

#[device]
fn doubled<const N: usize>(values: &mut [u32; N], by: &[u32; N]) {
    for (x, add) in values.iter_mut().zip(by) {
        *x = *x * 2 + *add;
    }
    let mut sum = 0;
    for x in values.iter() {
        sum += *x;
    }
    values[0] = sum;
}

same!(elements_are_changed_where_they_are, u32, |i| {
    let mut values = [1u32, i as u32, 3, 4];
    let mut rows = [[1u32, 2], [3, 4]];
    for x in &mut values {
        *x += 1;
    }
    for (k, x) in values.iter_mut().rev().enumerate().skip(1) {
        *x *= 10 + k as u32;
    }
    for row in rows.iter_mut() {
        for x in row.iter_mut() {
            *x += i as u32;
        }
        row[0] *= 2;
    }
    for row in &mut rows {
        row[1] += 5;
    }
    for both in values.iter_mut().zip(rows[0]) {
        *both.0 += both.1 / 8;
    }
    doubled(&mut values, &[1, 2, 3, 4]);
    values[0]
        + 3 * values[1]
        + 5 * values[2]
        + 7 * values[3]
        + rows[0][0]
        + 3 * rows[0][1]
        + rows[1][0] * rows[1][1]
});

same!(filter_leaves_out_what_its_closure_does_not_want, u32, |i| {
    let values = [3u32, 8, i as u32, 7, 12, 1];
    let mut sum = 0u32;
    for x in values.into_iter().filter(|x| x % 2 == 1) {
        sum = sum % 10_007 * 3 + x;
    }
    for &x in values.iter().rev().filter(|x| **x > 2).filter(|&&x| x != 7) {
        sum = sum % 10_007 * 5 + x;
    }
    'outer: for (k, x) in values.iter().enumerate().filter(|(k, _)| *k != 1) {
        for y in (0..10u32).map(|y| y * x).filter(|y| y % 4 == 0).rev() {
            if y > 40 {
                continue 'outer;
            }
            sum = sum % 10_007 * 7 + y + k as u32;
        }
    }
    sum
});

same!(take_while_ends_at_the_first_value_that_its_closure_does_not_want, u32, |i| {
    let values = [i as u32, 9, i as u32 % 5, 4, 7];
    let (mut sum, mut asked) = (0, 0);
    for x in values.iter().rev().take_while(|x| **x != 9) {
        sum = sum * 3 + x;
    }
    for (k, x) in values.into_iter().enumerate().filter(|(k, _)| *k != 1).take_while(|(_, x)| *x < 40) {
        sum += x * k as u32;
    }
    'outer: for k in 0..4u32 {
        for y in (k..20)
            .map(|y| {
                asked += 1;
                y * 3
            })
            .take_while(|y| y % 7 != 5)
        {
            if y == 15 && k == 2 {
                continue 'outer;
            }
            sum = sum.wrapping_mul(5).wrapping_add(y);
        }
        sum = sum.wrapping_add(1);
    }
    sum.wrapping_add(asked * 1000)
});

same!(filter_leaves_elements_that_are_changed, u32, |i| {
    let mut values = [3u32, 8, i as u32, 7];
    for x in values.iter_mut().filter(|x| **x > 4) {
        *x += 100;
    }
    values[0] + 3 * values[1] + 5 * values[2] + 7 * values[3]
});

same!(chain_goes_through_one_behind_the_other, u32, |i| {
    let (a, b) = ([1u32, 2, 3], [i as u32, 20]);
    let mut sum = 0u32;
    for x in a.iter().chain(&b) {
        sum = sum % 10_007 * 3 + x;
    }
    for (k, x) in a.into_iter().chain(b.into_iter().rev()).rev().enumerate().skip(1).step_by(2) {
        sum = sum % 10_007 * 5 + x + k as u32;
    }
    for (x, y) in (0..i as u32)
        .chain(50..53)
        .zip(a.iter().chain(&a).chain(b.iter().take(1)))
        .filter(|(x, _)| x % 3 != 0)
    {
        sum = sum % 10_007 * 7 + x * y;
    }
    sum
});

same!(windows_and_chunks_are_slices_of_an_array, u32, |i| {
    let values = [3u32, 8, i as u32, 7, 12, 1, 5];
    let rows = [[1u32, 2], [i as u32, 4], [5, 6]];
    let mut sum = 0u32;
    for pair in values.windows(2) {
        sum = sum % 10_007 * 3 + pair[0] * pair[1];
    }
    for part in values.chunks(i % 4 + 1) {
        let mut inner = part.len() as u32;
        for k in 0..part.len() {
            inner = inner * 5 + part[k];
        }
        sum = sum % 10_007 * 7 + inner;
    }
    for (k, part) in values.chunks_exact(3).rev().enumerate() {
        sum = sum % 10_007 * 11 + part[2] + k as u32;
    }
    for pair in rows.windows(2).skip(1) {
        sum += pair[0][1] * pair[1][0];
    }
    for part in values.windows(i % 12 + 1) {
        sum = sum % 10_007 * 13 + part[0];
    }
    sum
});

#[test]
fn parts_of_no_elements_end_the_work_item() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(3);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    let values = [1u32, 2, 3];
                    for part in values.chunks(2 - i) {
                        out[i] = part[0];
                    }
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("parts of zero elements in `values.chunks(2 - i)`, work-item 2"), "{error}");
    });
}

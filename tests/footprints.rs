//! Which checks a launch needs: every index that the launch's numbers keep in range needs none, and one step beyond it does.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

use falx::__private::needed_checks;
use falx::prelude::*;

/// What is said of needed checks, as `what index/length` or `what ?`.
fn shortened(needed: Vec<String>) -> Vec<String> {
    let short = |text: String| {
        let subject = text.split('`').nth(1).unwrap().to_owned();
        let numbers: Vec<&str> = match text.split_once("may be ") {
            Some((_, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                let words: Vec<&str> = rest.split([' ', ',']).collect();
                vec![words[0], words[words.len() - 1]]
            }
            _ => vec!["?"],
        };
        let component = if text.contains("component 1") { ".1" } else { "" };
        format!("{subject}{component} {}", numbers.join("/"))
    };
    needed.into_iter().map(short).collect()
}

/// Tests of kernels over one-dimensional buffers of `u32` and captured numbers: of each launch the checks that it needs.
macro_rules! footprints {
    ($($test:ident($($buffer:ident),*; $($scalar:ident: $ty:ty),*) |$i:ident| $body:block
        $(($($length:expr),*; $($value:expr),*) over $range:expr => [$($expected:expr),*];)*)*) => {$(
        #[test]
        fn $test() {
            let needed = |$($buffer: usize,)* $($scalar: $ty,)* range: usize| {
                let mut found = Vec::new();
                Queue::new(Selector::host()).unwrap().submit(|h| {
                    $(let $buffer = Buffer::from(vec![0u32; $buffer]).read_write(h);)*
                    found = shortened(needed_checks(kernel!(move |$i: usize| $body), range).unwrap());
                    h.parallel_for(1, kernel!(|_i: usize| {}))
                }).unwrap();
                found
            };
            $(
                let expected: &[&str] = &[$($expected),*];
                assert_eq!(needed($($length,)* $($value,)* $range), expected, "line {}", line!());
            )*
        }
    )*};
}

const TABLE: [u32; 4] = [3, 1, 7, 2];

#[device]
fn at(a: ReadWrite<'_, u32>, place: usize) -> u32 {
    a[place]
}

#[device]
fn middle(from: usize, to: usize) -> usize {
    if from > to {
        return to;
    }
    (from + to) / 2
}

footprints! {
    own_elements(a;) |i| { a[i] = 1; }
        (64;) over 64 => [];
        (63;) over 64 => ["a 63/63"];
    neighbours_under_a_guard(a, b;) |i| {
        if i > 0 && i + 1 < a.range()[0] {
            b[i] = a[i - 1] + a[i] + a[i + 1];
        }
    }
        (64, 64;) over 64 => [];
        (64, 64;) over 100 => [];
        (64, 62;) over 100 => ["b 62/62"];
    neighbours_behind_a_return(a;) |i| {
        if i == 0 || i >= a.range()[0] - 1 {
            return;
        }
        a[i] = a[i - 1] + a[i + 1];
    }
        (64;) over 64 => [];
        (1;) over 64 => [];
    a_guard_that_is_off_by_one(a;) |i| {
        if i + 1 <= a.range()[0] {
            a[i] = a[i + 1];
        }
    }
        (64;) over 64 => ["a 64/64"];
    the_left_neighbour_wraps_at_zero(a;) |i| { a[i] = a[i - 1]; }
        (64;) over 64 => ["a ?"];
    the_largest_number_wraps_to_the_left_neighbour(a;) |i| {
        if i >= 1 {
            a[i + 18446744073709551615] = 0;
        }
    }
        (63;) over 64 => [];
        (62;) over 64 => ["a 62/62"];
    a_product_that_wraps(a;) |i| { a[i * 9223372036854775809] = 0; }
        (64;) over 64 => ["a ?"];
    thirty_two_bits_wrap(a; n: u32) |i| { a[(i as u32 + n) as usize] = 0; }
        (64; 0) over 64 => [];
        (64; 1) over 64 => ["a 64/64"];
        (64; 4294967295) over 64 => ["a ?"];
    a_negative_number_as_an_index(a; d: i32) |i| { a[(i as i32 - d) as usize] = 0; }
        (64; 0) over 64 => [];
        (64; 1) over 64 => ["a ?"];
        (65; -1) over 64 => [];
    rows_and_columns_of_a_captured_width(a; n: usize) |i| {
        for k in 0..n {
            a[i * n + k] = 0;
        }
    }
        (640; 10) over 64 => [];
        (639; 10) over 64 => ["a 639/639"];
        (640; 11) over 64 => ["a 703/640"];
    rows_and_columns_of_the_id(a, b; n: usize) |i| {
        let (row, column) = (i / n, i % n);
        a[row * n + column] = b[column];
    }
        (64, 8; 8) over 64 => [];
        (64, 7; 7) over 64 => [];
        (63, 6; 7) over 64 => ["b 6/6", "a 63/63"];
    transposed(a; n: usize) |i| {
        let (row, column) = (i / n, i % n);
        a[column * n + row] = 0;
    }
        (64; 8) over 64 => [];
        (63; 8) over 64 => ["a 63/63"];
        (64; 8) over 72 => ["a 64/64"];
    triangles(a;) |i| {
        for k in 0..i {
            a[i - 1 - k] = a[k];
        }
    }
        (63;) over 64 => [];
        (62;) over 64 => ["a 62/62", "a 62/62"];
    backwards(a;) |i| {
        let n = a.range()[0];
        a[n - 1 - i] = 0;
    }
        (64;) over 64 => [];
        (63;) over 64 => ["a ?"];
    a_halving_sum(a; n: usize) |i| {
        let mut half = n / 2;
        while half > 0 {
            if i < half {
                a[i] += a[i + half];
            }
            half /= 2;
        }
    }
        (64; 64) over 64 => [];
        (64; 65) over 64 => [];
        (64; 66) over 64 => ["a 65/64"];
    a_step_of_a_bitonic_sort(a; j: usize) |i| {
        let partner = i ^ j;
        if partner > i && a[i] > a[partner] {
            let t = a[i];
            a[i] = a[partner];
            a[partner] = t;
        }
    }
        (64; 16) over 64 => [];
        (64; 64) over 64 => ["a 127/64", "a 127/64", "a 127/64"];
    a_step_of_a_scan(a, b; d: usize) |i| {
        b[i] = if i >= d { a[i] + a[i - d] } else { a[i] };
    }
        (64, 64; 8) over 64 => [];
        (64, 63; 8) over 64 => ["b 63/63"];
    a_difference_that_is_checked(a; d: usize) |i| {
        let left = i.wrapping_sub(d);
        if left < a.range()[0] {
            a[left] = 0;
        }
        if let Some(left) = i.checked_sub(d) {
            a[left] = 1;
        }
        a[i.saturating_sub(d)] = 2;
        a[i.abs_diff(d)] = 3;
    }
        (64; 3) over 64 => [];
        (64; 64) over 64 => ["a 64/64"];
    clamped_borders(a; r: i32) |i| {
        for k in -r..=r {
            let at = (i as i32 + k).clamp(0, a.range()[0] as i32 - 1) as usize;
            let other = (i as isize + k as isize).max(0).min(a.range()[0] as isize - 1) as usize;
            a[i] += a[at] + a[other];
        }
    }
        (64; 2) over 64 => [];
    clamped_one_too_far(a; r: i32) |i| {
        for k in -r..=r {
            let at = (i as i32 + k).clamp(0, a.range()[0] as i32) as usize;
            a[at] = 0;
        }
    }
        (64; 2) over 64 => ["a 64/64"];
    smaller_numbers(a, b;) |i| {
        let n = a.range()[0].min(b.range()[0]);
        if i < n {
            a[i] = b[i];
        }
        let last = a.range()[0] - 1;
        a[i.min(last)] = 0;
    }
        (64, 32;) over 100 => [];
    choices(a;) |i| {
        let next = if i + 1 < a.range()[0] { i + 1 } else { 0 };
        a[next] = 0;
        let before = if i == 0 { a.range()[0] - 1 } else { i - 1 };
        a[before] = 0;
        let mut place = i;
        if place >= 10 {
            place -= 10;
        } else {
            place += 1;
        }
        a[place] = 0;
    }
        (64;) over 64 => [];
        (1;) over 64 => ["a 62/1", "a 53/1"];
    bits(a;) |i| {
        a[i & 15] = 0;
        a[(i >> 2) & 15] = 0;
        a[(i << 1) % 16] = 0;
        let loaded = a[0];
        a[(loaded & 15) as usize] = 0;
        a[loaded as usize % 16] = 0;
        a[(loaded >> 28) as usize] = 0;
        a[i / 4] = a[loaded as u8 as usize / 16];
    }
        (16;) over 64 => [];
        (15;) over 64 => ["a 15/15", "a 15/15", "a 15/15", "a 15/15", "a 15/15", "a 15/15", "a 15/15", "a 15/15"];
    loaded_numbers(a, b;) |i| { a[b[i] as usize] = 0; }
        (64, 64;) over 64 => ["a ?"];
    loaded_numbers_under_a_guard(a, b;) |i| {
        let place = b[i] as usize;
        if place < a.range()[0] {
            a[place] = 0;
        }
        if b[i] < 64 {
            a[b[i] as usize] = 0;
        }
    }
        (64, 64;) over 64 => ["a ?"];
    a_binary_search(a; n: usize) |i| {
        let (mut from, mut to) = (0, n);
        while from < to {
            let at = (from + to) / 2;
            if a[at] < i as u32 {
                from = at + 1;
            } else {
                to = at;
            }
        }
        a[i] = from as u32;
    }
        (64; 64) over 64 => [];
        (64; 65) over 64 => ["a 64/64"];
    strides_over_the_whole_range(a; n: usize) |i| {
        let mut place = i;
        while place < n {
            a[place] = 0;
            place += 64;
        }
    }
        (1000; 1000) over 64 => [];
        (1000; 1001) over 64 => ["a 1000/1000"];
    an_insertion_sort(a; n: usize) |_i| {
        for k in 1..n {
            let mut j = k;
            while j > 0 && a[j - 1] > a[j] {
                let t = a[j];
                a[j] = a[j - 1];
                a[j - 1] = t;
                j -= 1;
            }
        }
    }
        (64; 64) over 1 => [];
        (63; 64) over 1 => ["a 63/63", "a 63/63", "a 63/63"];
    a_counter_without_an_end(a;) |_i| {
        let mut k = 0;
        while a[0] > 3 {
            a[k] = 0;
            k += 1;
        }
    }
        (64;) over 64 => ["a ?"];
    sequences_of_numbers(a; n: usize) |_i| {
        for k in (0..n).rev().step_by(3) {
            a[k] = 0;
        }
        for k in (1..n).skip(2) {
            a[k - 3] = 0;
        }
    }
        (64; 64) over 1 => [];
        (63; 64) over 1 => ["a 63/63"];
    steps_to_the_end_of_a_range(a; n: usize, step: usize) |i| {
        for k in (i..n).step_by(step) {
            a[k] = 0;
        }
    }
        (64; 64, 8) over 8 => [];
        (64; 64, 1) over 8 => [];
        (64; 64, 1000) over 64 => [];
        (64; 64, 5) over 17 => [];
        (64; 65, 5) over 17 => ["a 64/64"];
        (64; 64, 8) over 72 => ["a 127/64"];
        (63; 64, 8) over 8 => ["a 63/63"];
        (64; 64, 0) over 8 => ["(i..n).step_by(step) ?"];
        (64; 64, usize::MAX - 65) over 8 => [];
        (64; 64, usize::MAX - 64) over 8 => ["(i..n).step_by(step) ?"];
    whole_blocks_of_a_range(a; n: usize, step: usize) |_i| {
        for k in (0..n).step_by(step) {
            a[k + step - 1] = 0;
        }
    }
        (64; 64, 8) over 1 => [];
        (64; 57, 8) over 1 => [];
        (63; 64, 8) over 1 => ["a 63/63"];
        (64; 65, 8) over 1 => ["a 71/64"];
    constant_tables(a;) |i| { a[TABLE[i % 4] as usize] = 0; }
        (8;) over 64 => [];
        (7;) over 64 => ["a 7/7"];
    functions_prove_what_each_call_gives_them(a; n: usize) |i| {
        a[i] = at(a, i) + at(a, n);
        a[middle(i, n)] = 0;
    }
        (64; 63) over 64 => [];
        (64; 64) over 64 => ["a 64/64"];
    asserted_numbers(a; n: usize) |i| {
        assert!(i < a.range()[0]);
        a[i] = 0;
        debug_assert!(n < 10);
        if n >= a.range()[0] {
            panic!("{n} is too many");
        }
        a[n] = 0;
    }
        (64; 100) over 100 => [];
    products_of_two_counters(a; n: usize) |_i| {
        for y in 0..n {
            for x in 0..n {
                a[y * x] = 0;
                a[(y + x) / 2] = 0;
            }
        }
    }
        (82; 10) over 1 => [];
        (81; 10) over 1 => ["a 81/81"];
    private_arrays(a;) |i| {
        let mut bins = [0u32; 16];
        for k in 0..16 {
            bins[k] = k as u32;
        }
        a[i] = bins[(a[i] & 15) as usize] + bins[i];
    }
        (16;) over 16 => [];
        (17;) over 17 => ["bins 16/16"];
    parts_of_the_buffer(a; n: usize) |_i| {
        let part = a.slice(n..);
        for k in 0..part.len() {
            a[k + n] = part[k];
        }
    }
        (64; 3) over 1 => [];
    loops_that_break(a;) |i| {
        let mut k = i;
        loop {
            if k >= a.range()[0] {
                break;
            }
            a[k] = 0;
            k += 1;
        }
        for j in 0..100 {
            if j >= a.range()[0] {
                continue;
            }
            a[j] = 0;
        }
    }
        (64;) over 64 => [];
    divisions(a; n: i32) |i| {
        let x = a[i] as i32;
        a[i] = (x / n + x % n + x / (i as i32 + 1)) as u32;
        if n > 0 {
            a[i] += x.rem_euclid(n) as u32;
        }
    }
        (64; 7) over 64 => [];
        (64; -7) over 64 => [];
        (64; 0) over 64 => ["x / n ?", "x % n ?"];
        (64; -1) over 64 => ["x / n ?", "x % n ?"];
    divisions_by_what_may_be_zero(a;) |i| {
        a[i] = 100 / (i as u32) + 5 % a[i];
        if a[i] != 0 {
            let x = a[i];
            if x != 0 {
                a[i] = 9 / x;
            }
        }
    }
        (64;) over 64 => ["100 / (i as u32) ?", "5 % a[i] ?"];
    values_of_loops_and_blocks(a;) |_i| {
        let first = 'found: {
            for k in 0..a.range()[0] {
                if a[k] == 7 {
                    break 'found k;
                }
            }
            a.range()[0] - 1
        };
        a[first] = 0;
    }
        (64;) over 64 => [];
}

/// The checks that one launch needs, of a kernel that is written with its accessors.
macro_rules! needed {
    ($range:expr, |$h:ident| $($name:ident = $accessor:expr),*; $kernel:expr) => {{
        let mut found = Vec::new();
        Queue::new(Selector::host())
            .unwrap()
            .submit(|$h| {
                $(let $name = $accessor;)*
                found = shortened(needed_checks($kernel, $range).unwrap());
                $h.parallel_for(1, kernel!(|_i: usize| {}))
            })
            .unwrap();
        found
    }};
}

fn matrix(rows: usize, columns: usize) -> Buffer<f32, 2> {
    Buffer::from_vec(vec![0.0; rows * columns], [rows, columns]).unwrap()
}

#[test]
fn a_naive_matrix_product_over_two_dimensions() {
    let product = |a: [usize; 2], b: [usize; 2], c: [usize; 2], range: [usize; 2]| {
        needed!(range, |h| a = matrix(a[0], a[1]).read(h), b = matrix(b[0], b[1]).read(h), c = matrix(c[0], c[1]).read_write(h);
            kernel!(move |at: Id<2>| {
                let mut sum = 0.0;
                for k in 0..a.range()[1] {
                    sum += a[[at[0], k]] * b[[k, at[1]]];
                }
                c[at] = sum;
            })
        )
    };
    assert_eq!(product([32, 16], [16, 48], [32, 48], [32, 48]), [""; 0]);
    assert_eq!(product([31, 16], [16, 48], [32, 48], [32, 48]), ["a 31/31"]);
    assert_eq!(product([32, 17], [16, 48], [32, 48], [32, 48]), ["b 16/16"]);
    assert_eq!(product([32, 16], [16, 47], [32, 48], [32, 48]), ["b.1 47/47"]);
    assert_eq!(product([32, 16], [16, 48], [32, 48], [33, 48]), ["a 32/32", "c 32/32"]);
}

const T: usize = 16;

#[test]
fn a_tiled_matrix_product_through_local_memory() {
    let product = |n: usize, elements: usize, tile: usize, range: usize| {
        needed!(NdRange::new([range, range], [T, T]),
            |h| a = Buffer::from(vec![0f32; n * n]).read(h), b = Buffer::from(vec![0f32; elements]).read(h),
                c = Buffer::from(vec![0f32; n * n]).read_write(h),
                own = h.local::<f32, 2>([T, T]), other = h.local::<f32, 2>([tile, T]);
            kernel!(move |it: NdItem<2>| {
                let [row, column] = it.global_id();
                let [y, x] = it.local_id();
                let mut sum = 0.0f32;
                for t in 0..n / T {
                    own[[y, x]] = a[row * n + t * T + x];
                    other[[y, x]] = b[(t * T + y) * n + column];
                    it.barrier();
                    for k in 0..T {
                        sum += own[[y, k]] * other[[k, x]];
                    }
                    it.barrier();
                }
                c[row * n + column] = sum;
            })
        )
    };
    assert_eq!(product(64, 64 * 64, T, 64), [""; 0]);
    assert_eq!(product(64, 64 * 64 - 1, T, 64), ["b 4095/4095"]);
    assert_eq!(product(64, 64 * 64, T - 1, 64), ["other 15/15", "other 15/15"]);
    assert_eq!(product(64, 64 * 64, T, 80), ["a 5119/4096", "b 4111/4096", "c 5135/4096"]);
}

#[test]
fn stencils_with_guards_in_two_and_three_dimensions() {
    let five = |from: [usize; 2], to: [usize; 2], range: [usize; 2]| {
        needed!(range, |h| a = matrix(from[0], from[1]).read(h), b = matrix(to[0], to[1]).read_write(h);
            kernel!(move |at: Id<2>| {
                let (y, x) = (at[0], at[1]);
                let (rows, columns) = (a.range()[0], a.range()[1]);
                if y > 0 && x > 0 && y + 1 < rows && x < columns - 1 {
                    b[[y, x]] = a[[y - 1, x]] + a[[y + 1, x]] + a[[y, x - 1]] + a[[y, x + 1]] - 4.0 * a[[y, x]];
                }
            })
        )
    };
    assert_eq!(five([32, 48], [32, 48], [32, 48]), [""; 0]);
    assert_eq!(five([32, 48], [31, 47], [64, 64]), [""; 0]);
    assert_eq!(five([32, 48], [30, 48], [32, 48]), ["b 30/30"]);
    // No column has two neighbours, and so it is said.
    assert_eq!(five([32, 1], [32, 1], [32, 1]), [""; 0]);
    let twenty_five = |n: usize, elements: usize| {
        needed!([n, n, n], |h| a = Buffer::from(vec![0f32; elements]).read(h), b = Buffer::from(vec![0f32; n * n * n]).read_write(h);
            kernel!(move |at: Id<3>| {
                let (z, y, x) = (at[0], at[1], at[2]);
                let at = (z * n + y) * n + x;
                if z >= 4 && z < n - 4 && y >= 4 && y < n - 4 && x >= 4 && x < n - 4 {
                    let mut sum = a[at];
                    for r in 1..5 {
                        sum += a[at - r] + a[at + r];
                        sum += a[at - r * n] + a[at + r * n];
                        sum += a[at - r * n * n] + a[at + r * n * n];
                    }
                    b[at] = sum;
                }
            })
        )
    };
    assert_eq!(twenty_five(16, 16 * 16 * 16), [""; 0]);
    assert_eq!(twenty_five(16, 4028), [""; 0]);
    assert_eq!(twenty_five(16, 4027), ["a 4027/4027"]);
}

#[test]
fn a_transpose_through_local_memory() {
    let transpose = |rows: usize, columns: usize, tile: usize| {
        needed!(NdRange::new([rows, columns], [T, T]),
            |h| a = matrix(rows, columns).read(h), b = matrix(columns, rows).read_write(h), tile = h.local::<f32, 1>(tile);
            kernel!(move |it: NdItem<2>| {
                let ([y, x], [group_y, group_x]) = (it.local_id(), it.group_id());
                tile[y * (T + 1) + x] = a[it.global_id()];
                it.barrier();
                b[[group_x * T + y, group_y * T + x]] = tile[x * (T + 1) + y];
            })
        )
    };
    assert_eq!(transpose(32, 48, T * (T + 1) - 1), [""; 0]);
    assert_eq!(transpose(32, 48, T * (T + 1) - 2), ["tile 270/270", "tile 270/270"]);
}

#[test]
fn bodies_of_mass_centres_and_curves() {
    let n_body = |n: usize, captured: usize| {
        needed!(n, |h| a = Buffer::from(vec![0f32; 4 * n]).read_write(h);
            kernel!(move |i: usize| {
                let mut force = 0.0f32;
                for j in 0..captured {
                    force += a[4 * j + 3] / (a[4 * j] - a[4 * i]);
                }
                a[4 * i + 1] += force;
            })
        )
    };
    assert_eq!(n_body(64, 64), [""; 0]);
    assert_eq!(n_body(64, 65), ["a 259/256", "a 256/256"]);
    let k_means = |points: usize, k: usize, centres: usize| {
        needed!(points, |h| x = Buffer::from(vec![0f32; 2 * points]).read(h), c = Buffer::from(vec![0f32; 2 * centres]).read(h),
                nearest = Buffer::from(vec![0u32; points]).read_write(h), count = Buffer::from(vec![0u32; centres]).read_write(h);
            kernel!(move |i: usize| {
                let mut best = 0;
                let mut least = f32::MAX;
                for j in 0..k {
                    let (dx, dy) = (x[2 * i] - c[2 * j], x[2 * i + 1] - c[2 * j + 1]);
                    let distance = dx * dx + dy * dy;
                    if distance < least {
                        least = distance;
                        best = j;
                    }
                }
                nearest[i] = best as u32;
                count.atomic(best).fetch_add(1);
            })
        )
    };
    assert_eq!(k_means(100, 8, 8), [""; 0]);
    assert_eq!(k_means(100, 9, 8), ["c 16/16", "c 17/16", "count 8/8"]);
}

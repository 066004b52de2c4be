//! What ends a sequence, and the adapters with closures that remember or end, mean in kernels what they mean in Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(sums_and_products_of_arrays_ranges_and_what_is_made_of_them, u64, |i| {
    let values = [3u32, 5, i as u32, 7];
    let lent: u32 = values.iter().sum();
    let taken = values.into_iter().map(|x| x as u64 * 2).sum::<u64>();
    let counted: u64 = (1..=i as u64 % 8).product();
    let filtered = (0..20u64).filter(|k| k % 3 == 1).sum::<u64>();
    let zipped: u32 = values.iter().zip(values.iter().rev()).map(|(a, b)| a * b).sum();
    lent as u64 + taken * 100 + counted * 7 + filtered + zipped as u64
});

same!(sums_of_floats_begin_with_the_zero_that_changes_nothing, u32, |i| {
    let values = [0.1f32, i as f32 * 0.7, -3.3, 1e7];
    let sum: f32 = values.iter().sum();
    let product = values.iter().map(|x| x + 0.5).product::<f32>();
    let zeros: f32 = [-0.0f32, -0.0].iter().sum();
    sum.to_bits() ^ product.to_bits().rotate_left(3) ^ zeros.to_bits()
});

same!(counts_ends_and_the_last, u64, |i| {
    let values = [4i32, -7, i as i32, -7, 9];
    let count = values.iter().filter(|x| **x > 3).count();
    let least = values.iter().copied().min().unwrap();
    let most = values.into_iter().map(|x| x * x - 10 * x).max().unwrap();
    let last = values.iter().copied().filter(|x| x % 2 == 0).last().unwrap_or(1);
    let none = (5..i.min(5) as u8).max().is_none();
    count as u64 * 1000 + (least + 100) as u64 + most as u64 * 7 + (last + 50) as u64 + none as u64
});

same!(a_fold_carries_a_value_of_any_type, u32, |i| {
    let values = [4u32, 1, i as u32, 9];
    let packed = values.iter().fold(0u32, |packed, x| packed.wrapping_mul(31) ^ x);
    let (least, most) = values.iter().fold((u32::MAX, 0), |(least, most), &x| (least.min(x), most.max(x)));
    let largest = values.iter().map(|x| *x as f32 * 0.5).fold(f32::NEG_INFINITY, |a, b| a.max(b));
    packed + least * 3 + most * 5 + largest as u32
});

same!(searches_stop_where_they_find, u32, |i| {
    let values = [8u32, 3, i as u32, 5, 3];
    let mut asked = 0u32;
    let any = values.iter().any(|x| {
        asked += 1;
        *x == 3
    });
    let all = values.iter().all(|x| *x > 2);
    let place = values.iter().position(|x| *x == i as u32 && i > 10).unwrap_or(99);
    let behind = values.iter().filter(|x| **x != 8).position(|x| *x == 5);
    let found = values.into_iter().find(|x| x % 4 == 1);
    let first = (10..100u32).find(|n| n % 7 == i as u32 % 7).unwrap();
    asked
        + any as u32 * 10
        + all as u32 * 20
        + place as u32 * 100
        + behind.unwrap_or(7) as u32 * 1000
        + found.unwrap_or(11) * 3
        + first
});

same!(
    closures_that_remember_or_end_a_sequence,
    u32,
    |i| {
        let values = [1u32, 2, i as u32, 3, 1, 8];
        let mut sum = 0u32;
        for x in values.iter().skip_while(|x| **x < 3) {
            sum = sum * 3 + *x;
        }
        for x in values.iter().filter_map(|x| x.checked_sub(2)) {
            sum = sum * 5 + x;
        }
        for (a, b) in [(1u32, 2u32)].into_iter().skip_while(|(a, _)| *a > 1) {
            sum += a + b;
        }
        sum += values.iter().map_while(|x| if *x < 30 { Some(x * 2) } else { None }).sum::<u32>();
        let mut seen = 0u32;
        values.iter().inspect(|x| seen += **x).filter(|x| **x > 1).for_each(|x| sum ^= x);
        sum + seen
    },
    |i| {
        let values = [1u32, 2, i as u32, 3, 1, 8];
        let mut sum = 0u32;
        for x in values.iter().skip_while(|x| **x < 3) {
            sum = sum.wrapping_mul(3).wrapping_add(*x);
        }
        for x in values.iter().filter_map(|x| x.checked_sub(2)) {
            sum = sum.wrapping_mul(5).wrapping_add(x);
        }
        sum = sum.wrapping_add(3);
        sum = sum
            .wrapping_add(values.iter().map_while(|x| if *x < 30 { Some(x * 2) } else { None }).sum::<u32>());
        let mut seen = 0u32;
        values.iter().inspect(|x| seen += **x).filter(|x| **x > 1).for_each(|x| sum ^= x);
        sum.wrapping_add(seen)
    }
);

#[test]
fn accessors_and_their_rows_are_added_up() {
    on_each_device(|queue| {
        let matrix = Buffer::from_vec(vec![1u32, 2, 3, 4, 5, 6], [2, 3]).unwrap();
        let (line, sums) = (Buffer::from(vec![1u32, 2, 3]), Buffer::<u32>::new(2));
        queue
            .submit(|h| {
                let (matrix, line, sums) = (matrix.read(h), line.read(h), sums.write(h).no_init());
                h.parallel_for(
                    2,
                    kernel!(move |i: usize| {
                        let whole: u32 = line.iter().sum();
                        sums[i] =
                            100 * whole + matrix.row(i).zip(line.iter()).map(|(a, b)| a * b).sum::<u32>();
                    }),
                )
            })
            .unwrap();
        assert_eq!(*sums.host_read().unwrap(), [614, 632]);
    });
}

#[test]
fn a_sum_that_overflows_is_reported_in_checked_mode_and_wraps_elsewhere() {
    on_each_device(|queue| {
        let checked =
            Queue::with(queue.device(), QueueOptions { checked: true, ..QueueOptions::default() }).unwrap();
        let run = |queue: &Queue| {
            let out = Buffer::<u8>::new(1);
            let event = queue.submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(1, kernel!(move |i: usize| out[i] = [200u8, 50, i as u8 + 9].iter().sum()))
            });
            event.unwrap().wait().map(|()| out.host_read().unwrap()[0]).map_err(|error| error.to_string())
        };
        assert_eq!(run(queue), Ok(3));
        let error = run(&checked).unwrap_err();
        assert!(error.ends_with("of 250 and 9, work-item 0"), "{error}");
        assert!(error.contains("overflow in `[200u8, 50, i as u8 + 9].iter().sum()`"), "{error}");
    });
}

same!(a_fold_has_the_type_that_is_written_behind_it, u64, |i| {
    let power = (0..30).fold::<u64, _>(1, |product, _| product * 3);
    power as f64 as u64 + i as u64
});

same!(a_fold_may_carry_nothing, u32, |i| {
    let mut sum = i as u32;
    (0..4u32).fold((), |_, k| {
        sum += k;
    });
    sum
});

/// A place, with a method that is called as that of accessors is.
#[device]
#[derive(Clone, Copy)]
struct Place {
    at: usize,
}

#[device]
impl Place {
    fn row(self, width: usize) -> usize {
        self.at / width
    }
}

same!(methods_of_ones_own_give_values_also_where_sequences_have_such, usize, |i| {
    let place = Place { at: i * 7 };
    place.row(3).min(9) + place.row(2).max(4) * 100
});

#[device]
trait Compare {
    fn cmp(self, other: Self) -> i32;
}

#[device]
impl Compare for f32 {
    fn cmp(self, other: f32) -> i32 {
        if self < other { -1 } else { 1 }
    }
}

same!(a_trait_of_ones_own_may_compare_what_has_no_order, i32, |i| {
    let x = i as f32 - 3.5;
    x.cmp(1.0)
});

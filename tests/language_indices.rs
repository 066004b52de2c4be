//! Where a work-item runs, and which element an index means, is the same on every device, in one to three dimensions.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[test]
fn ids_count_rows_first_in_every_dimension() {
    on_each_device(|queue| {
        let one = Buffer::<usize>::new(37);
        let two = Buffer::<usize, 2>::new([7, 13]);
        let three = Buffer::<usize, 3>::new([3, 5, 11]);
        queue
            .submit(|h| {
                let one = one.write(h).no_init();
                h.parallel_for(
                    37,
                    kernel!(move |i: Item<1>| one[i.id()] = i.linear_id() * 100 + i.range()[0]),
                )
            })
            .unwrap();
        queue
            .submit(|h| {
                let two = two.write(h).no_init();
                h.parallel_for(
                    [7, 13],
                    kernel!(move |i: Item<2>| {
                        let [y, x] = i.id();
                        two[[y, x]] =
                            (y * 100 + x) * 10000 + i.linear_id() * 10 + i.range()[0] / 7 + i.range()[1] / 13;
                    }),
                )
            })
            .unwrap();
        queue
            .submit(|h| {
                let three = three.write(h).no_init();
                h.parallel_for(
                    [3, 5, 11],
                    kernel!(move |i: Item<3>| {
                        let at = i.id();
                        three[at] = ((at[0] * 100 + at[1]) * 100 + at[2]) * 10000
                            + i.linear_id() * 10
                            + i.range().size() / 165;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*one.host_read().unwrap(), (0..37).map(|i| i * 100 + 37).collect::<Vec<_>>());
        let expected: Vec<_> = (0..91).map(|k| (k / 13 * 100 + k % 13) * 10000 + k * 10 + 2).collect();
        assert_eq!(*two.host_read().unwrap(), expected);
        let expected: Vec<_> =
            (0..165).map(|k| ((k / 55 * 100 + k / 11 % 5) * 100 + k % 11) * 10000 + k * 10 + 1).collect();
        assert_eq!(*three.host_read().unwrap(), expected);
    });
}

#[test]
fn work_items_come_as_numbers_arrays_and_ids() {
    on_each_device(|queue| {
        let out = Buffer::from_vec(vec![0u32; 4 * 6], [4, 6]).unwrap();
        let line = Buffer::from(vec![0u32; 6]);
        queue
            .submit(|h| {
                let out = out.read_write(h);
                h.parallel_for([4, 6], kernel!(move |[y, x]: [usize; 2]| out[[y, x]] += (y * 10 + x) as u32))
            })
            .unwrap();
        queue
            .submit(|h| {
                let out = out.read_write(h);
                h.parallel_for(
                    [4, 6],
                    kernel!(move |at: Id<2>| out[at] += (at[0] * 1000 + at.get()[1] * 100) as u32),
                )
            })
            .unwrap();
        queue
            .submit(|h| {
                let line = line.read_write(h);
                h.parallel_for(6, kernel!(move |Id([i]): Id<1>| line[i] = i as u32 + 1))
            })
            .unwrap();
        let expected: Vec<u32> = (0..24).map(|k| (k / 6, k % 6)).map(|(y, x)| y * 1010 + x * 101).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
        assert_eq!(*line.host_read().unwrap(), [1, 2, 3, 4, 5, 6]);
    });
}

#[test]
fn nd_items_know_their_group_and_their_place_in_it() {
    on_each_device(|queue| {
        let out = Buffer::<u64, 3>::new([4, 6, 8]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new([4, 6, 8], [2, 3, 4]),
                    kernel!(move |it: NdItem<3>| {
                        let [a, b, c] = it.local_id();
                        let [d, e, f] = it.group_id();
                        let ranges =
                            it.global_range().size() * 10 + it.local_range()[1] + it.group_range()[2];
                        let places = ((((a * 10 + b) * 10 + c) * 10 + d) * 10 + e) * 10 + f;
                        let linear = it.global_linear_id() * 100 + it.local_linear_id();
                        out[it.global_id()] = (places * 10000000 + ranges * 100000 + linear) as u64;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u64> = (0..192u64)
            .map(|k| {
                let (x, y, z) = (k / 48, k / 8 % 6, k % 8);
                let (a, b, c) = (x % 2, y % 3, z % 4);
                let places = ((((a * 10 + b) * 10 + c) * 10 + x / 2) * 10 + y / 3) * 10 + z / 4;
                places * 10000000 + (1920 + 3 + 2) * 100000 + k * 100 + a * 12 + b * 4 + c
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn accessors_to_regions_begin_at_zero_and_know_their_extent() {
    on_each_device(|queue| {
        let source = Buffer::from_vec((0..6 * 7 * 8u32).collect::<Vec<_>>(), [6, 7, 8]).unwrap();
        let out = Buffer::from_vec(vec![0u32; 9 * 9], [9, 9]).unwrap();
        let extents = Buffer::<usize>::new(5);
        queue
            .submit(|h| {
                let source = source.read(h).region([1, 2, 3], [4, 3, 2]);
                let out = out.write(h).region([2, 1], [4, 6]);
                let extents = extents.write(h).no_init();
                h.parallel_for(
                    [4, 6],
                    kernel!(move |at: Id<2>| {
                        out[at] = source[[at[0], at[1] / 2, at[1] % 2]];
                        if at[0] == 3 && at[1] == 5 {
                            extents[0] = source.range()[0];
                            extents[1] = source.range()[1];
                            extents[2] = source.range()[2];
                            extents[3] = source.range().size();
                            extents[4] = out.range()[1];
                        }
                    }),
                )
            })
            .unwrap();
        let inside = |k: usize| (2..6).contains(&(k / 9)) && (1..7).contains(&(k % 9));
        let value = |y: usize, x: usize| ((1 + y) * 56 + (2 + x / 2) * 8 + 3 + x % 2) as u32;
        let expected: Vec<u32> =
            (0..81).map(|k| if inside(k) { value(k / 9 - 2, k % 9 - 1) } else { 0 }).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
        assert_eq!(*extents.host_read().unwrap(), [4, 3, 2, 24, 6]);
    });
}

#[test]
fn elements_of_every_scalar_type_are_read_and_written() {
    on_each_device(|queue| {
        macro_rules! round_trip {
            ($($ty:ty),*) => { $(
                let values = <$ty as common_language::Edges>::edges();
                let n = values.len();
                let (from, to) = (Buffer::from(values.clone()), Buffer::<$ty>::new(n));
                queue
                    .submit(|h| {
                        let (from, to) = (from.read(h), to.write(h).no_init());
                        h.parallel_for(n, kernel!(move |i: usize| to[n - 1 - i] = from[i]))
                    })
                    .unwrap();
                let to = to.host_read().unwrap();
                for (value, got) in values.iter().zip(to.iter().rev()) {
                    assert_eq!(common_language::Bits::bits(*value), common_language::Bits::bits(*got));
                }
            )* };
        }
        round_trip!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32);
        if !common_language::lacks(queue, "f64") {
            round_trip!(f64);
        }
    });
}

#[test]
fn empty_ranges_run_nothing() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![1u32; 4]);
        for range in [[0, 4], [4, 0], [0, 0]] {
            queue
                .submit(|h| {
                    let out = out.write(h);
                    h.parallel_for(range, kernel!(move |at: Id<2>| out[at[1]] = 2))
                })
                .unwrap();
        }
        assert_eq!(*out.host_read().unwrap(), [1; 4]);
    });
}

//! Sequences whose values come one by one, so that nobody knows beforehand what stands where: `scan`, `flat_map`, `flatten`, and what
//! counts behind a closure. They give what Rust's give, and call their closures as often.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(scan_hands_on_its_state_until_there_is_nothing, u64, |i| {
    let mut digits = 0u64;
    for sum in (1..=9u64).scan(i as u64, |sum, x| {
        *sum += x;
        if *sum > 40 { None } else { Some(*sum) }
    }) {
        digits = digits * 3 + sum;
    }
    digits
});

same!(the_state_of_a_scan_is_any_value_and_its_own, u32, |i| {
    let start = (0, i as u32 % 5);
    let last = [3u32, 1, 4]
        .iter()
        .scan(start, |state, x| {
            *state = (state.1, state.0 + *x);
            Some(state.0 * 10 + state.1)
        })
        .filter(|x| x % 2 == 0)
        .last();
    let growing = (0..5u32)
        .scan([1, 1], |fibonacci, k| {
            let [a, b] = *fibonacci;
            fibonacci[0] = b;
            fibonacci[1] = a + b;
            Some(a * k)
        })
        .map(|x| x + 1)
        .sum::<u32>();
    last.unwrap_or(77) + growing * 100 + start.1
});

same!(flat_map_goes_through_what_each_value_is_made_into, u64, |i| {
    let mut digits = 0u64;
    for x in (0..i as u64 % 4).flat_map(|x| x..2 * x + 1) {
        digits = digits * 7 + x + 1;
    }
    let pairs = (0..3u64).flat_map(|x| [x, 10 * x]).sum::<u64>();
    let products = (1..4u64).flat_map(|x| (1..=x).map(move |y| x * y)).fold(0, |all, x| all * 3 + x);
    digits * 1000 + pairs + products
});

same!(flat_maps_nest_and_their_closures_may_be_blocks, u32, |i| {
    let bias = i as u32;
    let mut sum = 0;
    for (place, x) in (0..3u32)
        .flat_map(move |x| {
            let end = x + bias % 3;
            (0..end).flat_map(move |y| [x * y, bias, end]).filter(move |z| (z + x) % 2 == 0)
        })
        .enumerate()
    {
        sum += x * (place as u32 + 1);
    }
    sum
});

same!(flatten_goes_through_rows_of_arrays, i32, |i| {
    let mut grid = [[1, 2, 3], [4, 5, i as i32]];
    for x in grid.iter_mut().flatten() {
        *x *= 2;
    }
    for x in grid.iter_mut().flat_map(|row| row.iter_mut()) {
        *x += 1;
    }
    let most = grid.iter().flatten().copied().max().unwrap_or(0);
    let backwards = grid.into_iter().flatten().fold(0, |all, x| all * 2 + x);
    let squares = grid.iter().map(|row| [row[0] * row[0], row[2]]).flatten().sum::<i32>();
    most * 10_000 + backwards + squares
});

same!(break_and_continue_mean_the_whole_loop, u32, |i| {
    let mut sum = 0;
    'rows: for row in 0..4u32 {
        for x in (0..row + 2).flat_map(|x| x..x + 3) {
            if x == 3 {
                continue;
            }
            if x > i as u32 {
                break;
            }
            if sum > 60 {
                break 'rows;
            }
            if x == 5 {
                continue 'rows;
            }
            sum += x + row;
        }
        sum += 1;
    }
    let found = (0..9u32).flat_map(|x| [x, x + 20]).position(|x| x == i as u32).unwrap_or(99);
    sum * 100 + found as u32
});

same!(closures_that_end_a_sequence_end_what_they_stand_behind, u32, |i| {
    let limit = i as u32 % 6;
    let inner = (0..5u32).flat_map(|x| (0..x).take_while(move |y| *y < limit)).count();
    let outer = (0..5u32).flat_map(|x| 0..x).take_while(|y| *y < limit).count();
    let skipped = (0..5u32).flat_map(|x| 0..x).skip_while(|y| *y < limit).fold(0, |all, x| all * 5 + x);
    let until = (0..5u32)
        .flat_map(|x| x..9)
        .map_while(|y| if y < limit + 3 { Some(y * 2) } else { None })
        .sum::<u32>();
    inner as u32 + outer as u32 * 100 + skipped * 3 + until * 10_000
});

same!(what_counts_behind_a_closure_counts_what_is_left, u64, |i| {
    let n = i as u64;
    let mut digits = 0u64;
    for (place, x) in (0..n).filter(|x| x % 3 != 1).skip(2).enumerate() {
        digits += x * (place as u64 + 1);
    }
    let some = (0..n).filter(|x| x % 2 == 0).take(n as usize % 7).sum::<u64>();
    let few = (0..n)
        .filter_map(|x| if x % 5 < 3 { Some(x * x) } else { None })
        .step_by(2)
        .fold(1, |all, x| all ^ (x << 1));
    let pairs = (0..n).filter(|x| x % 2 == 1).zip([1u64, 10, 100]).map(|(x, y)| x * y).sum::<u64>();
    let late = (0..n).take_while(|x| *x < 9).step_by(3).zip((5u8..).take(2)).count() as u64;
    digits + some * 3 + few * 5 + pairs * 7 + late
});

same!(closures_are_called_as_often_as_rust_calls_them, u32, |i| {
    let n = i as u32 % 9;
    let (mut skipped, mut taken, mut filtered, mut stepped, mut zipped, mut flat) = (0, 0, 0, 0, 0, 0);
    let mut sum = 0;
    for x in (0..n)
        .map(|x| {
            skipped += 1;
            x
        })
        .skip(3)
    {
        sum += x;
    }
    for x in (0..9u32)
        .map(|x| {
            taken += 1;
            x + 1
        })
        .take(n as usize)
    {
        sum += x;
    }
    for x in (0..9u32)
        .filter(|x| {
            filtered += 1;
            x % 2 == 1
        })
        .take(n as usize % 3)
    {
        sum += x;
    }
    for x in (0..n).inspect(|_| stepped += 1).filter(|x| *x != 1).step_by(2) {
        sum += x;
    }
    for (x, y) in (0..n)
        .filter(|_| {
            zipped += 1;
            true
        })
        .zip(0..4u32)
    {
        sum += x * y;
    }
    for x in (0..n)
        .flat_map(|x| {
            flat += 1;
            0..x
        })
        .take(5)
    {
        sum += x;
    }
    sum + skipped * 1_000
        + taken * 10_000
        + filtered * 100_000
        + stepped * 1_000_000
        + zipped * 10_000_000
        + flat * 100_000_000
});

same!(cycle_goes_round_ranges_with_their_ends, u64, |i| {
    let (n, mut digits) = (i % 3, 0u64);
    for k in (0..=n).cycle().take(7) {
        digits = digits * 10 + k as u64;
    }
    for (k, x) in (0..4u64).zip((1..=n as u64).cycle()) {
        digits = digits * 3 + k * x;
    }
    for (k, x) in (2..=n + 2).enumerate().cycle().take(5) {
        digits = digits.wrapping_mul(7) + (k * x) as u64;
    }
    digits
});

same!(cycle_goes_round_without_an_end, u32, |i| {
    let mut digits = 0;
    for (k, x) in [2u32, 3, 5].iter().cycle().skip(i % 4).enumerate().take(7) {
        digits = digits * 2 + x * (k as u32 + 1);
    }
    let nothing = (0..0u32).cycle().take(4).count();
    for x in (0..i as u32).cycle().step_by(3) {
        if x == 1 || digits > 9_000 {
            break;
        }
        digits += 100;
    }
    for (x, y) in (0..i as u32).zip((1..=3u32).cycle()) {
        digits += x * y;
    }
    digits + nothing as u32 * 1_000_000
});

same!(ranges_without_an_end_go_on_until_something_ends_them, u64, |i| {
    let n = i as u64;
    let mut digits = 0;
    for k in n.. {
        if k * k > 2000 {
            break;
        }
        digits += k;
    }
    let pairs = [3u64, 1, 4].iter().zip(1..).map(|(x, k)| *x * k).sum::<u64>();
    let near = (250u8..).take(i % 6).map(|x| x as u64).sum::<u64>();
    let squares = (1..).map(|x| x * x).skip(2).step_by(2).take_while(|x| *x < 500u64).count() as u64;
    digits + pairs * 10_000 + near * 7 + squares
});

#[device]
fn total(table: Read<'_, u32, 2>, n: usize) -> u32 {
    (0..n).flat_map(|row| table.row(row)).map(|x| x + 1).sum::<u32>()
}

#[test]
fn cycle_goes_round_the_elements_of_accessors_and_their_rows() {
    on_each_device(|queue| {
        let numbers = Buffer::from(vec![2u32, 3, 5]);
        let table = Buffer::from_vec((0..6u32).collect(), [2, 3]).unwrap();
        let out = Buffer::from(vec![0u32, 0, 9]);
        let launch = queue.submit(|h| {
            let (numbers, table, out) = (numbers.read(h), table.read(h), out.read_write(h));
            h.single_task(kernel!(move || {
                out[0] = numbers.iter().cycle().skip(1).take(4).fold(0, |all, x| all * 10 + x);
                out[1] = table.row(1).cycle().take(5).fold(0, |all, x| all * 10 + x);
                out[2] = out.iter().cycle().take(4).fold(0, |all, x| (all + x) % 1000);
            }))
        });
        launch.unwrap();
        assert_eq!(*out.host_read().unwrap(), [3523, 34534, (2 * 3523 + 34534 + 9) % 1000]);
    });
}

#[test]
fn rows_of_accessors_are_flattened_and_a_missing_one_fails() {
    on_each_device(|queue| {
        let table = Buffer::from_vec((0..6u32).collect(), [2, 3]).unwrap();
        let out = Buffer::<u32>::new(2);
        let launch = |n| {
            queue.submit(|h| {
                let (table, out) = (table.read(h), out.write(h).no_init());
                h.single_task(kernel!(move || {
                    out[0] = total(table, n);
                    out[1] = table
                        .row(1)
                        .chain(table.row(0).filter(|x| x % 2 == 1))
                        .fold(0, |all, x| all * 10 + x);
                }))
            })
        };
        launch(2).unwrap();
        assert_eq!(*out.host_read().unwrap(), [21, 3451]);
        let error = launch(3).unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("index 2 out of range 2 in `table`"), "{error}");
    });
}

#[test]
fn barriers_stand_in_loops_that_all_work_items_go_through_alike() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(4);
        queue
            .submit(|h| {
                let (out, tile) = (out.write(h).no_init(), h.local::<u32, 1>(4));
                h.parallel_for(
                    NdRange::new(4, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [own] = it.local_id();
                        tile[own] = own as u32;
                        for step in (1..3usize).flat_map(|k| [k, k + 1]).filter(|k| k % 2 == 1) {
                            it.barrier();
                            let next = tile[(own + step) % 4];
                            it.barrier();
                            tile[own] = next;
                        }
                        out[own] = tile[own];
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [0, 1, 2, 3]);
    });
}

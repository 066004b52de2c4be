//! The work-items of a group meet in device functions as they do in the kernel itself.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// Turns a tile round by `rounds`, each of which waits twice.
#[device]
fn turned(it: NdItem<1>, tile: Local<'_, u32>, own: u32, rounds: u32) -> u32 {
    let [at] = it.local_id();
    let length = tile.range()[0];
    tile[at] = own;
    for _ in 0..rounds {
        it.barrier();
        let next = tile[(at + 1) % length];
        it.barrier();
        tile[at] = next;
    }
    it.barrier();
    let found = tile[at];
    it.barrier();
    found
}

#[test]
fn a_barrier_in_a_function_waits_for_the_whole_group() {
    on_each_device(|queue| {
        let data = Buffer::from((0..16u32).collect::<Vec<_>>());
        let event = queue.submit(|h| {
            let (data, tile) = (data.read_write(h), h.local::<u32, 1>(8));
            h.parallel_for(
                NdRange::new(16, 8),
                kernel!(move |it: NdItem<1>| {
                    let [i] = it.global_id();
                    let once = turned(it, tile, data[i], 1);
                    data[i] = 100 * once + turned(it, tile, once, 2);
                }),
            )
        });
        event.unwrap().wait().unwrap();
        let expected = |i: u32| 100 * (i / 8 * 8 + (i + 1) % 8) + i / 8 * 8 + (i + 3) % 8;
        assert_eq!(*data.host_read().unwrap(), (0..16).map(expected).collect::<Vec<_>>());
    });
}

/// Of all values that are no smaller than the mean.
#[device]
fn upper_sum(group: Group<1>, x: i32) -> i32 {
    let mean = group.reduce_sum(x) / group.size() as i32;
    group.reduce_sum(if x >= mean { x } else { 0 })
}

#[device]
fn halved_sums(it: NdItem<1>, mut x: i32, mut rounds: u32) -> i32 {
    let group = it.group();
    let mut total = 0;
    while rounds > 0 {
        total += upper_sum(group, x);
        x /= 2;
        rounds -= 1;
    }
    if total > falx::uniform(total) {
        total = -1;
    }
    total
}

fn halved_on_host(values: &[i32], rounds: u32) -> i32 {
    let mut values = values.to_vec();
    let mut total = 0;
    for _ in 0..rounds {
        let mean = values.iter().sum::<i32>() / values.len() as i32;
        total += values.iter().filter(|x| **x >= mean).sum::<i32>();
        values.iter_mut().for_each(|x| *x /= 2);
    }
    total
}

#[test]
fn functions_in_which_work_items_meet_call_each_other() {
    on_each_device(|queue| {
        let values: Vec<i32> = (0..24).map(|k| (k * 37 + 11) % 101 - 20).collect();
        let (from, to, rounds) = (Buffer::from(values.clone()), Buffer::<i32>::new(24), 3u32);
        let event = queue.submit(|h| {
            let (from, to) = (from.read(h), to.write(h).no_init());
            h.parallel_for(
                NdRange::new(24, 12),
                kernel!(move |it: NdItem<1>| {
                    let i = it.global_id();
                    if rounds > 1 {
                        to[i] = halved_sums(it, from[i], rounds);
                    }
                }),
            )
        });
        event.unwrap().wait().unwrap();
        let expected: Vec<i32> =
            values.chunks(12).flat_map(|group| [halved_on_host(group, rounds); 12]).collect();
        assert_eq!(*to.host_read().unwrap(), expected);
    });
}

#[device]
fn first_if<const N: usize>(sub: SubGroup, wanted: bool, x: [u32; N]) -> u32 {
    if !wanted {
        return 0;
    }
    let mut sum = 0;
    for k in 0..N {
        sum += sub.reduce_sum(x[k]);
    }
    sum
}

#[test]
fn a_function_may_return_before_it_meets_where_all_work_items_do() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(32);
        for wanted in [false, true] {
            let event = queue.submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new(32, 16),
                    kernel!(move |it: NdItem<1>| {
                        let i = it.global_linear_id() as u32;
                        out[it.global_id()] = first_if(it.sub_group(), wanted, [i, 1]);
                    }),
                )
            });
            event.unwrap().wait().unwrap();
            let expected = |i: u32| if wanted { (0..16).map(|k| i / 16 * 16 + k + 1).sum() } else { 0 };
            assert_eq!(*out.host_read().unwrap(), (0..32).map(expected).collect::<Vec<u32>>());
        }
    });
}

#[device]
fn checked_sum(it: NdItem<1>, x: u32) -> u32 {
    assert!(x < 7, "{x} is too much");
    it.group().reduce_sum(x)
}

#[test]
fn a_work_item_that_panics_in_a_function_keeps_nobody_waiting() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(8);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    let i = it.global_id();
                    out[i] = checked_sum(it, i[0] as u32);
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("assertion `x < 7` failed: 7 is too much, work-item 7"), "{error}");
    });
}

type Whole = NdItem<1>;

#[device]
fn waits(it: Whole) {
    it.barrier();
}

#[device]
fn waits_in_there(both: (Whole, u32)) {
    waits(both.0);
}

#[test]
fn functions_whose_types_have_other_names_meet_as_well() {
    on_each_device(|queue| {
        let data = Buffer::from((0..8u32).collect::<Vec<_>>());
        let event = queue.submit(|h| {
            let (data, tile) = (data.read_write(h), h.local::<u32, 1>(8));
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    let [i] = it.local_id();
                    tile[i] = data[i];
                    waits_in_there((it, 1));
                    data[i] = tile[7 - i];
                }),
            )
        });
        event.unwrap().wait().unwrap();
        assert_eq!(*data.host_read().unwrap(), [7, 6, 5, 4, 3, 2, 1, 0]);
    });
}

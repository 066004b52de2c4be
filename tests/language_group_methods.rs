//! The work-items of a group meet in methods as they do in the kernel itself.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    rounds: u32,
}

#[device]
impl Turn {
    /// The value of the neighbour behind, as many times as there are rounds.
    fn of(&self, it: NdItem<1>, tile: Local<'_, u32>, own: u32) -> u32 {
        let [at] = it.local_id();
        let length = tile.range()[0];
        tile[at] = own;
        for _ in 0..self.rounds {
            it.barrier();
            let next = tile[(at + 1) % length];
            it.barrier();
            tile[at] = next;
        }
        let found = tile[at];
        it.barrier();
        found
    }

    /// As many rounds as the whole group asks for, if it asks for any.
    fn agreed(it: NdItem<1>, asked: u32) -> Self {
        let rounds = it.group().reduce_sum(asked);
        if rounds == 0 {
            return Turn { rounds: 100 };
        }
        Turn { rounds }
    }

    /// Adds what the group asks for and says who asked for less.
    fn lengthen(&mut self, group: Group<1>, asked: u32) -> u32 {
        let before = group.exclusive_scan_sum(asked);
        self.rounds += group.reduce_sum(asked);
        before
    }
}

#[test]
fn methods_wait_for_the_group_and_combine_over_it() {
    on_each_device(|queue| {
        let (data, befores) = (Buffer::from((0..16u32).collect::<Vec<_>>()), Buffer::<u32>::new(16));
        let event = queue.submit(|h| {
            let (data, befores) = (data.read_write(h), befores.write(h).no_init());
            let tile = h.local::<u32, 1>(8);
            h.parallel_for(
                NdRange::new(16, 8),
                kernel!(move |it: NdItem<1>| {
                    let [i] = it.global_id();
                    let mut turn = Turn::agreed(it, (it.local_id()[0] == 3) as u32);
                    let once = turn.of(it, tile, data[i]);
                    befores[i] = turn.lengthen(it.group(), (it.local_id()[0] > 5) as u32);
                    data[i] = 100 * once + turn.of(it, tile, data[i]);
                }),
            )
        });
        event.unwrap().wait().unwrap();
        let expected = |i: u32| 100 * (i / 8 * 8 + (i + 1) % 8) + i / 8 * 8 + (i + 3) % 8;
        assert_eq!(*data.host_read().unwrap(), (0..16).map(expected).collect::<Vec<_>>());
        let expected: Vec<u32> = [0, 0, 0, 0, 0, 0, 0, 1].repeat(2);
        assert_eq!(*befores.host_read().unwrap(), expected);
    });
}

#[device]
trait Combine {
    fn combined(&self, group: Group<1>, x: i32) -> i32;
    fn twice(&self, group: Group<1>, x: i32) -> i32 {
        let first = self.combined(group, x);
        self.combined(group, first + x)
    }
}

#[device]
#[derive(Clone, Copy)]
struct Sum;

#[device]
#[derive(Clone, Copy)]
struct Most;

#[device]
impl Combine for Sum {
    fn combined(&self, group: Group<1>, x: i32) -> i32 {
        group.reduce_sum(x)
    }
}

#[device]
impl Combine for Most {
    fn combined(&self, group: Group<1>, x: i32) -> i32 {
        group.reduce_max(x)
    }
}

#[device]
fn both<A: Combine, B: Combine>(it: NdItem<1>, first: A, second: B, x: i32) -> i32 {
    first.twice(it.group(), x) * 1000 + second.twice(it.group(), x)
}

#[test]
fn methods_of_traits_combine_over_the_group() {
    on_each_device(|queue| {
        let out = Buffer::<i32>::new(12);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(12, 4),
                kernel!(move |it: NdItem<1>| {
                    out[it.global_id()] = both(it, Sum, Most, it.global_id()[0] as i32);
                }),
            )
        });
        event.unwrap().wait().unwrap();
        let expected = |i: i32| {
            let (first, last) = (i / 4 * 4, i / 4 * 4 + 3);
            let sum: i32 = (first..=last).sum();
            (4 * sum + sum) * 1000 + 2 * last
        };
        assert_eq!(*out.host_read().unwrap(), (0..12).map(expected).collect::<Vec<_>>());
    });
}

#[test]
fn a_method_that_some_work_items_miss_is_an_error_wherever_it_meets() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(16);
        let submitted = queue.submit(|h| {
            let (out, tile) = (out.write(h).no_init(), h.local::<u32, 1>(8));
            h.parallel_for(
                NdRange::new(16, 8),
                kernel!(move |it: NdItem<1>| {
                    let turn = Turn { rounds: 1 };
                    if it.local_id()[0] < 4 {
                        out[it.global_id()] = turn.of(it, tile, 1);
                    }
                }),
            )
        });
        let error = submitted.and_then(|event| event.wait()).unwrap_err().to_string();
        assert!(error.contains("this barrier may not be reached by every work-item of a group"), "{error}");
    });
}

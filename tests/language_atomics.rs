//! Atomic operations give, whatever the order of the work-items, what Rust's give.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

macro_rules! atomics {
    ($($test:ident $ty:ident $aspect:ident)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                if stringify!($ty).ends_with("64") && !queue.device().aspects().$aspect {
                    eprintln!("SKIPPED on {}, which has no 64-bit atomics", queue.device());
                    return;
                }
                let start: Vec<$ty> = vec![<$ty>::MAX - 5, 3, 0, <$ty>::MAX, <$ty>::MAX, 0, 0, 9];
                let cells = Buffer::from(start);
                let tickets = Buffer::from(vec![0u32; 500]);
                queue
                    .submit(|h| {
                        let (cells, tickets) = (cells.read_write(h), tickets.read_write(h));
                        h.parallel_for(500, kernel!(move |i: usize| {
                            let x = i as $ty;
                            cells.atomic(0).fetch_add(x);
                            cells.atomic(1).fetch_sub(x);
                            cells.atomic(2).fetch_max(x);
                            cells.atomic(3).fetch_min(x + 7);
                            cells.atomic(4).fetch_and(!(1 << (x % 20)));
                            cells.atomic(5).fetch_or(1 << (x % 30));
                            let old = cells.atomic(6).fetch_add(1);
                            tickets.atomic(old as usize).fetch_add(1);
                            if i == 499 {
                                let before = cells.atomic(7).swap(77);
                                cells.atomic(7).fetch_xor(before);
                            }
                        }))
                    })
                    .unwrap();
                let sum = (499 * 500 / 2) as $ty;
                let expected: [$ty; 8] = [
                    (<$ty>::MAX - 5).wrapping_add(sum), (3 as $ty).wrapping_sub(sum), 499, 7, <$ty>::MAX & !((1 << 20) - 1),
                    (1 << 30) - 1, 500, 77 ^ 9,
                ];
                assert_eq!(*cells.host_read().unwrap(), expected);
                // Every work-item drew another ticket.
                assert_eq!(*tickets.host_read().unwrap(), [1; 500]);
            });
        }
    )* };
}
atomics! {
    i32_atomics_lose_nothing i32 atomic64
    u32_atomics_lose_nothing u32 atomic64
    i64_atomics_lose_nothing i64 atomic64
    u64_atomics_lose_nothing u64 atomic64
}

#[test]
fn a_histogram_in_local_memory_counts_every_element() {
    on_each_device(|queue| {
        let values: Vec<u32> = (0..1024u32).map(|k| k.wrapping_mul(2654435761) >> 28).collect();
        let (from, bins) = (Buffer::from(values.clone()), Buffer::from(vec![0u32; 16]));
        queue
            .submit(|h| {
                let (from, bins, own) = (from.read(h), bins.read_write(h), h.local::<u32, 1>(16));
                h.parallel_for(
                    NdRange::new(1024, 64),
                    kernel!(move |it: NdItem<1>| {
                        let [k] = it.local_id();
                        if k < 16 {
                            own.atomic(k).store(0);
                        }
                        it.barrier();
                        own.atomic(from[it.global_id()[0]] as usize).fetch_add(1);
                        it.barrier();
                        if k < 16 {
                            bins.atomic([k]).fetch_add(own.atomic(k).load());
                        }
                    }),
                )
            })
            .unwrap();
        let mut expected = [0u32; 16];
        values.iter().for_each(|value| expected[*value as usize] += 1);
        assert_eq!(*bins.host_read().unwrap(), expected);
    });
}

#[test]
fn an_atomic_out_of_range_is_an_error() {
    on_each_device(|queue| {
        let (cells, seen) = (Buffer::from(vec![5u32; 4]), Buffer::from(vec![1u32; 4]));
        let event = queue
            .submit(|h| {
                let (cells, seen) = (cells.read_write(h), seen.write(h));
                h.single_task(kernel!(move || {
                    seen[0] = cells.atomic(4).fetch_add(3);
                }))
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("index 4 out of range 4 in `cells`"), "{text}");
    });
}

macro_rules! float_atomics {
    ($($test:ident $ty:ident)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                let aspects = queue.device().aspects();
                if stringify!($ty) == "f64" && !(aspects.fp64 && aspects.atomic64) {
                    eprintln!("SKIPPED on {}, which has no atomics on f64", queue.device());
                    return;
                }
                let cells = Buffer::<$ty>::from(vec![0.5, 0.5, 1e6, -1e6, <$ty>::NAN, 3.0, -0.0, 8.0]);
                let seen = Buffer::<$ty>::new(4);
                queue
                    .submit(|h| {
                        let (cells, seen) = (cells.read_write(h), seen.write(h).no_init());
                        h.parallel_for(NdRange::new(256, 32), kernel!(move |it: NdItem<1>| {
                            let [i] = it.global_id();
                            // Whole numbers below 2^24, so that no order of adding them rounds.
                            let x = i as $ty;
                            cells.atomic(0).fetch_add(x);
                            cells.atomic(1).fetch_sub(x);
                            cells.atomic(2).fetch_min(x - 100.0);
                            cells.atomic(3).fetch_max(x - 100.0);
                            cells.atomic(4).fetch_min(x + 1.0);
                            if i == 0 {
                                seen[0] = cells.atomic(5).swap(4.0);
                                seen[1] = cells.atomic(5).compare_exchange(4.0, 5.0).unwrap();
                                // Zeros that are equal but have other bits.
                                seen[2] = match cells.atomic(6).compare_exchange(0.0, 5.0) {
                                    Ok(_) => 9.0,
                                    Err(found) => found,
                                };
                                cells.atomic(7).store(9.5);
                                seen[3] = cells.atomic(7).acquire().load();
                            }
                        }))
                    })
                    .unwrap();
                let sum = (255 * 256 / 2) as $ty;
                let expected: [$ty; 8] = [0.5 + sum, 0.5 - sum, -100.0, 155.0, 1.0, 5.0, -0.0, 9.5];
                assert_eq!(cells.host_read().unwrap().to_vec().iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
                    expected.map(<$ty>::to_bits));
                assert_eq!(*seen.host_read().unwrap(), [3.0, 4.0, -0.0, 9.5]);
            });
        }
    )* };
}
float_atomics! {
    f32_atomics_lose_nothing f32
    f64_atomics_lose_nothing f64
}

#[test]
fn floats_in_local_memory_have_atomics_as_well() {
    on_each_device(|queue| {
        let out = Buffer::<f32>::new(8);
        queue
            .submit(|h| {
                let (out, most) = (out.write(h).no_init(), h.local::<f32, 1>(2));
                h.parallel_for(
                    NdRange::new(128, 32),
                    kernel!(move |it: NdItem<1>| {
                        let own = it.local_id()[0];
                        if own < 2 {
                            most[own] = -1.0;
                        }
                        it.barrier();
                        let x = (it.global_id()[0] * 37 % 101) as f32;
                        most.atomic(0).fetch_max(x);
                        most.atomic(1).fetch_add(1.0);
                        it.barrier();
                        if own < 2 {
                            out[it.group_id()[0] * 2 + own] = most.atomic(own).load();
                        }
                    }),
                )
            })
            .unwrap();
        let most = |group: usize| (0..32).map(|k| (group * 32 + k) * 37 % 101).max().unwrap() as f32;
        let expected: Vec<f32> = (0..4).flat_map(|group| [most(group), 31.0]).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_loop_around_a_compare_exchange_makes_any_operation_atomic() {
    on_each_device(|queue| {
        let cells = Buffer::from(vec![1u32, 0]);
        queue
            .submit(|h| {
                let cells = cells.read_write(h);
                h.parallel_for(
                    200,
                    kernel!(move |i: usize| {
                        let cell = cells.atomic(0);
                        let mut seen = cell.load();
                        while let Err(found) = cell.compare_exchange_weak(seen, (seen * 3) % 1000003) {
                            seen = found;
                        }
                        if i == 7 {
                            // What is not there is not exchanged.
                            if let Err(found) = cells.atomic(1).compare_exchange(9, 8) {
                                cells.atomic(1).store(found + 40);
                            }
                        }
                    }),
                )
            })
            .unwrap();
        let expected = (0..200).fold(1u32, |product, _| product * 3 % 1000003);
        assert_eq!(*cells.host_read().unwrap(), [expected, 40]);
    });
}

#[test]
fn what_is_written_before_a_release_is_seen_after_an_acquire() {
    on_each_device(|queue| {
        // One work-item writes and rings a bell; another, of a group that may run at the same time, must see what was written
        // if it hears the bell.
        let data = Buffer::from(vec![0u32; 2048]);
        let missed = Buffer::from(vec![0u32]);
        queue
            .submit(|h| {
                let (data, missed) = (data.read_write(h), missed.read_write(h));
                h.parallel_for(
                    NdRange::new(1024, 64),
                    kernel!(move |it: NdItem<1>| {
                        let [i] = it.global_id();
                        let pair = (i ^ 512) % 512;
                        if i < 512 {
                            data[pair * 4] = 7;
                            data.atomic(pair * 4 + 1).release().store(1);
                        } else if data.atomic(pair * 4 + 1).acquire().load() == 1 {
                            if data[pair * 4] != 7 {
                                missed.atomic(0).fetch_add(1);
                            }
                            data.atomic(pair * 4 + 1).acq_rel().fetch_add(1);
                            data.atomic(pair * 4 + 1).seq_cst().fetch_xor(0);
                        }
                    }),
                )
            })
            .unwrap();
        assert_eq!(*missed.host_read().unwrap(), [0]);
    });
}

#[test]
fn an_exchange_in_local_memory_says_what_was_there() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 8]);
        queue
            .submit(|h| {
                let (out, first) = (out.read_write(h), h.local::<i32, 1>(1));
                h.parallel_for(
                    NdRange::new(64, 32),
                    kernel!(move |it: NdItem<1>| {
                        let ([own], [group]) = (it.local_id(), it.group_id());
                        if own == 0 {
                            first[0] = -1;
                        }
                        it.barrier();
                        match first.atomic(0).work_group().acq_rel().compare_exchange(-1, own as i32) {
                            Ok(before) => out[group * 4] = (before + 2) as u32,
                            Err(other) => {
                                out.atomic(group * 4 + 1).fetch_add(1);
                                if other != first.atomic(0).load() {
                                    out.atomic(group * 4 + 2).fetch_add(1);
                                }
                            }
                        }
                        it.barrier();
                        if first.atomic(0).load() as usize == own {
                            out[group * 4 + 3] = 7;
                        }
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [1, 31, 0, 7, 1, 31, 0, 7]);
    });
}

#[test]
fn an_exchange_out_of_range_ends_the_loop_around_it() {
    on_each_device(|queue| {
        let cells = Buffer::from(vec![5u32; 4]);
        let event = queue
            .submit(|h| {
                let cells = cells.read_write(h);
                h.parallel_for(
                    8,
                    kernel!(move |i: usize| {
                        let mut seen = 1;
                        while let Err(found) = cells.atomic(i).compare_exchange(seen, 9) {
                            seen = found;
                        }
                    }),
                )
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("index 4 out of range 4 in `cells`"), "{text}");
    });
}

#[test]
fn every_order_and_scope_gives_the_same_counts() {
    on_each_device(|queue| {
        let cells = Buffer::from(vec![0u32; 6]);
        queue
            .submit(|h| {
                let cells = cells.read_write(h);
                h.parallel_for(
                    NdRange::new(256, 32),
                    kernel!(move |it: NdItem<1>| {
                        cells.atomic(0).fetch_add(1);
                        cells.atomic(1).device().acquire().fetch_add(2);
                        cells.atomic(2).work_group().release().fetch_add(3);
                        cells.atomic(3).seq_cst().sub_group().fetch_add(4);
                        cells.atomic(4).acq_rel().work_item().relaxed().fetch_add(5);
                        if it.global_id()[0] == 0 {
                            cells.atomic(5).release().store(cells.atomic(5).seq_cst().load() + 1);
                        }
                    }),
                )
            })
            .unwrap();
        assert_eq!(*cells.host_read().unwrap(), [256, 512, 768, 1024, 1280, 1]);
    });
}

#[test]
fn the_scope_of_the_whole_system_is_refused_where_the_device_lacks_it() {
    on_each_device(|queue| {
        let cells = Buffer::from(vec![0u32]);
        let submitted = queue.submit(|h| {
            let cells = cells.read_write(h);
            h.parallel_for(
                100,
                kernel!(move |_: Id<1>| {
                    cells.atomic(0).system().fetch_add(1);
                }),
            )
        });
        if queue.device().aspects().atomic_system {
            assert_eq!(*cells.host_read().unwrap(), [100]);
            return;
        }
        let error = submitted.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
        assert!(error.to_string().contains("kernel `kernel` needs atomic_system"), "{error}");
    });
}

#[device]
fn halved_while_even(cells: ReadWrite<'_, u32>) -> u32 {
    let halved = cells.atomic(1).acq_rel().fetch_update(|x| if x % 2 == 0 { Some(x / 2) } else { None });
    halved.is_ok() as u32
}

#[test]
fn fetch_update_makes_what_its_closure_gives_of_what_is_there() {
    on_each_device(|queue| {
        let cells = Buffer::from(vec![1u32, 1 << 10, 0]);
        let floats = Buffer::from(vec![0.5f32]);
        queue
            .submit(|h| {
                let (cells, floats) = (cells.read_write(h), floats.read_write(h));
                h.parallel_for(
                    100,
                    kernel!(move |i: usize| {
                        let limit = 3u32.pow(8);
                        let before =
                            cells.atomic(0).fetch_update(|x| if x < limit { Some(x * 3) } else { None });
                        if before.is_ok() {
                            cells.atomic(2).fetch_add(100);
                        }
                        cells.atomic(2).fetch_add(halved_while_even(cells));
                        let _ = floats.atomic(0).fetch_update(|x| Some(x + 1.0));
                        let _ = i;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*cells.host_read().unwrap(), [3u32.pow(8), 1, 800 + 10]);
        assert_eq!(*floats.host_read().unwrap(), [100.5]);
    });
}

//! Local memory and barriers mean the same on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::local;
use falx::prelude::*;

#[test]
fn a_group_reverses_its_elements_through_local_memory() {
    on_each_device(|queue| {
        let data = Buffer::from((0..256u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let (data, tile) = (data.read_write(h), h.local::<u32, 1>(64));
                h.parallel_for(
                    NdRange::new(256, 64),
                    kernel!(move |it: NdItem<1>| {
                        let [at] = it.global_id();
                        let [own] = it.local_id();
                        tile[own] = data[at];
                        it.barrier();
                        data[at] = tile[63 - own];
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..256).map(|k| k / 64 * 64 + 63 - k % 64).collect();
        assert_eq!(*data.host_read().unwrap(), expected);
    });
}

#[test]
fn a_tree_sum_adds_floats_in_the_order_of_the_tree() {
    let terms: Vec<f32> =
        (0..512u32).map(|k| (k.wrapping_mul(2654435761) >> 8) as f32 * 0.37 - 3e6).collect();
    let expected: Vec<f32> = terms
        .chunks(128)
        .map(|chunk| {
            let mut part = chunk.to_vec();
            let mut half = 64;
            while half > 0 {
                (0..half).for_each(|k| part[k] += part[k + half]);
                half /= 2;
            }
            part[0]
        })
        .collect();
    on_each_device(|queue| {
        let (from, sums) = (Buffer::from(terms.clone()), Buffer::<f32>::new(4));
        queue
            .submit(|h| {
                let (from, sums, part) = (from.read(h), sums.write(h).no_init(), h.local::<f32, 1>(128));
                h.parallel_for(
                    NdRange::new(512, 128),
                    kernel!(move |it: NdItem<1>| {
                        let own = it.local_id()[0];
                        part[own] = from[it.global_id()[0]];
                        it.barrier();
                        let mut half = it.local_range()[0] / 2;
                        while half > 0 {
                            if own < half {
                                part[own] += part[own + half];
                            }
                            it.barrier();
                            half /= 2;
                        }
                        if own == 0 {
                            sums[it.group_id()[0]] = part[0];
                        }
                    }),
                )
            })
            .unwrap();
        assert_eq!(*sums.host_read().unwrap(), expected);
    });
}

#[kernel_fn]
fn tiled<const T: usize>(
    it: NdItem<2>,
    a: Read<f32, 2>,
    b: Read<f32, 2>,
    c: Write<f32, 2>,
    tile_a: Local<f32, 2>,
    tile_b: Local<f32, 2>,
) {
    let [row, column] = it.global_id();
    let [y, x] = it.local_id();
    let mut sum = 0.0;
    for t in 0..a.range()[1] / T {
        tile_a[[y, x]] = a[[row, t * T + x]];
        tile_b[[y, x]] = b[[t * T + y, column]];
        it.barrier();
        for k in 0..T {
            sum += tile_a[[y, k]] * tile_b[[k, x]];
        }
        it.barrier();
    }
    c[[row, column]] = sum;
}

#[test]
fn a_tiled_matrix_product_has_the_bits_of_the_plain_one() {
    let (m, k, n) = (16, 24, 8);
    let a: Vec<f32> = (0..m * k).map(|i| (i * 7 % 31) as f32 * 0.37 - 5.0).collect();
    let b: Vec<f32> = (0..k * n).map(|i| (i * 11 % 37) as f32 * 0.11 - 2.0).collect();
    let plain = |y: usize, x: usize| (0..k).fold(0.0f32, |sum, j| sum + a[y * k + j] * b[j * n + x]);
    let expected: Vec<f32> = (0..m * n).map(|i| plain(i / n, i % n)).collect();
    on_each_device(|queue| {
        let left = Buffer::from_vec(a.clone(), [m, k]).unwrap();
        let right = Buffer::from_vec(b.clone(), [k, n]).unwrap();
        for tile in [8, 4] {
            let c = Buffer::<f32, 2>::new([m, n]);
            queue
                .submit(|h| {
                    let (a, b, c) = (left.read(h), right.read(h), c.write(h).no_init());
                    let (tile_a, tile_b) = (h.local([tile, tile]), h.local([tile, tile]));
                    let range = NdRange::new([m, n], [tile, tile]);
                    match tile {
                        8 => h.parallel_for(range, tiled::<8>(a, b, c, tile_a, tile_b)),
                        _ => h.parallel_for(range, tiled::<4>(a, b, c, tile_a, tile_b)),
                    }
                })
                .unwrap();
            assert_eq!(*c.host_read().unwrap(), expected);
        }
    });
}

#[test]
fn barriers_in_uniform_loops_and_branches_hold_the_group_together() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(96);
        let rounds = 5u32;
        queue
            .submit(|h| {
                let (out, ring) = (out.write(h).no_init(), h.local::<u32, 1>(32));
                h.parallel_for(
                    NdRange::new(96, 32),
                    kernel!(move |it: NdItem<1>| {
                        let own = it.local_id()[0];
                        ring[own] = own as u32;
                        it.barrier();
                        for round in 0..rounds {
                            let next = ring[(own + 1) % 32];
                            if round == 3 {
                                it.barrier();
                                ring[own] = next + 1000;
                            } else {
                                it.barrier();
                                ring[own] = next * 3;
                            }
                            it.barrier();
                        }
                        out[it.global_id()[0]] = ring[own];
                    }),
                )
            })
            .unwrap();
        let mut ring: Vec<u32> = (0..32).collect();
        for round in 0..5 {
            ring = (0..32)
                .map(|k| ring[(k + 1) % 32])
                .map(|x| if round == 3 { x + 1000 } else { x * 3 })
                .collect();
        }
        assert_eq!(*out.host_read().unwrap(), ring.repeat(3));
    });
}

// PoCL's compiler puts barriers of its own into the inner loop, although some have left the outer one.
#[test]
fn work_items_leave_a_loop_around_a_loop_in_different_turns() {
    on_each_device(|queue| {
        let out = Buffer::from_vec(vec![5000u64; 32], [32]).unwrap();
        queue
            .submit(|h| {
                let (out, tile) = (out.read_write(h), h.local::<u64, 1>(16));
                h.parallel_for(
                    NdRange::new(32, 16),
                    kernel!(move |it: NdItem<1>| {
                        let (i, own) = (it.global_id()[0], it.local_id()[0]);
                        let mut turns = 0u64;
                        let mut seen = 0u64;
                        while turns < 3 && {
                            let mut k = 0u32;
                            loop {
                                if !(k < 3) {
                                    break;
                                }
                                k += 1;
                                out[i] /= 2;
                            }
                            own == 0
                        } {
                            turns += 1;
                            seen = 13;
                        }
                        tile[own] = seen;
                        it.barrier();
                        out[i] = out[i] * 1000 + turns * 100 + seen + tile[15 - own];
                    }),
                )
            })
            .unwrap();
        let of = |own: u64| match own {
            0 => 9_000 + 300 + 13,
            15 => 625_000 + 13,
            _ => 625_000,
        };
        assert_eq!(*out.host_read().unwrap(), (0..32).map(|i| of(i % 16)).collect::<Vec<_>>());
    });
}

#[test]
fn a_kernel_declares_arrays_of_local_memory_that_each_group_has_once() {
    on_each_device(|queue| {
        let data = Buffer::from((0..32u32).collect::<Vec<_>>());
        let event = queue.submit(|h| {
            let (data, given) = (data.read_write(h), h.local::<u32, 1>(1));
            h.parallel_for(
                NdRange::new(32, 16),
                kernel!(move |it: NdItem<1>| {
                    let [own] = it.local_id();
                    let tile = local::<[u32; 16]>();
                    tile[own] = data[it.global_id()];
                    let table = falx::local::<[[u32; 4]; 4]>();
                    given[0] = 1000;
                    it.barrier();
                    table[own / 4 % 4][own % 4] = tile[(15 - own) % 16];
                    for _ in 0..2 {
                        let tile = falx::local::<[u32; 16]>();
                        it.barrier();
                        tile[own] = table[own % 4][own / 4 % 4] + given[0];
                        it.barrier();
                        table[own / 4 % 4][own % 4] = tile[own] * 2;
                    }
                    data[it.global_id()] = table[own / 4 % 4][own % 4] + tile[own];
                }),
            )
        });
        event.unwrap().wait().unwrap();
        // Transposed twice, each time with a thousand added and doubled.
        let expected = |i: u32| {
            let (first, own) = (i / 16 * 16, i % 16);
            (first + 15 - own + 1000) * 4 + 2000 + first + own
        };
        assert_eq!(*data.host_read().unwrap(), (0..32).map(expected).collect::<Vec<_>>());
    });
}

#[kernel_fn]
fn reversed<const N: usize, T: falx::Element>(it: NdItem<1>, data: ReadWrite<T>) {
    let tile: Local<'_, T> = local::<[T; N]>();
    let [own] = it.local_id();
    tile[own] = data[it.global_id()];
    it.barrier();
    data[it.global_id()] = tile[N - 1 - own];
}

#[test]
fn the_size_of_declared_local_memory_may_be_generic() {
    on_each_device(|queue| {
        let (small, large) = (Buffer::from(vec![1u8, 2, 3, 4]), Buffer::from((0..64i64).collect::<Vec<_>>()));
        queue.submit(|h| h.parallel_for(NdRange::new(4, 2), reversed::<2, u8>(small.read_write(h)))).unwrap();
        queue
            .submit(|h| h.parallel_for(NdRange::new(64, 64), reversed::<64, i64>(large.read_write(h))))
            .unwrap();
        assert_eq!(*small.host_read().unwrap(), [2, 1, 4, 3]);
        assert_eq!(*large.host_read().unwrap(), (0..64).rev().collect::<Vec<_>>());
    });
}

#[test]
fn an_index_beyond_declared_local_memory_is_reported() {
    on_each_device(|queue| {
        let event = queue.submit(|h| {
            h.parallel_for(
                NdRange::new(4, 4),
                kernel!(move |it: NdItem<1>| {
                    let tile = local::<[u32; 3]>();
                    tile[it.local_id()] = 1;
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("index 3 out of range 3 in `tile`, work-item 3"), "{error}");
    });
}

#[test]
fn declared_local_memory_counts_towards_the_limit_of_the_device() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(1);
        let error = queue.submit(|h| {
            let (out, given) = (out.write(h), h.local::<u32, 1>(16));
            h.parallel_for(
                NdRange::new(4, 4),
                kernel!(move |it: NdItem<1>| {
                    let tile = local::<[u32; 1 << 28]>();
                    tile[it.local_id()] = given[0];
                    out[0] = tile[1];
                }),
            )
        });
        let (bytes, limit) = ((4usize << 28) + 64, queue.device().limits().local_memory_bytes);
        let expected = format!(
            "kernel `kernel` uses {bytes} bytes of local memory, but a work-group of `{}` has {limit} bytes; use \
             smaller arrays or work-groups",
            queue.device()
        );
        assert_eq!(error.unwrap_err().to_string(), expected);
    });
}

#[test]
fn declared_local_memory_takes_a_launch_with_work_groups() {
    on_each_device(|queue| {
        let error = queue.submit(|h| {
            h.parallel_for(
                4,
                kernel!(move |i: usize| {
                    let tile = local::<[u32; 4]>();
                    tile[i] = 1;
                }),
            )
        });
        let expected = "kernel `kernel` uses local memory `tile`, but is launched without work-groups; launch it over an `NdRange`";
        assert_eq!(error.unwrap_err().to_string(), expected);
    });
}

#[kernel_fn]
fn transposed_tile(it: NdItem<2>, from: Read<u32, 2>, to: Write<u32, 2>, tile: Local<u32, 2>) {
    let [row, column] = it.local_id();
    tile[[column, row]] = from[[row, column]];
    it.barrier();
    let [columns, rows] = [tile.range()[0], tile.range()[1]];
    let place = row * columns + column;
    to[[row, column]] = tile[[place / rows, place % rows]];
}

#[test]
fn one_kernel_takes_local_memory_of_any_extents() {
    on_each_device(|queue| {
        for [rows, columns] in [[4, 4], [2, 8], [8, 2], [4, 4], [3, 5], [2, 8]] {
            let numbers: Vec<u32> = (0..(rows * columns) as u32).collect();
            let from = Buffer::from_vec(numbers, [rows, columns]).unwrap();
            let to = Buffer::<u32, 2>::new([rows, columns]);
            let work = |h: &Handler| {
                let kernel = transposed_tile(from.read(h), to.write(h), h.local([columns, rows]));
                h.parallel_for(NdRange::new([rows, columns], [rows, columns]), kernel)
            };
            queue.submit(work).unwrap().wait().unwrap();
            let by_columns = |place: usize| (place % rows * columns + place / rows) as u32;
            let expected: Vec<u32> = (0..rows * columns).map(by_columns).collect();
            assert_eq!(*to.host_read().unwrap(), expected[..], "{rows} rows, {columns} columns");
        }
    });
}

//! Slices, and references to elements, mean the same on every device and whatever they lead to.

#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::num::Number;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Body {
    position: [f32; 2],
    mass: f32,
}

#[device]
fn total<T: Number>(values: &[T]) -> T {
    let mut sum = T::ZERO;
    for k in 0..values.len() {
        sum += values[k];
    }
    sum
}

#[device]
fn sum(values: Slice<'_, u32>) -> u32 {
    let mut sum = 0;
    for k in 0..values.len() {
        sum += values[k];
    }
    sum
}

/// In halves, by other functions.
#[device]
fn sum_of_halves(values: Slice<'_, u32>) -> u32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0 } else { sum(values.slice(..middle)) * 100 + sum(values.slice(middle..)) }
}

#[device]
fn reverse(values: &mut [u32]) {
    let n = values.len();
    for k in 0..n / 2 {
        let kept = values[k];
        values[k] = values[n - 1 - k];
        values[n - 1 - k] = kept;
    }
}

#[device]
fn reverse_ends(values: &mut [u32]) {
    reverse(&mut values[..2]);
    let n = values.len();
    reverse(&mut values[n - 2..n]);
}

#[device]
fn scale(values: SliceMut<'_, u32>, by: u32) {
    for k in 0..values.len() {
        values[k] *= by;
    }
}

#[device]
fn scale_ends(values: SliceMut<'_, u32>, by: u32) {
    scale(values.slice_mut(..1), by);
    scale(values.slice_mut(values.len() - 1..), by);
    values[0] += sum(values.slice(..));
}

#[device]
fn increment(x: &mut u32, by: u32) {
    *x += by;
}

#[device]
fn swap<T: Copy>(a: &mut T, b: &mut T) {
    let kept = *a;
    *a = *b;
    *b = kept;
}

#[device]
fn heavier(bodies: Slice<'_, Body>, than: f32) -> u32 {
    let mut count = 0;
    for k in 0..bodies.len() {
        if bodies[k].mass + bodies[k].position[1] > than {
            count += 1;
        }
    }
    count
}

#[device]
fn grow(bodies: SliceMut<'_, Body>) {
    for k in 0..bodies.len() {
        bodies[k].position[1] += bodies[k].mass;
        bodies[k].mass = 10.0;
    }
}

/// Runs a kernel over `N` items that writes one number for each.
macro_rules! outputs {
    ($queue:expr, $ty:ty; $n:literal; |$i:ident, $out:ident| $body:block) => {{
        let out = Buffer::<$ty>::new($n);
        let target = out.clone();
        $queue
            .submit(move |h| {
                let $out = target.write(h).no_init();
                h.parallel_for($n, kernel!(move |$i: usize| $body))
            })
            .unwrap();
        out.host_read().unwrap().to_vec()
    }};
}

#[test]
fn whole_arrays_and_parts_of_them_are_read_as_slices() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 3; |i, out| {
            let a = [1, 2, 3, 4, i as u32];
            let nested = [[1, 2], [3, 4]];
            let part = &a[i..];
            out[i] = total(&a) * 1000 + total(&a[1..3]) * 100 + total(part) + total(&nested[1][..1]) + total(&[7, 8]);
        });
        let plain = |i: u32| {
            let a = [1, 2, 3, 4, i];
            let part: u32 = a[i as usize..].iter().sum();
            a.iter().sum::<u32>() * 1000 + 500 + part + 3 + 15
        };
        assert_eq!(found, [plain(0), plain(1), plain(2)]);
    });
}

#[device]
fn turn(values: &mut [u32], by: usize) {
    for k in 0..values.len() {
        values[(k + by) % values.len()] = (10 * values.len() + k) as u32;
    }
    values[values.len() - 1] += values[by % values.len()];
}

#[test]
fn an_index_into_a_borrowed_slice_may_ask_for_its_length() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(3);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    let mut own = [0, 0, 0];
                    turn(&mut own, 1);
                    for k in 0..3 {
                        out[k] = own[k];
                    }
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [32, 30, 31 + 30]);
    });
}

#[test]
fn slices_of_arrays_are_changed_in_place() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 2; |i, out| {
            let mut a = [1, 2, 3, 4, 5];
            reverse(&mut a);
            reverse(&mut a[i..i + 3]);
            reverse_ends(&mut a);
            let mut nested = [[1, 2], [3, 4]];
            let row = &mut nested[i];
            reverse(row);
            let mut digits = 0;
            for x in a {
                digits = digits * 10 + x;
            }
            out[i] = digits * 100 + nested[0][0] * 10 + nested[1][0];
        });
        // 54321 -> 34521 -> 43512; 54321 -> 52341 -> 25314.
        assert_eq!(found, [4351223, 2531414]);
    });
}

#[test]
fn one_function_takes_slices_of_arrays_buffers_and_local_memory() {
    on_each_device(|queue| {
        let data = Buffer::from((1..=8u32).collect::<Vec<_>>());
        let out = Buffer::<u32>::new(8);
        queue
            .submit(|h| {
                let (data, out) = (data.read(h), out.write(h).no_init());
                let shared = h.local::<u32, 1>(4);
                h.parallel_for(
                    NdRange::new(8, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [global] = it.global_id();
                        let [local] = it.local_id();
                        shared[local] = data[global] * 2;
                        it.barrier();
                        let own = [1, 2, 3];
                        let from_local = sum(shared.slice(local..));
                        let from_global = sum_of_halves(data.slice(..global + 1));
                        out[global] =
                            from_local * 1000000 + from_global * 10 + sum_of_halves(own.slice(1..)) % 10;
                    }),
                )
            })
            .unwrap();
        let plain = |global: usize| {
            let data: Vec<u32> = (1..=8).collect();
            let group = global / 4 * 4;
            let from_local: u32 = data[global..group + 4].iter().map(|x| x * 2).sum();
            let (low, high) = data[..global + 1].split_at((global + 1) / 2);
            from_local * 1000000 + (low.iter().sum::<u32>() * 100 + high.iter().sum::<u32>()) * 10 + 3
        };
        assert_eq!(*out.host_read().unwrap(), std::array::from_fn::<u32, 8, _>(plain));
    });
}

#[test]
fn slices_of_buffers_and_local_memory_are_changed_in_place() {
    on_each_device(|queue| {
        let data = Buffer::from((1..=8u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let data = data.read_write(h);
                let shared = h.local::<u32, 1>(8);
                h.parallel_for(
                    NdRange::new(2, 2),
                    kernel!(move |it: NdItem<1>| {
                        let [i] = it.global_id();
                        for k in 0..4 {
                            shared[4 * i + k] = data[4 * i + k];
                        }
                        scale_ends(shared.slice_mut(4 * i..4 * i + 4), 10);
                        it.barrier();
                        let mut own = [1, 1];
                        scale(own.slice_mut(1..), 5);
                        let mut part = data.slice_mut(4 * i..4 * i + 4);
                        for k in 0..part.len() {
                            part[k] = shared[7 - (4 * i + k)] + own[1] + own[0];
                        }
                    }),
                )
            })
            .unwrap();
        // [10 + 55, 2, 3, 40] and [50 + 143, 6, 7, 80].
        assert_eq!(*data.host_read().unwrap(), [86, 13, 12, 199, 46, 9, 8, 71]);
    });
}

#[test]
fn slices_of_a_region_begin_where_it_does() {
    on_each_device(|queue| {
        let (data, out) = (Buffer::from((0..10u32).collect::<Vec<_>>()), Buffer::<u32>::new(1));
        queue
            .submit(|h| {
                let (data, out) = (data.read(h).region(3, 4), out.write(h).no_init());
                h.single_task(kernel!(
                    move || out[0] = sum(data.slice(1..)) * 100 + data.slice(..).len() as u32
                ))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [1504]);
    });
}

#[device]
fn packed(values: Slice<'_, u32>) -> u32 {
    let mut sum = 0;
    for k in 0..values.len() {
        sum = sum * 10 + values[k];
    }
    sum
}

#[device]
fn twice(values: SliceMut<'_, u32>) {
    for k in 0..values.len() {
        values[k] *= 2;
    }
}

#[test]
fn rows_of_two_and_three_dimensions_are_slices() {
    on_each_device(|queue| {
        let matrix = Buffer::from_vec((1..=12u32).collect::<Vec<_>>(), [4, 3]).unwrap();
        let cube = Buffer::from_vec((1..=8u32).collect::<Vec<_>>(), [2, 2, 2]).unwrap();
        let out = Buffer::<u32>::new(6);
        queue
            .submit(|h| {
                let inner = matrix.read_write(h).region([1, 0], [2, 3]);
                let (cube, out, tile) =
                    (cube.read_write(h), out.write(h).no_init(), h.local::<u32, 2>([2, 3]));
                h.parallel_for(
                    NdRange::new(2, 2),
                    kernel!(move |it: NdItem<1>| {
                        let [i] = it.global_id();
                        twice(inner.slice_mut([i], 1..));
                        for k in 0..3 {
                            tile[[i, k]] = (5 * i + k) as u32;
                        }
                        twice(cube.slice_mut([i, 1 - i], ..));
                        it.barrier();
                        let part = cube.slice([i, 1 - i], ..);
                        out[3 * i] = packed(inner.slice([i], ..));
                        out[3 * i + 1] =
                            packed(tile.slice([1 - i], ..2)) + packed(tile.slice([i], ..).slice(1..));
                        out[3 * i + 2] = packed(part) + part[1];
                    }),
                )
            })
            .unwrap();
        assert_eq!(*matrix.host_read().unwrap(), [1, 2, 3, 4, 10, 12, 7, 16, 18, 10, 11, 12]);
        assert_eq!(*cube.host_read().unwrap(), [1, 2, 6, 8, 10, 12, 7, 8]);
        assert_eq!(*out.host_read().unwrap(), [512, 56 + 12, 68 + 8, 878, 1 + 67, 112 + 12]);
    });
}

#[test]
fn a_row_that_is_not_there_ends_the_work_item() {
    on_each_device(|queue| {
        let cube = Buffer::from_vec(vec![1u32; 8], [2, 2, 2]).unwrap();
        let event = queue
            .submit(|h| {
                let cube = cube.read_write(h);
                h.parallel_for(
                    NdRange::new(2, 2),
                    kernel!(move |it: NdItem<1>| {
                        let [i] = it.global_id();
                        let mut row = cube.slice_mut([i, 2 * i], ..);
                        it.barrier();
                        row[0] = 7;
                        cube[[1, 1, i]] = 8;
                    }),
                )
            })
            .unwrap();
        let error = event.wait().unwrap_err().to_string();
        assert!(error.ends_with("index [1, 2] out of range [2, 2] in `cube`, work-item 1"), "{error}");
    });
}

#[test]
fn parts_of_the_elements_of_a_slice_are_places_of_their_own() {
    on_each_device(|queue| {
        let body = Body { position: [1.0, 2.0], mass: 3.0 };
        let data = Buffer::from(vec![body; 3]);
        let out = Buffer::<u32>::new(1);
        queue
            .submit(|h| {
                let (data, out) = (data.read_write(h), out.write(h).no_init());
                h.single_task(kernel!(move || {
                    let mut own = [data[0], data[1]];
                    grow(data.slice_mut(1..));
                    grow(own.slice_mut(..1));
                    out[0] = heavier(data.slice(..), 5.5) * 10 + heavier(own.slice(..), 5.5);
                }))
            })
            .unwrap();
        let grown = Body { position: [1.0, 5.0], mass: 10.0 };
        assert_eq!(*data.host_read().unwrap(), [body, grown, grown]);
        assert_eq!(*out.host_read().unwrap(), [21]);
    });
}

#[test]
fn elements_are_lent_to_functions_and_closures() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 3; |i, out| {
            let mut a = [10, 20, 30];
            increment(&mut a[i], 5);
            let mut bodies = [Body { position: [0.0; 2], mass: 0.0 }; 2];
            let mut grid = [[1, 2, 3], [4, 5, 6]];
            let mut other = [7, 8, 9];
            swap(&mut grid[1], &mut other);
            increment(&mut grid[i / 2][i], 100);
            let add = |x: &mut f32| *x += 0.5;
            add(&mut bodies[1].position[i % 2]);
            add(&mut bodies[1].mass);
            let last = &mut a[2];
            *last += 1;
            increment(last, 1);
            out[i] = a[0] * 10000 + a[1] * 100 + a[2] + grid[0][i] * 1000000 + (bodies[1].position[0] * 2.0) as u32
                + grid[1][2] * 100000000;
        });
        assert_eq!(
            found,
            [
                900_000_000 + 101_000_000 + 152_033,
                900_000_000 + 102_000_000 + 102_532,
                (109u64 * 100_000_000 + 3_000_000 + 102_038) as u32
            ]
        );
    });
}

/// The error of a kernel over six items, of which `i` is one.
macro_rules! failure {
    ($queue:expr; |$i:ident, $out:ident| $body:block) => {{
        let out = Buffer::from(vec![0u32; 8]);
        let event = $queue.submit(|h| {
            let $out = out.read_write(h);
            h.parallel_for(6, kernel!(move |$i: usize| $body))
        });
        event.unwrap().wait().unwrap_err().to_string()
    }};
}

#[test]
fn a_bad_index_names_the_slice_and_its_length() {
    #[device]
    fn store(values: SliceMut<'_, u32>, at: usize) {
        values[at] = 1;
    }
    #[device]
    fn load(row: &[u32], at: usize) -> u32 {
        row[at]
    }
    on_each_device(|queue| {
        let error = failure!(queue; |i, out| { store(out.slice_mut(2..7), i); });
        assert!(error.ends_with("index 5 out of range 5 in `values`, work-item 5"), "{error}");
        let error = failure!(queue; |i, out| {
            let a = [1, 2, 3, 4, 5, 6, 7];
            out[i] = load(&a[1..6], i);
        });
        assert!(error.ends_with("index 5 out of range 5 in `row`, work-item 5"), "{error}");
    });
}

#[test]
fn a_range_that_does_not_lie_inside_ends_the_work_item() {
    on_each_device(|queue| {
        let error = failure!(queue; |i, out| {
            let part = out.slice(i..i + 4);
            out[7] = part[3];
        });
        assert!(error.ends_with("range 5..9 out of range 8 in `out`, work-item 5"), "{error}");
        let error = failure!(queue; |i, out| {
            let a = [1, 2, 3];
            out[i] = total(&a[i - 3..1]) + total(&a[1..]);
        });
        assert!(error.contains(" out of range 3 in `a`, work-item "), "{error}");
        let error = failure!(queue; |i, out| {
            let mut a = [1; 6];
            reverse(&mut a[2..6 - i]);
            out[i] = a[0];
        });
        assert!(error.ends_with("range 2..1 out of range 6 in `a`, work-item 5"), "{error}");
    });
}

#[test]
fn an_element_that_is_not_there_is_not_lent() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 6]);
        let event = queue.submit(|h| {
            let out = out.read_write(h);
            h.parallel_for(
                6,
                kernel!(move |i: usize| {
                    let mut a = [1; 5];
                    increment(&mut a[i], 1);
                    out[i] = a[4];
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("index 5 out of range 5 in `a`, work-item 5"), "{error}");
    });
}

#[test]
fn a_work_item_that_a_slice_ends_keeps_no_barrier_waiting() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 8]);
        let event = queue.submit(|h| {
            let out = out.read_write(h);
            let shared = h.local::<u32, 1>(4);
            h.parallel_for(
                NdRange::new(8, 4),
                kernel!(move |it: NdItem<1>| {
                    let [i] = it.global_id();
                    let mut own = [1, 2, 3];
                    let part = out.slice(2 * i..8);
                    let element = &mut own[i];
                    *element += part.len() as u32;
                    for _ in 0..2 {
                        it.barrier();
                        shared[i % 4] = own[0];
                    }
                    out[i] = 1;
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("out of range"), "{error}");
    });
}

#[test]
fn functions_with_slices_are_functions_of_the_host_as_well() {
    let mut a = [1, 2, 3, 4];
    reverse_ends(&mut a);
    assert_eq!((a, total(&a[1..]), total(&[0.5, 0.25])), ([2, 1, 4, 3], 8, 0.75));
}

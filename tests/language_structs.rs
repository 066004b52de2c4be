//! `#[device]` structs are values in a kernel as they are in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    x: f32,
    y: f32,
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Body {
    position: Point,
    velocity: Point,
    history: [Point; 2],
    mass: f32,
    id: u32,
}

#[device]
fn moved(body: Body, by: Point) -> Body {
    let Body { position: Point { x, y }, history: [last, _], .. } = body;
    let position = Point { x: x + by.x, y: y + by.y };
    Body { position, history: [body.position, last], ..body }
}

fn body(k: u32) -> Body {
    let point = |x: u32| Point { x: x as f32, y: -(x as f32) };
    Body {
        position: point(k),
        velocity: point(k + 1),
        history: [point(k + 2), point(k + 3)],
        mass: k as f32 * 0.5,
        id: k,
    }
}

#[test]
fn structs_are_elements_captures_arguments_and_results() {
    on_each_device(|queue| {
        let bodies = Buffer::from((0..40).map(body).collect::<Vec<_>>());
        let by = Point { x: 0.5, y: 1.5 };
        queue
            .submit(|h| {
                let bodies = bodies.read_write(h);
                h.parallel_for(
                    40,
                    kernel!(move |i: usize| {
                        let mut one = moved(bodies[i], by);
                        one.velocity.y += by.x;
                        one.history[1].x = one.mass;
                        bodies[i] = one;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<Body> = (0..40)
            .map(|k| {
                let mut one = moved(body(k), by);
                one.velocity.y += by.x;
                one.history[1].x = one.mass;
                one
            })
            .collect();
        assert_eq!(*bodies.host_read().unwrap(), expected);
    });
}

#[test]
fn fields_of_elements_are_read_and_written_alone() {
    on_each_device(|queue| {
        let bodies = Buffer::from((0..3).map(body).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let bodies = bodies.read_write(h);
                // Work-items share elements, each with a field of its own.
                h.parallel_for(
                    12,
                    kernel!(move |i: usize| {
                        let k = i / 4;
                        if i % 4 == 0 {
                            bodies[k].position.x += 10.0;
                        } else if i % 4 == 1 {
                            bodies[k].history[i % 2].y = bodies[k].mass;
                        } else if i % 4 == 2 {
                            bodies[k].id *= 3;
                        } else {
                            bodies[k].velocity = Point { x: 1.0, y: 2.0 };
                        }
                    }),
                )
            })
            .unwrap();
        let expected: Vec<Body> = (0..3)
            .map(|k| {
                let mut one = body(k);
                one.position.x += 10.0;
                one.history[1].y = one.mass;
                one.id *= 3;
                one.velocity = Point { x: 1.0, y: 2.0 };
                one
            })
            .collect();
        assert_eq!(*bodies.host_read().unwrap(), expected);
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex<T> {
    re: T,
    im: T,
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Matrix<T, const ROWS: usize, const COLUMNS: usize>([[T; COLUMNS]; ROWS]);

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mixed {
    small: u8,
    flag: bool,
    wide: f64,
    place: (u16, Complex<i64>),
    count: usize,
}

#[test]
fn generic_structs_are_types_of_their_own_for_each_argument() {
    on_each_device(|queue| {
        if common_language::lacks(queue, "f64") {
            return;
        }
        let singles = Buffer::<Complex<f32>>::new(8);
        let matrices = Buffer::<Matrix<i32, 2, 3>>::new(8);
        queue
            .submit(|h| {
                let (singles, matrices) = (singles.write(h).no_init(), matrices.write(h).no_init());
                h.parallel_for(
                    8,
                    kernel!(move |i: usize| {
                        let double = Complex { re: 0.5f64, im: i as f64 };
                        singles[i] = Complex { re: (double.re * double.im) as f32, im: 1.0 };
                        let mut matrix = Matrix([[i as i32; 3]; 2]);
                        matrix.0[1][i % 3] *= 10;
                        let Matrix([first, [_, _, last]]) = matrix;
                        matrix.0[0] = [first[0], last, 7];
                        matrices[i] = matrix;
                    }),
                )
            })
            .unwrap();
        let single = |i: i32| Complex { re: 0.5 * i as f32, im: 1.0 };
        assert_eq!(*singles.host_read().unwrap(), (0..8).map(single).collect::<Vec<_>>());
        let matrix = |i: i32| {
            let mut second = [i; 3];
            second[i as usize % 3] *= 10;
            Matrix([[i, second[2], 7], second])
        };
        assert_eq!(*matrices.host_read().unwrap(), (0..8).map(matrix).collect::<Vec<_>>());
    });
}

#[test]
fn captured_structs_keep_every_field_whatever_lies_between() {
    on_each_device(|queue| {
        if common_language::lacks(queue, "f64") {
            return;
        }
        let out = Buffer::<i64>::new(6);
        let one = Mixed {
            small: 200,
            flag: true,
            wide: -2.5,
            place: (60000, Complex { re: -7, im: 1 << 40 }),
            count: 3,
        };
        let all = [one, Mixed { small: 1, flag: false, ..one }];
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    out[0] = one.small as i64 + all[1].small as i64;
                    out[1] = if all[0].flag && !all[1].flag { 1 } else { 0 };
                    out[2] = (one.wide * 2.0) as i64;
                    out[3] = all[1].place.0 as i64;
                    out[4] = one.place.1.re + all[1].place.1.im;
                    out[5] = all[1].count as i64;
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [201, 1, -5, 60000, (1 << 40) - 7, 3]);
    });
}

#[test]
fn a_bad_index_into_an_array_inside_of_an_element_is_reported_and_touches_nothing() {
    on_each_device(|queue| {
        let bodies = Buffer::from((0..4).map(body).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let bodies = bodies.read_write(h);
                h.parallel_for(4, kernel!(move |i: usize| bodies[i].history[i].x = 1.0))
            })
            .unwrap();
        let error = bodies.host_read().unwrap_err().to_string();
        assert!(error.contains("`bodies[i].history`") && error.contains('2'), "{error}");
    });
}

#[test]
fn fields_narrower_than_their_neighbours_are_stored_alone() {
    #[device]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Packed {
        bytes: [u8; 4],
        halves: [u16; 2],
        word: u32,
    }
    on_each_device(|queue| {
        let zero = Packed { bytes: [0; 4], halves: [0; 2], word: 9 };
        let all = Buffer::from(vec![zero; 2]);
        queue
            .submit(|h| {
                let all = all.read_write(h);
                h.parallel_for(
                    12,
                    kernel!(move |i: usize| {
                        if i % 6 < 4 {
                            all[i / 6].bytes[i % 6] += i as u8 + 1;
                        } else {
                            all[i / 6].halves[i % 6 - 4] += i as u16 * 1000;
                        }
                    }),
                )
            })
            .unwrap();
        let expected = [
            Packed { bytes: [1, 2, 3, 4], halves: [4000, 5000], word: 9 },
            Packed { bytes: [7, 8, 9, 10], halves: [10000, 11000], word: 9 },
        ];
        assert_eq!(*all.host_read().unwrap(), expected);
    });
}

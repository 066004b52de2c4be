//! A kernel may panic and assert: the same error on every device, with the condition and the values, and what has failed
//! does nothing more.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// The error that a command group's kernel ends with.
#[track_caller]
fn failure(queue: &Queue, group: impl FnOnce(&Handler)) -> String {
    let event = queue.submit(|h| group(h)).unwrap();
    let error = event.wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Kernel);
    error.to_string()
}

/// Checks an error's text: the kernel and the place, then what was found. The place is the line that ends with `mark`.
#[track_caller]
fn check(text: &str, mark: &str, found: &str) {
    let mut lines = include_str!("language_asserts.rs").lines();
    let (line, source) =
        lines.by_ref().enumerate().find(|(_, line)| line.ends_with(&format!("// {mark}"))).unwrap();
    let bang = source.find("!(").unwrap();
    let name = source[..bang].rfind(|c: char| !c.is_alphabetic() && c != '_').map_or(0, |at| at + 1);
    assert_eq!(text, format!("kernel `kernel` at {}:{}:{}: {found}", file!(), line + 1, name + 1));
}

#[test]
fn an_assertion_names_its_condition_and_shows_its_message() {
    on_each_device(|queue| {
        let text = failure(queue, |h| {
            h.parallel_for(
                10,
                kernel!(|i: usize| {
                    assert!(i * 2 < 15); // plain
                }),
            );
        });
        check(&text, "plain", "assertion `i * 2 < 15` failed, work-item 8");

        let limit = 0.5f32;
        let text = failure(queue, |h| {
            h.parallel_for(
                [2, 3],
                kernel!(|at: Id<2>| {
                    let x = at[1] as f32 / 4.0;
                    assert!(x < limit, "x = {x:.2} at {:?}, limit {limit:>5}", at[0] as i32 - 1); // message
                }),
            );
        });
        check(
            &text,
            "message",
            "assertion `x < limit` failed: x = 0.50 at -1, limit   0.5, work-item [0, 2]",
        );
    });
}

#[test]
fn a_comparison_shows_both_values() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1.5f64, 2.0, -0.25]);
        let text = failure(queue, |h| {
            let a = a.read(h);
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    assert_eq!(a[i] * 2.0, 3.0 + i as f64); // equal
                }),
            );
        });
        check(
            &text,
            "equal",
            "assertion `a[i] * 2.0 == 3.0 + i as f64` failed (left: -0.5, right: 5.0), work-item 2",
        );

        let text = failure(queue, |h| {
            h.parallel_for(
                40,
                kernel!(|i: usize| {
                    let byte = i as i8 - 20;
                    assert_ne!(byte, 17, "byte {}", byte as u8 ^ 0x80); // unequal
                }),
            );
        });
        check(
            &text,
            "unequal",
            "assertion `byte != 17` failed (left: 17, right: 17): byte 145, work-item 37",
        );

        let text = failure(queue, |h| {
            h.single_task(kernel!(|| {
                let both = [[true, false], [false, true]];
                assert!(both[0][1], "{:?} of {both:?}", both[0]); // array
            }));
        });
        check(
            &text,
            "array",
            "assertion `both[0][1]` failed: [true, false] of [[true, false], [false, true]], in its only work-item",
        );
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Body {
    mass: f32,
    at: [i32; 2],
}

#[test]
fn structs_and_tuples_are_shown_as_rust_derives_it() {
    on_each_device(|queue| {
        let body = Body { mass: 1.5, at: [3, -4] };
        let text = failure(queue, |h| {
            h.single_task(kernel!(move || {
                let pair = (body.at[1], true);
                assert!(body.mass > 2.0, "{body:?} and {pair:?}"); // struct
            }));
        });
        let found = format!("{body:?} and {:?}, in its only work-item", (-4, true));
        check(&text, "struct", &format!("assertion `body.mass > 2.0` failed: {found}"));
    });
}

#[test]
fn panics_say_what_rust_says() {
    on_each_device(|queue| {
        let n = 3u32;
        let text = failure(queue, |h| {
            h.single_task(kernel!(|| {
                panic!("{} of {n}: {{}}", n - 1); // panic
            }));
        });
        check(&text, "panic", "panicked: 2 of 3: {}, in its only work-item");
        let text = failure(queue, |h| {
            h.single_task(kernel!(|| {
                if n > 2 {
                    panic!() // bare
                }
            }));
        });
        check(&text, "bare", "panicked, in its only work-item");
        let text = failure(queue, |h| {
            h.single_task(kernel!(|| {
                let x = if n < 3 { n } else { unreachable!("n is {n:#x}") }; // unreachable
                assert!(x < 1);
            }));
        });
        check(
            &text,
            "unreachable",
            "internal error: entered unreachable code: n is 0x3, in its only work-item",
        );
        let text = failure(queue, |h| {
            h.single_task(kernel!(|| {
                todo!() // todo
            }));
        });
        check(&text, "todo", "not yet implemented, in its only work-item");
    });
}

#[test]
fn after_its_panic_a_work_item_does_nothing_more() {
    on_each_device(|queue| {
        // Borrowed memory, because a buffer that a failed kernel wrote cannot be read.
        let mut memory = vec![0u32; 40];
        let failed = falx::scope(|s| {
            let buffer = s.buffer(&mut memory);
            failure(queue, |h| {
                let a = buffer.read_write(h);
                h.parallel_for(
                    40,
                    kernel!(move |i: usize| {
                        a[i] = 1;
                        let mut k = 0;
                        while k < 10 {
                            assert!(i % 4 != 3 || k < 5);
                            a[i] += 1;
                            k += 1;
                        }
                        a[i] += 100;
                    }),
                );
            })
        });
        assert!(failed.is_err_and(|error| error.is_kernel()));
        let expected: Vec<u32> = (0..40).map(|i| if i % 4 == 3 { 6 } else { 111 }).collect();
        assert_eq!(memory, expected);
    });
}

#[device]
fn root(x: i32) -> i32 {
    let mut k = 0;
    loop {
        if k * k == x {
            return k;
        }
        assert!(k * k < x, "{x} is no square"); // device function
        k += 1;
    }
}

#[device]
fn sum_of_roots(x: i32, y: i32) -> i32 {
    root(x) + root(y)
}

#[test]
fn a_panic_in_a_device_function_ends_its_callers() {
    on_each_device(|queue| {
        let mut memory = vec![0, 1, 2, 4, 9, 8];
        let failed = falx::scope(|s| {
            let buffer = s.buffer(&mut memory);
            let text = failure(queue, |h| {
                let a = buffer.read_write(h);
                h.parallel_for(6, kernel!(move |i: usize| a[i] = sum_of_roots(4, a[i])));
            });
            check(&text, "device function", "assertion `k * k < x` failed: 2 is no square, work-item 2");
        });
        assert!(failed.is_err_and(|error| error.is_kernel()));
        assert_eq!(memory, [2, 3, 2, 4, 5, 8]);
    });
    assert_eq!(sum_of_roots(9, 16), 7);
}

#[test]
fn outside_of_kernels_a_device_function_panics_as_rust_does() {
    let panic = std::panic::catch_unwind(|| root(3)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "assertion `k * k < x` failed: 3 is no square");
}

#[test]
fn barriers_are_reached_by_work_items_that_have_panicked() {
    on_each_device(|queue| {
        let mut memory = vec![0u32; 32];
        let failed = falx::scope(|s| {
            let buffer = s.buffer(&mut memory);
            let text = failure(queue, |h| {
                let (a, tile) = (buffer.read_write(h), h.local::<u32, 1>(8));
                h.parallel_for(
                    NdRange::new(32, 8),
                    kernel!(move |it: NdItem<1>| {
                        let [at] = it.global_id();
                        let [own] = it.local_id();
                        tile[own] = 1;
                        a[at] = 10;
                        let mut width = 4;
                        let mut turn = 0;
                        while width > 0 {
                            it.barrier();
                            if own < width {
                                tile[own] += tile[own + width];
                            }
                            turn += 1;
                            let mut k = 0;
                            loop {
                                assert!(at != 13 || turn != 2 || k < 3, "turn {turn}"); // between barriers
                                a[at] += 1;
                                k += 1;
                                if k == 4 {
                                    break;
                                }
                            }
                            width /= 2;
                        }
                        it.barrier();
                        a[at] += tile[0] * 100;
                    }),
                );
            });
            check(
                &text,
                "between barriers",
                "assertion `at != 13 || turn != 2 || k < 3` failed: turn 2, work-item 13",
            );
        });
        assert!(failed.is_err_and(|error| error.is_kernel()));
        let expected: Vec<u32> = (0..32).map(|at| if at == 13 { 17 } else { 822 }).collect();
        assert_eq!(memory, expected);
    });
}

#[test]
fn a_panic_under_a_condition_that_a_whole_group_shares_ends_the_group() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 16]);
        let n = 1;
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                NdRange::new(16, 8),
                kernel!(move |it: NdItem<1>| {
                    if it.group_id()[0] == n {
                        panic!("group {n}"); // whole group
                    }
                    it.barrier();
                    a[it.global_id()[0]] = 2;
                }),
            );
        });
        check(&text, "whole group", "panicked: group 1, work-item 8");
    });
}

#[test]
fn loops_with_barriers_end_behind_a_step_that_might_be_zero() {
    on_each_device(|queue| {
        let from = Buffer::from((0..1024u32).collect::<Vec<_>>());
        let sums = Buffer::from(vec![0u32; 2]);
        let launch = |step: usize| {
            queue.submit(|h| {
                let (from, sums, part) = (from.read(h), sums.write(h), h.local::<u32, 1>(64));
                h.parallel_for(
                    NdRange::new(128, 64),
                    kernel!(move |it: NdItem<1>| {
                        let [own] = it.local_id();
                        let mut sum = 0;
                        for i in (it.global_id()[0]..from.range()[0]).step_by(step) {
                            sum += from[i];
                        }
                        part[own] = sum;
                        let mut half = 32;
                        while half > 0 {
                            it.barrier();
                            if own < half {
                                part[own] += part[own + half];
                            }
                            half /= 2;
                        }
                        if own == 0 {
                            sums[it.group_id()[0]] = part[0];
                        }
                    }),
                )
            })
        };
        launch(128).unwrap();
        // Of each 128 numbers the first group adds up the first 64.
        let of_group =
            |group: u32| (0..8u32).flat_map(|k| (0..64).map(move |i| k * 128 + group * 64 + i)).sum();
        assert_eq!(*sums.host_read().unwrap(), [of_group(0), of_group(1)]);
        let error = launch(0).unwrap().wait().unwrap_err().to_string();
        assert!(
            error.contains("a step of zero in `(it.global_id()[0]..from.range()[0]).step_by(step)`"),
            "{error}"
        );
    });
}

#[test]
fn work_items_meet_in_a_loop_of_steps_whoever_has_ended() {
    on_each_device(|queue| {
        let from = Buffer::from((0..64u32).collect::<Vec<_>>());
        let launch = |step: usize, ended: usize| {
            let to = Buffer::from(vec![0u32; 16]);
            let launched = queue.submit(|h| {
                let (from, to, tile) = (from.read(h), to.write(h), h.local::<u32, 1>(8));
                h.parallel_for(
                    NdRange::new(16, 8),
                    kernel!(move |it: NdItem<1>| {
                        let [own] = it.local_id();
                        if it.global_id()[0] == ended {
                            panic!("left early");
                        }
                        let mut sum = 0;
                        for k in (0..from.range()[0]).step_by(step) {
                            tile[own] = from[k + own];
                            it.barrier();
                            sum += tile[7 - own];
                            it.barrier();
                        }
                        to[it.global_id()[0]] = sum;
                    }),
                )
            });
            let ended = launched.unwrap().wait().map_err(|error| error.to_string());
            ended.map(|()| to.into_vec().unwrap())
        };
        let sum = |own: u32| (0..8u32).map(|k| 8 * k + 7 - own).sum::<u32>();
        assert_eq!(launch(8, 16), Ok((0..16).map(|i| sum(i % 8)).collect()));
        let text = launch(8, 11).unwrap_err();
        assert!(text.contains("left early") && text.contains("work-item 11"), "{text}");
        let text = launch(0, 16).unwrap_err();
        assert!(text.contains("a step of zero"), "{text}");
        assert_eq!(launch(usize::MAX, 16), Ok((0..16).map(|i| 7 - i % 8).collect()));
    });
}

#[test]
fn a_panic_of_all_ends_a_loop_without_barriers() {
    on_each_device(|queue| {
        let n = 5;
        let text = failure(queue, |h| {
            let tile = h.local::<u32, 1>(8);
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    tile[it.local_id()[0]] = 0;
                    let mut k = 0;
                    while k < 10 {
                        if k == n {
                            panic!("k is {k}"); // all
                        } else {
                            k += 1;
                        }
                    }
                    it.barrier();
                }),
            );
        });
        check(&text, "all", "panicked: k is 5, work-item 0");
    });
}

#[test]
fn debug_assertions_are_not_checked() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![0u32; 4]);
        queue
            .submit(|h| {
                let a = a.write(h);
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        debug_assert!(i > 10, "never looked at");
                        debug_assert_eq!(i, 10);
                        debug_assert_ne!(i, i);
                        a[i] = 5;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*a.host_read().unwrap(), [5; 4]);
    });
}

#[test]
fn a_launch_without_failures_is_none() {
    on_each_device(|queue| {
        let a = Buffer::from((0..1000u32).collect::<Vec<_>>());
        for _ in 0..3 {
            queue
                .submit(|h| {
                    let a = a.read_write(h);
                    h.parallel_for(
                        1000,
                        kernel!(move |i: usize| {
                            assert_eq!(a[i] % 1000, i as u32);
                            a[i] += 1000;
                        }),
                    )
                })
                .unwrap();
        }
        assert_eq!(a.host_read().unwrap()[999], 3999);
    });
}

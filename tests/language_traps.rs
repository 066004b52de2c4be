//! A failed check is the same error on every device, names what failed and where, and touches nothing outside the accessor.

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
fn check(text: &str, kernel: &str, mark: &str, found: &str) {
    let mut lines = include_str!("language_traps.rs").lines();
    let line = lines.position(|line| line.ends_with(&format!("// {mark}"))).unwrap() + 1;
    let place = format!("kernel `{kernel}` at {}:{line}:", file!());
    let rest = text.strip_prefix(&place).unwrap_or_else(|| panic!("`{text}` does not begin with `{place}`"));
    let (column, rest) = rest.split_once(": ").unwrap();
    assert!(column.parse::<u32>().unwrap() > 1, "{text}");
    assert_eq!(rest, found);
}

#[test]
fn an_index_out_of_range_names_index_length_and_work_item() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 100]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(101, kernel!(move |i: usize| a[i] = 5)); // one dimension
        });
        check(&text, "kernel", "one dimension", "index 100 out of range 100 in `a`, work-item 100");

        let b = Buffer::from_vec(vec![1u32; 12], [3, 4]).unwrap();
        let text = failure(queue, |h| {
            let b = b.read_write(h);
            h.parallel_for(
                [3, 5],
                kernel!(move |at: Id<2>| if at[0] == 1 {
                    b[at] = 5; // two dimensions
                }),
            );
        });
        check(&text, "kernel", "two dimensions", "index [1, 4] out of range [3, 4] in `b`, work-item [1, 4]");

        let c = Buffer::from_vec(vec![1u32; 24], [2, 3, 4]).unwrap();
        let text = failure(queue, |h| {
            let c = c.read_write(h);
            h.parallel_for(
                [2, 3, 4],
                kernel!(move |at: Item<3>| {
                    let [x, y, z] = at.id();
                    if at.linear_id() == 9 {
                        c[[y, x, z]] += 5; // three dimensions
                    }
                }),
            );
        });
        check(
            &text,
            "kernel",
            "three dimensions",
            "index [2, 0, 1] out of range [2, 3, 4] in `c`, work-item [0, 2, 1]",
        );
    });
}

#[test]
fn private_arrays_are_checked() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![9u32; 8]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                8,
                kernel!(move |i: usize| {
                    let table = [1, 2, 3, 4, 5];
                    a[i] = table[i / 7 * 5]; // read of a private array
                }),
            );
        });
        check(&text, "kernel", "read of a private array", "index 5 out of range 5 in `table`, work-item 7");

        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                8,
                kernel!(move |i: usize| {
                    let mut table = [0u32; 3];
                    table[a.range()[0] - i + 1 - 5] = 4; // store to a private array
                    a[i] = table[0] + table[1] + table[2];
                }),
            );
        });
        check(&text, "kernel", "store to a private array", "index 4 out of range 3 in `table`, work-item 0");
    });
}

#[test]
fn a_negative_index_is_a_large_one() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![9u32; 8]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(1, kernel!(move |i: usize| a[i - 1] = 0)); // negative
        });
        check(&text, "kernel", "negative", "index 18446744073709551615 out of range 8 in `a`, work-item 0");
    });
}

#[test]
fn local_memory_is_checked_and_barriers_are_still_reached() {
    on_each_device(|queue| {
        let a = Buffer::from((0..16u32).collect::<Vec<_>>());
        let b = Buffer::from(vec![0u32; 16]);
        let text = failure(queue, |h| {
            let (a, b, tile) = (a.read(h), b.write(h), h.local::<u32, 1>(8));
            h.parallel_for(
                NdRange::new(16, 8),
                kernel!(move |it: NdItem<1>| {
                    let [at] = it.global_id();
                    let [own] = it.local_id();
                    tile[own] = a[at];
                    if at == 3 {
                        tile[own + 5] = 100; // local memory
                    }
                    it.barrier();
                    b[at] = tile[7 - own] + 1;
                }),
            );
        });
        check(&text, "kernel", "local memory", "index 8 out of range 8 in `tile`, work-item 3");
        // The kernel ran on: overwriting with another and reading shows that nothing hangs.
        queue.submit(|h| h.fill(&b.write(h).no_init(), 1)).unwrap();
        assert_eq!(*b.host_read().unwrap(), [1; 16]);
    });
}

#[device]
fn element(source: Read<'_, i32>, at: usize) -> i32 {
    source[at * 2] + 1 // device function
}

#[kernel_fn]
fn gather(i: Id<1>, source: Read<i32>, out: Write<i32>) {
    out[i] = element(source, i[0]);
}

#[kernel_fn]
fn quotients(i: Id<1>, source: Read<i32>, out: Write<i32>) {
    out[i] = 1000 / source[i]; // quotient
}

#[test]
fn a_failure_in_a_device_function_names_the_kernel_and_the_function_s_line() {
    on_each_device(|queue| {
        let (source, out) = (Buffer::from(vec![3i32; 10]), Buffer::<i32>::new(6));
        let text = failure(queue, |h| h.parallel_for(6, gather(source.read(h), out.write(h))));
        check(&text, "gather", "device function", "index 10 out of range 10 in `source`, work-item 5");
    });
}

#[test]
fn divisions_without_a_result_fail() {
    on_each_device(|queue| {
        let (source, out) = (Buffer::from(vec![3, 1, 0, -1]), Buffer::<i32>::new(4));
        let text = failure(queue, |h| h.parallel_for(4, quotients(source.read(h), out.write(h))));
        check(
            &text,
            "quotients",
            "quotient",
            "division by zero or of the smallest value by -1 in `1000 / source[i]`, work-item 2",
        );

        let smallest = Buffer::from(vec![i32::MIN + 1, i32::MIN]);
        let text = failure(queue, |h| {
            let a = smallest.read_write(h);
            h.parallel_for(2, kernel!(move |i: usize| a[i] = a[i] % (a[0] - a[0] - 1))); // remainder
        });
        check(
            &text,
            "kernel",
            "remainder",
            "division by zero or of the smallest value by -1 in `a[i] % (a[0] - a[0] - 1)`, work-item 1",
        );

        let bytes = Buffer::from(vec![0u8]);
        let text = failure(queue, |h| {
            let a = bytes.read_write(h);
            h.single_task(kernel!(move || a[0] = 200 / a[0])); // quotient of bytes
        });
        check(
            &text,
            "kernel",
            "quotient of bytes",
            "division by zero or of the smallest value by -1 in `200 / a[0]`, in its only work-item",
        );

        let text = failure(queue, |h| {
            let a = bytes.read_write(h);
            h.single_task(kernel!(move || a[0] = a[0].rem_euclid(a[0]))); // euclidean remainder
        });
        check(
            &text,
            "kernel",
            "euclidean remainder",
            "division by zero or of the smallest value by -1 in `a[0].rem_euclid(a[0])`, in its only work-item",
        );
    });
}

#[test]
fn a_work_item_reports_its_first_failure() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1.0f32; 50]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                51,
                kernel!(move |i: usize| {
                    a[i] = a[i] + 1.0;
                    a[i + 100] = a[i + 50]; // load of the first work-item
                }),
            );
        });
        // The work-item 0 fails at a later place, and is the first all the same.
        check(&text, "kernel", "load of the first work-item", "index 50 out of range 50 in `a`, work-item 0");

        let text = failure(queue, |h| {
            let a = a.read_write(h).region(0, 50);
            h.parallel_for(
                51,
                kernel!(move |i: usize| {
                    a[i] = a[i] + 1.0; // load before store
                }),
            );
        });
        check(&text, "kernel", "load before store", "index 50 out of range 50 in `a`, work-item 50");
    });
}

#[test]
fn of_several_work_items_of_a_group_the_lowest_is_reported() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 40]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                NdRange::new(64, 64),
                kernel!(move |it: NdItem<1>| {
                    let [i] = it.global_id();
                    a[i + 23] = 5; // several
                }),
            );
        });
        check(&text, "kernel", "several", "index 40 out of range 40 in `a`, work-item 17");
    });
}

#[test]
fn of_several_work_items_of_a_group_of_rows_the_lowest_is_reported() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 40]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                NdRange::new([4, 5], [4, 5]),
                kernel!(move |it: NdItem<2>| {
                    a[it.local_linear_id() + 33] = 5; // rows
                }),
            );
        });
        check(&text, "kernel", "rows", "index 40 out of range 40 in `a`, work-item [1, 2]");
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                NdRange::new([2, 2, 3], [2, 2, 3]),
                kernel!(move |it: NdItem<3>| {
                    a[it.local_linear_id() + 36] = 5; // planes
                }),
            );
        });
        check(&text, "kernel", "planes", "index 40 out of range 40 in `a`, work-item [0, 1, 1]");
    });
}

#[test]
fn nothing_outside_the_accessor_is_touched() {
    on_each_device(|queue| {
        // Borrowed memory, because a buffer that a failed kernel wrote cannot be read.
        let mut memory = vec![7u32; 300];
        let failed = falx::scope(|s| {
            let buffer = s.buffer(&mut memory);
            failure(queue, |h| {
                let flat = buffer.read_write(h).region(100, 100);
                h.parallel_for(
                    [20, 20],
                    kernel!(move |at: Id<2>| {
                        flat[at[0] * 20 + at[1]] = 1;
                        flat[at[0] * 20 + at[1] - 50] += 2;
                        flat[at[0] - 300] = 3;
                    }),
                );
            })
        });
        assert!(failed.is_err_and(|error| error.is_kernel()));
        assert!(memory[..100].iter().chain(&memory[200..]).all(|x| *x == 7), "{memory:?}");
        // The accesses in range took place, in this very memory.
        assert!(memory[100..200].iter().all(|x| *x != 7), "{memory:?}");
    });
}

#[test]
fn the_first_failure_is_told_of_a_work_item_that_returns_early() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 100]);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                64,
                kernel!(move |i: usize| {
                    for k in 0..10usize {
                        if k == 7 && i < 60 {
                            return;
                        }
                        if i == 50 {
                            a[(k + 1) << 40] = 5; // first
                        }
                    }
                    a[i] = 9;
                }),
            );
        });
        check(&text, "kernel", "first", "index 1099511627776 out of range 100 in `a`, work-item 50");
    });
}

#[test]
fn a_failed_load_gives_zero_and_a_failed_store_does_nothing() {
    on_each_device(|queue| {
        let mut memory = vec![7u32; 24];
        let failed = falx::scope(|s| {
            let buffer = s.buffer(&mut memory);
            failure(queue, |h| {
                let (part, all) = (buffer.read_write(h).region(4, 4), h.local::<u32, 1>(3));
                h.parallel_for(
                    NdRange::new(1, 1),
                    kernel!(move |it: NdItem<1>| {
                        let none = [5u32; 2];
                        let far = it.global_id()[0] + 100;
                        part[far] = 1;
                        part[0] = part[far] + 20;
                        all[far] = 6;
                        part[1] = all[far] + 30;
                        part[2] = none[far] + 40;
                        part[3] = 1000 / (part[far] * 3) + 50;
                    }),
                );
            })
        });
        assert!(failed.is_err_and(|error| error.is_kernel()));
        let expected: Vec<u32> =
            (0..24).map(|k| if (4..8).contains(&k) { 20 + (k - 4) * 10 } else { 7 }).collect();
        assert_eq!(memory, expected);
    });
}

#[test]
fn later_work_on_the_same_queue_is_not_blamed() {
    on_each_device(|queue| {
        let (bad, good) = (Buffer::from(vec![0u32; 4]), Buffer::from(vec![0u32; 4]));
        failure(queue, |h| {
            let bad = bad.write(h);
            h.parallel_for(5, kernel!(move |i: usize| bad[i] = 1));
        });
        for turn in 1..50 {
            let event = queue
                .submit(|h| {
                    let good = good.read_write(h);
                    h.parallel_for(4, kernel!(move |i: usize| good[i * 1] += 1));
                })
                .unwrap();
            event.wait().unwrap();
            assert_eq!(*good.host_read().unwrap(), [turn; 4]);
        }
    });
}

#[test]
fn a_step_of_zero_fails_through_an_empty_range_as_well() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32; 4]);
        let (from, to, step) = (5usize, 3usize, 0usize);
        let text = failure(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(
                4,
                kernel!(move |i: usize| {
                    for k in (from..to).step_by(step * i) {
                        a[i] += k as u32;
                    }
                }),
            );
        });
        assert!(text.contains("step") && text.ends_with("work-item 0"), "{text}");
    });
}

#[device]
fn element_of_either(of: Slice<'_, u32>, at: usize) -> u32 {
    of[at] // either slice
}

#[test]
fn one_line_that_fails_for_two_slices_tells_the_length_of_that_one() {
    on_each_device(|queue| {
        for (first, second, found) in [
            (9, 0, "index 9 out of range 4 in `of`, work-item 2"),
            (0, 9, "index 9 out of range 7 in `of`, work-item 2"),
        ] {
            let [a, b] = [4, 7].map(|n| Buffer::from(vec![1u32; n]));
            let out = Buffer::<u32>::new(3);
            let text = failure(queue, |h| {
                let (a, b, out) = (a.read(h), b.read(h), out.write(h));
                h.parallel_for(
                    3,
                    kernel!(move |i: usize| {
                        let [first, second] = if i == 2 { [first, second] } else { [0, 0] };
                        out[i] = element_of_either(a.slice(0..4), first)
                            + element_of_either(b.slice(0..7), second);
                    }),
                );
            });
            check(&text, "kernel", "either slice", found);
        }
    });
}

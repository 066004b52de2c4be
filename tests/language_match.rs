//! `match`, `let` in conditions and `let .. else` mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(an_integer_selects_the_first_arm_that_takes_it, i32, |i| {
    let n = i as i32 - 20;
    match n {
        -20 => 1000,
        i32::MIN..=-10 => n * 3,
        -9 | -7 | -5 => 77,
        -3..0 => n - 100,
        0 => 5,
        5..=9 | 20..=29 => n << 4,
        40.. => -1,
        other => other + 1,
    }
});

same!(every_integer_type_has_patterns, u64, |i| {
    let a = match i as u8 * 4 {
        0..=63 => 1,
        64..=191 => 2,
        192.. => 3,
    };
    let b = match i as i8 - 30 {
        ..-5 => 1,
        -5..=5 => 2,
        6..=100 => 3,
        _ => 4,
    };
    let c = match (i as i64 - 5) << 58 {
        i64::MIN => 1,
        i64::MAX => 2,
        0.. => 3,
        _ => 4,
    };
    let d = match (i as u64) << 60 {
        0 => 1,
        0xF000_0000_0000_0000..=0xFFFF_FFFF_FFFF_FFFF => 2,
        _ => 3,
    };
    let e = match i as u8 {
        b'0'..=b'9' => ten_less_one(),
        7 => 1,
        _ => 2,
    };
    a + 10 * b + 100 * c + 1000 * d + 10000 * e
});

#[device]
fn ten_less_one() -> u64 {
    9
}

same!(bools_and_floats_have_patterns, f32, |i| {
    let x = match i % 3 == 0 {
        true => 1.5f32,
        false => -2.5,
    };
    let y = i as f32 * 0.25;
    match y + x {
        0.0 => 100.0,
        -2.5..=-1.0 => x,
        f32::MIN..0.0 => y,
        1.5 => 7.0,
        z => z * z,
    }
});

same!(a_binding_beside_a_pattern_has_the_whole_value, u32, |i| {
    match i as u32 % 20 {
        low @ 0..=4 => low * 100,
        mid @ (5 | 7 | 9) => mid + 1000,
        mut high @ 10.. => {
            high += 3;
            high * high
        }
        _ => 1,
    }
});

same!(guards_are_asked_in_order_and_only_if_the_pattern_matches, u32, |i| {
    let mut asked = 0u32;
    let n = i as u32 % 8;
    let taken = match n {
        0..=3
            if {
                asked += 1;
                n == 2
            } =>
        {
            10
        }
        2..=5
            if {
                asked += 10;
                n % 2 == 1
            } =>
        {
            20
        }
        k if k > 6 => 30 + k,
        3 => 40,
        k if {
            asked += 100;
            k == 4
        } =>
        {
            50
        }
        _ => 60,
    };
    taken * 1000 + asked
});

same!(the_guard_of_alternatives_is_asked_for_each_that_matches, u32, |i| {
    let mut asked = 0u32;
    let n = i as u32 % 4;
    let taken = match [n, n % 2] {
        [0 | _, 1 | _]
            if {
                asked += 1;
                asked == 3
            } =>
        {
            1
        }
        [x, 1] | [1, x] | [x, _]
            if {
                asked += 10;
                x == 2
            } =>
        {
            100 + x
        }
        _ => 3,
    };
    taken * 1000 + asked
});

same!(a_match_is_evaluated_once, u32, |i| {
    let mut evaluated = 0u32;
    let taken = match {
        evaluated += 1;
        i as u32 + evaluated
    } {
        0..10 => 1,
        10..20 => 2,
        20..30 => 3,
        _ => 4,
    };
    taken * 10 + evaluated
});

const LOW: i32 = 5;

mod limits {
    pub const HIGH: i32 = 25;
}

same!(constants_stand_in_patterns, i32, |i| {
    match i as i32 {
        LOW => -1,
        LOW..=limits::HIGH => 1,
        i32::MAX => 2,
        _ => 3,
    }
});

same!(arrays_are_taken_apart, i32, |i| {
    let n = i as i32;
    let all = [n % 2, n % 3, n % 5, n];
    match all {
        [0, 0, 0, _] => 1,
        [0, .., last] if last > 30 => last,
        [first, rest @ .., 7 | 8 | 9] => first + rest[0] + 10 * rest[1],
        [_, middle @ (1 | 2), ..] => middle * 100,
        whole @ [1, ..] => whole[0] + whole[3],
        _ => -5,
    }
});

same!(arms_leave_loops_and_work_items, u32, |i| {
    let mut sum = 0u32;
    let mut k = 0u32;
    'outer: loop {
        k += 1;
        for m in 0..k {
            sum += match (k + m) % 7 {
                0 => continue,
                1 => continue 'outer,
                2 if k > i as u32 % 16 => break 'outer,
                3 => {
                    if m > 5 {
                        break;
                    }
                    3
                }
                other => other,
            };
        }
        if k > 30 {
            break;
        }
    }
    sum * 100 + k
});

#[device]
fn digits(n: u32) -> u32 {
    for k in 1..10u32 {
        match n {
            0 => return 1,
            _ if n < 10u32.pow(k) => return k,
            _ => {}
        }
    }
    10
}

same!(an_arm_returns_from_a_device_function, u32, |i| { digits(i as u32 * i as u32 * 1000) });

same!(a_match_without_value_runs_its_arm, i32, |i| {
    let mut x = i as i32;
    match x % 4 {
        0 => x += 1,
        1 => {
            x *= 2;
            x -= 1
        }
        2 => {}
        _ => x = 0,
    }
    match x {
        _ => x += 1,
    }
    x
});

same!(a_name_of_a_pattern_shadows, i32, |i| {
    let x = i as i32;
    let y = match x * 2 {
        x @ 0..10 => x,
        x => {
            let x = x + 1;
            x * 1000
        }
    };
    x + y
});

same!(matches_is_a_condition, u32, |i| {
    let n = i as u32;
    let mut count = 0;
    if matches!(n, 1..=9 | 20 | 30..) {
        count += 1;
    }
    if matches!(n % 4, k if k > 1) && !matches!(n, 0) {
        count += 10;
    }
    count + 100 * (matches!([n % 2, n % 3], [0, _] | [_, 0]) as u32)
});

same!(if_let_binds_where_the_pattern_matches, i32, |i| {
    let n = i as i32;
    let a = if let k @ 3..=12 = n % 16 { k * 2 } else { -1 };
    let mut b = 0;
    if let [0, x] | [x, 0] = [n % 3, n % 4] {
        b = x + 1;
    }
    let c = if let 0..5 = n {
        1
    } else if let x @ 5..10 = n {
        x
    } else {
        3
    };
    a * 10000 + b * 100 + c
});

same!(let_chains_stop_at_the_first_part_that_fails, u32, |i| {
    let n = i as u32;
    let mut asked = 0u32;
    let taken = if let a @ 5.. = n
        && {
            asked += 1;
            a % 2 == 0
        }
        && let b @ (0 | 3 | 6) = {
            asked += 10;
            a % 9
        }
        && b < 6
    {
        a * 10 + b
    } else {
        7
    };
    let other = if n > 10
        && let 0 | 1 = n % 3
        && n % 5 != 4
    {
        1
    } else {
        0
    };
    let changed = if let mut k @ 1.. = n
        && {
            k += 1;
            k % 4 == 0
        } {
        k
    } else {
        0
    };
    taken * 100000 + asked * 1000 + other * 100 + changed
});

same!(a_later_part_of_a_chain_binds_what_an_if_gives, i32, |i| {
    let n = i as i32;
    let mut sum = 0;
    if true
        && let k @ 16 = (if false {
            0
        } else {
            let mut kept: [Option<u32>; 1] = [Some(0); 1];
            kept[0] = None;
            if kept[0].is_none() { 16 } else { n }
        })
    {
        sum += k;
    }
    if n > 3
        && let k @ 5.. = (if n % 2 == 0 {
            let mut kept = [n, 1];
            kept[i % 2] += 7;
            kept[0]
        } else {
            n
        })
    {
        sum += k * 100;
    }
    sum
});

same!(a_later_part_of_a_chain_binds_in_one_of_several_ways, i32, |i| {
    let n = i as i32;
    let mut asked = 0;
    let taken = if {
        asked += 1;
        n % 5 != 0
    } && let [k, 0..=1] | [2, k] = {
        asked += 10;
        [n % 4, n % 3]
    } {
        k + 1
    } else {
        -1
    };
    taken * 100 + asked
});

same!(while_let_runs_as_long_as_the_pattern_matches, u32, |i| {
    let mut n = i as u32;
    let mut sum = 0;
    while let k @ 3.. = n {
        n = k / 2;
        if k == 9 {
            continue;
        }
        sum += k;
    }
    let mut turns = 0u32;
    while let rest @ 1..=100 = {
        turns += 1;
        n + turns * 7
    } && rest % 5 != 0
    {
        sum += rest;
    }
    sum * 100 + turns
});

same!(let_else_leaves_where_the_pattern_does_not_match, u32, |i| {
    let mut sum = 0u32;
    for k in 0..(i as u32) {
        let small @ 0..=20 = k else {
            break;
        };
        let [0 | 1, odd] = [small % 3, k] else { continue };
        sum += odd;
    }
    sum
});

#[device]
fn quotient(a: i32, b: i32) -> i32 {
    let (1.. | ..=-1) = b else {
        return -1000000;
    };
    a / b
}

same!(let_else_returns_from_a_device_function, i32, |i| { quotient(1000, i as i32 - 30) });

same!(labelled_blocks_are_left_with_a_value, i32, |i| {
    let n = i as i32;
    let a = 'found: {
        for k in 2..n {
            if n % k == 0 {
                break 'found k;
            }
            if k > 20 {
                break 'found -1;
            }
        }
        0
    };
    let mut b = 0;
    'steps: {
        if n < 10 {
            break 'steps;
        }
        b = 1;
        loop {
            b += 3;
            match b % 7 {
                0 => break,
                1 if n > 50 => break 'steps,
                _ => continue,
            }
        }
        b += 1000;
    }
    let c = 'a: {
        'b: {
            if n % 2 == 0 {
                break 'b;
            }
            break 'a 5;
        }
        if n % 3 == 0 { break 'a 6 } else { 7 }
    };
    a * 100000 + b * 10 + c
});

same!(blocks_are_values_everywhere, i32, |i| {
    let n = i as i32;
    let values = [
        match n % 3 {
            0 => 1,
            _ => 2,
        },
        'x: {
            if n > 5 {
                break 'x 3;
            }
            4
        },
        if let 1 | 2 = n % 4 { 5 } else { 6 },
    ];
    values[match n % 2 {
        0 => 0,
        _ => 2,
    }] * match values {
        [1, ..] => 10,
        [_, x, _] => x,
    } + loop {
        break match n {
            0..30 => 1,
            _ => 2,
        };
    }
});

#[test]
fn an_arm_may_end_its_work_item() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![1u32; 64]);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    64,
                    kernel!(move |i: usize| {
                        let n @ 10.. = i else { return };
                        out[i] = match n % 3 {
                            0 => return,
                            1 => n as u32,
                            _ if n > 30 => return,
                            _ => 5,
                        };
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..64)
            .map(|i: u32| match (i, i % 3) {
                (10.., 1) => i,
                (10..=30, 2) => 5,
                _ => 1,
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_capturing_match_reads_its_element_once() {
    on_each_device(|queue| {
        let data = Buffer::from((0..64).map(|k: i32| k - 32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let data = data.read_write(h);
                h.parallel_for(
                    64,
                    kernel!(move |i: usize| {
                        match data[i] {
                            x @ ..0 => {
                                data[i] = 1;
                                data[i] += x * 2;
                            }
                            x => data[i] = x + 1000,
                        }
                    }),
                )
            })
            .unwrap();
        let expected: Vec<i32> =
            (0..64).map(|k| k - 32).map(|x| if x < 0 { 1 + x * 2 } else { x + 1000 }).collect();
        assert_eq!(*data.host_read().unwrap(), expected);
    });
}

#[device]
#[derive(Clone, Copy)]
struct Wrapped {
    value: u32,
}

#[device]
#[allow(unreachable_patterns)]
fn first_arm(value: u32, by: u32) -> u32 {
    match (Wrapped { value }) {
        Wrapped { value } => value,
        Wrapped { value: 3 } => value / by,
        _ => 0,
    }
}

#[test]
fn an_arm_behind_one_that_takes_everything_costs_nothing() {
    on_each_device(|queue| {
        let (out, by) = (Buffer::<u32>::new(8), 0u32);
        let work = |h: &Handler| {
            let out = out.write(h);
            h.parallel_for(8, kernel!(move |i: usize| out[i] = first_arm(i as u32, by)))
        };
        queue.submit(work).unwrap();
        assert_eq!(*out.host_read().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    });
}

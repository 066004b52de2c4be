//! Closures in kernels mean what they mean in Rust, on every device.

#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::num::Number;
use falx::prelude::*;

#[device]
fn apply(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    f(x)
}

#[device]
fn sum_of<T: Number, F>(n: usize, f: F) -> T
where
    F: Fn(usize) -> T,
{
    let mut sum = T::ZERO;
    for k in 0..n {
        sum += f(k);
    }
    sum
}

#[device]
fn first_where(n: u32, holds: impl Fn(u32) -> bool) -> u32 {
    for k in 0..n {
        if holds(k) {
            return k;
        }
    }
    n
}

#[device]
fn each(n: u32, mut f: impl FnMut(u32)) {
    for k in 0..n {
        f(k);
    }
}

#[device]
fn twice(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    apply(|y| f(f(y)), x)
}

#[device]
fn once<R: Copy>(f: impl FnOnce() -> R) -> R {
    f()
}

/// Runs a kernel over `N` items that writes one number for each.
macro_rules! outputs {
    ($ty:ty; $n:literal; |$i:ident, $out:ident| $body:block) => {{
        let run = |queue: &Queue| {
            let out = Buffer::<$ty>::new($n);
            let target = out.clone();
            queue
                .submit(move |h| {
                    let $out = target.write(h).no_init();
                    h.parallel_for($n, kernel!(move |$i: usize| $body))
                })
                .unwrap();
            out.host_read().unwrap().to_vec()
        };
        run
    }};
}

#[test]
fn closures_use_what_is_around_them() {
    on_each_device(|queue| {
        let scale = 2.5f32;
        let run = outputs!(f32; 4; |i, out| {
            let x = i as f32;
            let offset = x + 1.0;
            out[i] = apply(|y| y * scale + offset, x);
        });
        assert_eq!(run(queue), [1.0, 4.5, 8.0, 11.5]);
    });
}

#[test]
fn closures_read_accessors() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![1u32, 2, 3, 4, 5, 6]);
        let out = Buffer::<u32>::new(3);
        queue
            .submit(|h| {
                let (a, out) = (a.read(h), out.write(h).no_init());
                h.parallel_for(3, kernel!(move |i: usize| out[i] = sum_of(2, |k| a[2 * i + k] * 10)))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [30, 70, 110]);
    });
}

#[test]
fn a_function_that_takes_a_closure_returns_early() {
    on_each_device(|queue| {
        let run = outputs!(u32; 5; |i, out| {
            let n = i as u32;
            let found = first_where(10, |k| k * k > n * 7);
            out[i] = found * 100 + first_where(n, |k| {
                for step in 1..4 {
                    if k + step == 5 {
                        return true;
                    }
                }
                false
            });
        });
        let expected = [(0u32, 1u32), (1, 3), (2, 4), (3, 5), (4, 6)];
        let expected = expected.map(|(n, first)| {
            let second = (0..n).find(|k| (1..4).any(|step| k + step == 5)).unwrap_or(n);
            first * 100 + second
        });
        assert_eq!(run(queue), expected);
    });
}

#[test]
fn closures_change_what_they_borrow() {
    on_each_device(|queue| {
        let run = outputs!(u32; 4; |i, out| {
            let mut sum = 0;
            let mut calls = 0;
            each(i as u32 + 1, |k| {
                sum += k * k;
                calls += 1;
            });
            out[i] = sum * 100 + calls;
        });
        assert_eq!(run(queue), [1, 102, 503, 1404]);
    });
}

#[test]
fn closures_bound_by_let_are_called_like_functions() {
    on_each_device(|queue| {
        let run = outputs!(i32; 4; |i, out| {
            let square = |x: i32| x * x;
            let mut count = 0;
            let mut next = || {
                count += 3;
                count
            };
            let first = next();
            let second = next();
            out[i] = square(i as i32 - 2) * 1000 + first * 100 + second + count;
        });
        assert_eq!(run(queue), [4312, 1312, 312, 1312]);
    });
}

#[test]
fn a_move_closure_has_its_own_copies() {
    on_each_device(|queue| {
        let run = outputs!(i32; 3; |i, out| {
            let mut n = i as i32;
            let mut counter = move || {
                n += 1;
                n
            };
            n += 100;
            let a = counter();
            let b = counter();
            out[i] = n * 10000 + a * 100 + b;
        });
        assert_eq!(run(queue), [1000102, 1010203, 1020304]);
    });
}

#[test]
fn closures_are_passed_on_and_nest() {
    on_each_device(|queue| {
        let run = outputs!(f32; 3; |i, out| {
            let x = i as f32;
            let add = |y: f32| y + x;
            out[i] = twice(|y| apply(|z| z * 2.0, y) + 1.0, x) + apply(|y| apply(|z| add(z) * y, y), 3.0) + apply(add, 1.0);
        });
        let expected = [0.0f32, 1.0, 2.0].map(|x| (x * 2.0 + 1.0) * 2.0 + 1.0 + (3.0 + x) * 3.0 + (1.0 + x));
        assert_eq!(run(queue), expected);
    });
}

#[test]
fn closures_take_patterns_and_give_what_their_function_gives() {
    on_each_device(|queue| {
        let run = outputs!(u32; 3; |i, out| {
            let pair = |[a, b]: [u32; 2]| a * 10 + b;
            out[i] = pair([i as u32, 7]) + once(|| 1000) + once(|| if i == 1 { 500u32 } else { 0 });
        });
        assert_eq!(run(queue), [1007, 1517, 1027]);
    });
}

#[test]
fn functions_with_closures_are_functions_of_the_host_as_well() {
    let factor = 3.0;
    assert_eq!(apply(|x| x * factor, 2.0), 6.0);
    assert_eq!(sum_of(4, |k| k as u64), 6);
    let mut seen = Vec::new();
    each(3, |k| seen.push(k));
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn a_failed_check_in_a_closure_names_its_own_line() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 4]);
        let event = queue.submit(|h| {
            let out = out.read_write(h);
            h.parallel_for(
                4,
                kernel!(move |i: usize| {
                    let n = sum_of(2, |k| out[i + k + 1]);
                    out[i] = n;
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("index 4 out of range 4 in `out`"), "{error}");
        assert!(error.contains("work-item 2") || error.contains("work-item 3"), "{error}");
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    by: i64,
}

#[device]
impl std::ops::Mul<Step> for i64 {
    type Output = Step;
    fn mul(self, step: Step) -> Step {
        Step { by: self * step.by }
    }
}

#[device]
impl std::ops::Sub<u8> for Step {
    type Output = Step;
    fn sub(self, by: u8) -> Step {
        Step { by: self.by - by as i64 }
    }
}

#[device]
#[derive(Clone, Copy)]
enum Mode {
    Near = 2,
    Far = 40,
}

same!(closures_take_values_whose_types_are_known_by_their_calls, i64, |i| {
    let (k, step) = (5, Step { by: 3 });
    let add = |x| x + k;
    let mix = |a, b| a * b - a / 3 + (a << 2);
    let half = |x| x as f32 * 0.5;
    let is_between = |a, b| a < b && b != 7;
    let scaled = |factor| factor * step;
    let mut sum = 0;
    let mut put = |x| sum += x;
    put(add(i as i64));
    put(mix(i as i64, 3));
    put(half(i as u8) as i64);
    put(is_between(i, 9) as i64 * 1000);
    put(scaled(2).by);
    // Of users' types, too.
    let shortened = |step, by| step - by;
    let number = |mode| mode as i64;
    put(shortened(step, 1u8).by);
    put(number(Mode::Far) << 1);
    sum
});

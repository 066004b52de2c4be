//! References to variables, their fields and values mean what they mean in Rust, on every device.

#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Particle {
    position: [f32; 2],
    mass: f32,
}

#[device]
fn increment(r: &mut u32, by: u32) {
    *r += by;
}

#[device]
fn twice(r: &mut u32) {
    increment(r, 1);
    increment(&mut *r, 10);
    *r = *r * 2;
}

#[device]
fn swap<T: Copy>(a: &mut T, b: &mut T) {
    let kept = *a;
    *a = *b;
    *b = kept;
}

#[device]
fn dot(a: &[f32; 3], b: &[f32; 3]) -> f32 {
    let mut sum = 0.0;
    for k in 0..3 {
        sum += a[k] * b[k];
    }
    sum
}

#[device]
fn fill(row: &mut [u32; 4], from: u32) {
    for k in 0..4 {
        row[k] = from + k as u32;
    }
    row[0] += 100;
}

#[device]
fn push(p: &mut Particle, x: f32) -> f32 {
    p.position[0] += x;
    p.mass *= 2.0;
    increment_float(&mut p.mass);
    p.position[0] + p.mass
}

#[device]
fn increment_float(x: &mut f32) {
    *x += 0.5;
}

#[device]
fn clamped_step(state: &mut u32) -> u32 {
    if *state > 5 {
        return 0;
    }
    *state += 1;
    *state
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
fn functions_change_variables_through_references() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 3; |i, out| {
            let mut x = i as u32;
            let mut y = 7;
            twice(&mut x);
            swap(&mut x, &mut y);
            out[i] = x * 1000 + y;
        });
        assert_eq!(found, [7022, 7024, 7026]);
    });
}

#[test]
fn references_bound_by_let_lead_to_their_variable() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 3; |i, out| {
            let mut x = i as u32;
            let r = &mut x;
            *r += 5;
            increment(r, 10);
            *r *= 3;
            let seen = &x;
            out[i] = *seen + 1;
        });
        assert_eq!(found, [46, 49, 52]);
    });
}

#[test]
fn whole_arrays_are_lent_to_functions() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 3; |i, out| {
            let a = [1.0, 2.0, i as f32];
            let mut row = [0; 4];
            fill(&mut row, i as u32);
            out[i] = dot(&a, &[3.0, 4.0, 5.0]) + (row[0] * 10 + row[3]) as f32;
        });
        assert_eq!(found, [11.0 + 1003.0, 16.0 + 1014.0, 21.0 + 1025.0]);
    });
}

#[test]
fn fields_are_changed_through_a_reference_to_their_struct() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            let mut p = Particle { position: [1.0, 2.0], mass: i as f32 };
            let result = push(&mut p, 0.25);
            increment_float(&mut p.mass);
            out[i] = result * 100.0 + p.mass + p.position[0];
        });
        let plain = |mass: f32| (1.25 + mass * 2.0 + 0.5) * 100.0 + (mass * 2.0 + 1.0) + 1.25;
        assert_eq!(found, [plain(0.0), plain(1.0)]);
    });
}

#[test]
fn an_early_return_leaves_what_was_changed_before() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 4; |i, out| {
            let mut state = i as u32 + 3;
            let mut sum = 0;
            for _ in 0..4 {
                sum = sum * 10 + clamped_step(&mut state);
            }
            out[i] = sum * 10 + state;
        });
        assert_eq!(found, [45606, 56006, 60006, 6]);
    });
}

#[test]
fn closures_take_references_and_are_given_them() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 2; |i, out| {
            let mut x = i as u32 + 1;
            let grow = |r: &mut u32, by: u32| *r = *r * by;
            grow(&mut x, 3);
            let mut again = || increment(&mut x, 1);
            again();
            again();
            out[i] = x;
        });
        assert_eq!(found, [5, 8]);
    });
}

#[test]
fn functions_with_references_are_functions_of_the_host_as_well() {
    let mut x = 1;
    twice(&mut x);
    let mut row = [0; 4];
    fill(&mut row, 5);
    assert_eq!((x, row), (24, [105, 6, 7, 8]));
}

#[test]
fn a_bad_index_into_a_lent_array_is_reported_where_it_stands() {
    #[device]
    fn store(row: &mut [u32; 4], at: usize) {
        row[at] = 1;
    }
    on_each_device(|queue| {
        let out = Buffer::from(vec![9u32; 6]);
        let event = queue.submit(|h| {
            let out = out.write(h);
            h.parallel_for(
                6,
                kernel!(move |i: usize| {
                    let mut row = [0; 4];
                    store(&mut row, i);
                    out[i] = row[3];
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("out of range 4 in `row`"), "{error}");
        assert!(error.contains("index 4") || error.contains("index 5"), "{error}");
    });
}

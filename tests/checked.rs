//! Checked mode: integers that overflow are failures that name the operation and its operands, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

fn checked(queue: &Queue) -> Queue {
    let options = QueueOptions { checked: true, ..QueueOptions::default() };
    Queue::with(queue.device(), options).unwrap()
}

/// What is found in a command group's kernel, and where.
#[track_caller]
fn found(queue: &Queue, group: impl FnOnce(&Handler)) -> String {
    let event = checked(queue).submit(|h| group(h)).unwrap();
    let text = event.wait().unwrap_err().to_string();
    let (place, found) = text.split_once(": ").unwrap();
    assert!(place.starts_with(&format!("kernel `kernel` at {}:", file!())), "{text}");
    found.to_owned()
}

macro_rules! overflows {
    ($queue:expr, $ty:ty: $($left:expr, $right:expr, |$a:ident, $b:ident| $operation:expr => $found:expr;)*) => { $(
        let (left, right): ($ty, $ty) = ($left, $right);
        let text = found($queue, |h| {
            h.parallel_for(
                4,
                kernel!(|i: usize| {
                    let $a = if i == 2 { left } else { 0 };
                    let $b = if i == 2 { right } else { 0 };
                    let result = $operation;
                    assert!(result == result);
                }),
            );
        });
        assert_eq!(text, $found);
    )* };
}

#[test]
fn sums_differences_and_products_that_do_not_fit_are_failures() {
    on_each_device(|queue| {
        overflows! { queue, i32:
            i32::MAX, 1, |a, b| a + b => "overflow in `a + b` of 2147483647 and 1, work-item 2";
            i32::MIN, 1, |a, b| a - b => "overflow in `a - b` of -2147483648 and 1, work-item 2";
            -65536, 32769, |a, b| a * b => "overflow in `a * b` of -65536 and 32769, work-item 2";
        }
        overflows! { queue, u32:
            u32::MAX - 3, 4, |a, b| a + b => "overflow in `a + b` of 4294967292 and 4, work-item 2";
            3, 4, |a, b| a - b => "overflow in `a - b` of 3 and 4, work-item 2";
            65536, 65536, |a, b| a * b => "overflow in `a * b` of 65536 and 65536, work-item 2";
        }
        overflows! { queue, i8:
            100, 28, |a, b| a + b => "overflow in `a + b` of 100 and 28, work-item 2";
            -100, 29, |a, b| a - b => "overflow in `a - b` of -100 and 29, work-item 2";
            -16, -8, |a, b| a * b => "overflow in `a * b` of -16 and -8, work-item 2";
        }
        overflows! { queue, u16:
            65535, 1, |a, b| a + b => "overflow in `a + b` of 65535 and 1, work-item 2";
            0, 1, |a, b| a - b => "overflow in `a - b` of 0 and 1, work-item 2";
            256, 256, |a, b| a * b => "overflow in `a * b` of 256 and 256, work-item 2";
        }
        overflows! { queue, i64:
            i64::MAX, 1, |a, b| a + b => "overflow in `a + b` of 9223372036854775807 and 1, work-item 2";
            i64::MIN, 1, |a, b| a - b => "overflow in `a - b` of -9223372036854775808 and 1, work-item 2";
            i64::MIN, -1, |a, b| a * b => "overflow in `a * b` of -9223372036854775808 and -1, work-item 2";
        }
        overflows! { queue, u64:
            u64::MAX, 1, |a, b| a + b => "overflow in `a + b` of 18446744073709551615 and 1, work-item 2";
            1, 2, |a, b| a - b => "overflow in `a - b` of 1 and 2, work-item 2";
            1 << 32, 1 << 32, |a, b| a * b => "overflow in `a * b` of 4294967296 and 4294967296, work-item 2";
        }
    });
}

#[test]
fn what_just_fits_is_no_failure() {
    on_each_device(|queue| {
        let (word, byte, long, top) = (i32::MAX, -8i8, i64::MIN, u64::MAX);
        let event = checked(queue).submit(|h| {
            h.single_task(kernel!(|| {
                assert_eq!((word - 1) + 1, i32::MAX);
                assert_eq!(-word - 1, i32::MIN);
                assert_eq!(byte * 16, -128);
                assert_eq!(-(byte + 1), 7);
                assert_eq!((long + 1) * -1, i64::MAX);
                assert_eq!((top / 3) * 3, u64::MAX);
                assert_eq!(word << 31, i32::MIN);
                assert_eq!(top >> 63, 1);
                assert_eq!((long + 1).abs(), i64::MAX);
                assert_eq!(word.wrapping_add(1), i32::MIN);
                assert_eq!(-1.0f32 * f32::MAX - f32::MAX, f32::NEG_INFINITY);
            }))
        });
        event.unwrap().wait().unwrap();
    });
}

#[test]
fn shifts_negations_and_absolute_values_can_overflow() {
    on_each_device(|queue| {
        let (smallest, amount, negative) = (i16::MIN, 32u8, -1i64);
        let text = found(queue, |h| h.single_task(kernel!(|| assert!(-smallest != 1))));
        assert_eq!(text, "overflow in `-smallest` of -32768, in its only work-item");
        let text = found(queue, |h| h.single_task(kernel!(|| assert!(smallest.abs() != 1))));
        assert_eq!(text, "overflow in `smallest.abs()` of -32768, in its only work-item");
        let text = found(queue, |h| h.single_task(kernel!(|| assert!(1u32 << amount != 7))));
        assert_eq!(text, "overflow in `1u32 << amount` of 1 and 32, in its only work-item");
        let text = found(queue, |h| h.single_task(kernel!(|| assert!(5i32 >> negative != 7))));
        assert_eq!(text, "overflow in `5i32 >> negative` of 5 and -1, in its only work-item");
    });
}

#[device]
fn next(x: u8) -> u8 {
    let mut y = x;
    y += 1;
    y
}

#[test]
fn device_functions_and_stores_are_checked_too() {
    on_each_device(|queue| {
        let text =
            found(queue, |h| h.parallel_for(256, kernel!(|i: usize| assert!(next(i as u8) as usize != 300))));
        assert_eq!(text, "overflow in `y += 1` of 255 and 1, work-item 255");
        let a = Buffer::from(vec![1u32, 0]);
        let text = found(queue, |h| {
            let a = a.read_write(h);
            h.parallel_for(2, kernel!(move |i: usize| a[i] -= 1));
        });
        assert_eq!(text, "overflow in `a[i] -= 1` of 0 and 1, work-item 1");
    });
}

#[test]
fn debug_assertions_are_checked() {
    on_each_device(|queue| {
        let text = found(queue, |h| h.parallel_for(9, kernel!(|i: usize| debug_assert!(i < 8, "{i}"))));
        assert_eq!(text, "assertion `i < 8` failed: 8, work-item 8");
        let text = found(queue, |h| h.parallel_for(9, kernel!(|i: usize| debug_assert_ne!(i, 4))));
        assert_eq!(text, "assertion `i != 4` failed (left: 4, right: 4), work-item 4");
    });
}

#[test]
fn the_same_kernel_wraps_on_a_queue_that_does_not_check() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![255u8; 4]);
        let bump = |queue: &Queue| {
            queue.submit(|h| {
                let a = a.read_write(h);
                h.parallel_for(4, kernel!(move |i: usize| a[i] += 1))
            })
        };
        bump(queue).unwrap();
        assert_eq!(*a.host_read().unwrap(), [0; 4]);
        bump(&checked(queue)).unwrap();
        assert_eq!(*a.host_read().unwrap(), [1; 4]);
        queue.fill(&a, 255).unwrap();
        assert!(bump(&checked(queue)).unwrap().wait().is_err());
    });
}

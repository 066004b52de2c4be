//! What nests deeply is still compiled, on every device, and what nests too deeply is an error.

#![allow(clippy::all, unused_parens)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[rustfmt::skip]
#[device]
fn deep_bytes(x: u8, y: u8) -> u8 {
    ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((x + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y) + y) - y) * y)
}

#[rustfmt::skip]
#[device]
fn deep_branches(x: i32, y: i32) -> i32 {
    (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if (if x > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x }) > y { y - x } else { x })
}

#[rustfmt::skip]
#[device]
fn deep_casts(x: i32) -> i64 {
    ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((x as i16) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) + 3) as i16) + 3) as i64) as i64)
}

#[test]
fn expressions_of_nearly_the_greatest_depth_are_compiled_and_right() {
    on_each_device(|queue| {
        let out = Buffer::<i64, 2>::new([3, 4]);
        let target = out.clone();
        queue
            .submit(move |h| {
                let out = target.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        out[[0, i]] = deep_bytes(i as u8 + 3, 7) as i64;
                        out[[1, i]] = deep_branches(i as i32, 2) as i64;
                        out[[2, i]] = deep_casts(i as i32 + 32000);
                    }),
                )
            })
            .unwrap();
        let mut expected = Vec::new();
        expected.extend((0..4).map(|i| deep_bytes(i as u8 + 3, 7) as i64));
        expected.extend((0..4).map(|i| deep_branches(i, 2) as i64));
        expected.extend((0..4).map(|i| deep_casts(i + 32000)));
        assert_eq!(*out.host_read().unwrap(), expected[..]);
    });
}

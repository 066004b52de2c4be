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

/// Functions each of which calls the next from deep inside of an expression.
macro_rules! deep_calls {
    ($($name:ident calls $inner:ident;)*) => { $(
        #[rustfmt::skip]
        #[device]
        fn $name(x: u32) -> u32 {
            (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((($inner(x) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1) + 1)
        }
    )* };
}
deep_calls! { one calls two; two calls three; three calls four; four calls five; five calls six; six calls seven; seven calls last; }

#[device]
fn last(x: u32) -> u32 {
    x * 2
}

#[test]
fn expressions_that_nest_too_deeply_through_calls_are_an_error_that_says_what_to_do() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(2);
        let submit = |deep: bool| {
            queue.submit(|h| {
                let out = out.write(h);
                match deep {
                    true => h.parallel_for(2, kernel!(move |i: usize| out[i] = one(i as u32))),
                    false => h.parallel_for(2, kernel!(move |i: usize| out[i] = six(i as u32))),
                }
            })
        };
        submit(false).unwrap();
        assert_eq!(*out.host_read().unwrap(), [2 * 98, 2 * 98 + 2]);
        let error = submit(true).unwrap_err().to_string();
        let expected = "expressions, and those of the functions that they call, nest more than 600 deep; bind parts of them \
                        with `let`";
        assert!(error.ends_with(expected), "{error}");
    });
}

/// Functions each of which calls the next twice.
macro_rules! doubling {
    ($($name:ident calls $inner:ident;)*) => { $(
        #[device]
        fn $name(it: NdItem<1>) {
            $inner(it);
            $inner(it);
        }
    )* };
}
doubling! {
    calls_1 calls calls_2; calls_2 calls calls_3; calls_3 calls calls_4; calls_4 calls calls_5; calls_5 calls calls_6;
    calls_6 calls calls_7; calls_7 calls calls_8; calls_8 calls calls_9; calls_9 calls calls_10; calls_10 calls waits;
}

#[device]
fn waits(it: NdItem<1>) {
    it.barrier();
}

#[test]
fn a_kernel_that_grows_too_large_by_its_calls_is_an_error_that_says_what_to_do() {
    on_each_device(|queue| {
        let submitted =
            queue.submit(|h| h.parallel_for(NdRange::new(2, 2), kernel!(move |it: NdItem<1>| calls_1(it))));
        let error = submitted.unwrap_err().to_string();
        let expected = "the kernel grows too large: closures, and the functions that take them or contain a barrier, are \
                        lowered at each of their calls, of which there are more than 2000 here; let such functions not \
                        call each other several times";
        assert!(error.ends_with(expected), "{error}");
    });
}

//! Kernels that end a process, hang it or change other data where nothing checks them: here each ends with the right error,
//! or means what it means in Rust, on every device.
//!
//! What cannot be said in falx at all has its tests elsewhere: barriers that some work-items miss (tests/ui), recursion
//! (language_gaps), private arrays that no stack holds (limits), kernels that are too large (language_depth), a million lines of output (language_print), arguments of a wrong type or number (they do not compile).
//! A loop without end runs on, as everywhere.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;

use common_language::on_each_device;
use falx::prelude::*;

/// What each work-item does with `a`, the middle of 64 elements of 7, and with `b`, 64 zeros; what the error says of it. The
/// rest of the 64 is as it was.
macro_rules! fails {
    ($($test:ident |$i:ident, $a:ident, $b:ident| $body:block => $found:expr;)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                let ($a, $b) = (Buffer::from(vec![7u32; 64]), Buffer::from(vec![0u32; 64]));
                let event = queue.submit(|h| {
                    let ($a, $b) = ($a.read_write(h).region(16, 32), $b.read_write(h));
                    h.parallel_for(64, kernel!(move |$i: usize| $body))
                });
                let error = event.unwrap().wait().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Kernel);
                let text = error.to_string();
                assert!(text.contains(file!()) && text.contains($found), "`{text}` does not say `{}`", $found);
                // The kernel saw the middle of `a` only.
                let (first, last) = ($a.host_read_region(0, 16), $a.host_read_region(48, 16));
                for outside in [first, last] {
                    // What a failed kernel wrote is not given out; what it cannot have written may be.
                    assert!(outside.map_or(true, |outside| *outside == [7; 16]));
                }
            });
        }
    )* };
}

fails! {
    a_write_far_away |i, a, b| { b[i] = 1; a[i + (1usize << 40)] = 1; } => "index 1099511627776 out of range 32 in `a`";
    a_read_far_away |i, a, b| { b[i] = a[i + (1usize << 40)]; } => "index 1099511627776 out of range 32 in `a`";
    a_write_just_behind_the_end |i, a, b| { if i < 33 { a[i] = 1; } b[i] = 1; } => "index 32 out of range 32 in `a`, work-item 32";
    a_read_just_behind_the_end |i, a, b| { if i < 33 { b[i] = a[i]; } } => "index 32 out of range 32 in `a`, work-item 32";
    a_write_just_before_the_start |i, a, b| { if i == 0 { a[i - 1] = 1; } b[i] = 1; } => "index 18446744073709551615 out of range 32 in `a`, work-item 0";
    an_index_that_wraps_around |i, a, b| { b[i] = a[i * (usize::MAX / 2)]; } => "out of range 32 in `a`";
    an_index_that_wraps_around_in_32_bits |i, a, b| { b[i] = a[(i as u32 - 1) as usize % 40]; } => "out of range 32 in `a`";
    a_negative_index |i, a, b| { b[i] = a[(i as i32 - 1) as usize]; } => "out of range 32 in `a`";
    an_index_before_the_whole_buffer |i, a, b| { b[i] = a[0usize.wrapping_sub(16)]; } => "index 18446744073709551600 out of range 32 in `a`";
    a_private_array_read_behind_its_end |i, a, b| {
        let table = [1u32, 2, 3, 4];
        b[i] = table[i / 8] + a[i % 32];
    } => "index 4 out of range 4 in `table`, work-item 32";
    a_private_array_written_behind_its_end |i, a, b| {
        let mut table = [0u32; 4];
        table[i / 8] = a[i % 32];
        b[i] = table[0];
    } => "index 4 out of range 4 in `table`, work-item 32";
    a_division_by_zero |i, a, b| { b[i] = a[i % 32] / (i as u32 / 64); } => "division by zero";
    a_remainder_by_zero |i, a, b| { b[i] = a[i % 32] % (i as u32 / 64); } => "division by zero";
    the_smallest_number_by_minus_one |i, a, b| { b[i] = ((i32::MIN + a[i % 32] as i32 - 7) / (i as i32 / 64 - 1)) as u32; } => "smallest value by -1";
    a_panic_in_the_place_of_a_trap |i, a, b| { if i == 5 { panic!("on purpose: {}", a[i]); } b[i] = 1; } => "on purpose: 7, work-item 5";
    what_is_never_reached |i, a, b| { match a[i % 32] { 8 => b[i] = 1, _ => unreachable!("not 7") } } => "not 7";
}

#[test]
fn local_memory_behind_its_end() {
    on_each_device(|queue| {
        let sums = Buffer::from(vec![7u32; 64]);
        let event = queue.submit(|h| {
            let (sums, shared) = (sums.read_write(h), h.local::<u32, 1>(8));
            let work = kernel!(move |it: NdItem<1>| {
                let [own] = it.local_id();
                shared[own] = sums[it.global_id()];
                it.barrier();
                let [i] = it.global_id();
                sums[i] = shared[7 - own % 8];
            });
            h.parallel_for(NdRange::new(64, 16), work)
        });
        let text = event.unwrap().wait().unwrap_err().to_string();
        assert!(text.contains("index 8 out of range 8 in `shared`"), "{text}");
    });
}

#[test]
fn an_index_beyond_each_of_three_dimensions() {
    let extents = [4usize, 5, 6];
    on_each_device(|queue| {
        for dimension in 0..3 {
            let beyond = extents[dimension] as i64;
            for distance in [beyond, -1, 1 << 31, -(1 << 31), 1 << 40, -(1 << 40)] {
                let mut at = [0i64; 3];
                at[dimension] = distance;
                let a = Buffer::<u32, 3>::new(extents);
                let event = queue.submit(|h| {
                    let a = a.write(h);
                    h.single_task(kernel!(move || a[[at[0] as usize, at[1] as usize, at[2] as usize]] = 1))
                });
                let text = event.unwrap().wait().unwrap_err().to_string();
                let found = format!("index {:?} out of range {extents:?} in `a`", at.map(|at| at as usize));
                assert!(text.contains(&found), "`{text}` does not say `{found}`");
            }
        }
    });
}

#[test]
fn shifts_and_casts_mean_what_they_mean_in_rust() {
    on_each_device(|queue| {
        let out = Buffer::<i64>::new(6);
        let (amount, large) = (40u32, 1e20f32);
        let work = |h: &Handler| {
            let out = out.write(h);
            let work = kernel!(move || {
                out[0] = (1u32 << (amount & 31)) as i64;
                out[1] = 1i32.wrapping_shl(amount) as i64;
                out[2] = (large as i32) as i64;
                out[3] = (-large as i64) as i64;
                out[4] = (large as u8) as i64;
                out[5] = (f32::NAN * large) as i64;
            });
            h.single_task(work)
        };
        queue.submit(work).unwrap();
        assert_eq!(*out.host_read().unwrap(), [256, 256, i64::from(i32::MAX), i64::MIN, 255, 0]);
    });
}

#[test]
fn nothing_to_do_is_done() {
    on_each_device(|queue| {
        let a = Buffer::from(vec![7u32; 4]);
        let work = |h: &Handler| {
            let a = a.read_write(h);
            h.parallel_for([0, 3], kernel!(move |at: Id<2>| a[at[0] + 100] = 1))
        };
        queue.submit(work).unwrap().wait().unwrap();
        assert_eq!(*a.host_read().unwrap(), [7; 4]);
    });
}

/// Intel's CPU runtime takes the conditions for bounds of the work-items, and these for negative numbers.
#[test]
fn what_lies_behind_a_bound_that_no_work_item_reaches_is_not_done() {
    on_each_device(|queue| {
        let (few, far) = (3usize, usize::MAX);
        let [wrapped, whole, below, within, last] = [0; 5].map(|_| Buffer::from(vec![7u32; 256]));
        macro_rules! runs {
            ($buffer:ident, |$i:ident, $a:ident| $body:block) => {
                queue
                    .submit(|h| {
                        let $a = $buffer.read_write(h);
                        h.parallel_for(256, kernel!(move |$i: usize| $body))
                    })
                    .unwrap()
                    .wait()
                    .unwrap();
                assert_eq!(*$buffer.host_read().unwrap(), [7; 256], "{}", stringify!($buffer));
            };
        }
        runs!(wrapped, |i, a| {
            if i + few >= few {
                return;
            }
            a[i + 300] = 1;
        });
        runs!(whole, |i, a| {
            if i + a.range()[0] >= a.range()[0] {
                return;
            }
            a[i + 300] = 1;
        });
        runs!(below, |i, a| {
            if i < far {
                return;
            }
            a[i + 300] = 1;
        });
        runs!(within, |i, a| {
            if i >= far - 1 {
                a[i] = 1;
            }
        });
        runs!(last, |i, a| {
            let end = a.range()[0] - few - 254;
            while i > end {
                a[i] = 1;
            }
        });
    });
}

//! Specialization constants: compiled in, changed between launches, kept by value.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::__private::{Variant, opencl_c};
use falx::prelude::*;

#[kernel_fn]
fn polynomial(i: Id<1>, degree: SpecConstant<u32>, x: Read<f32>, out: Write<f32>) {
    let mut sum = 0.0;
    let mut power = 1.0;
    for k in 0..degree.get() {
        sum += power * k as f32;
        power *= x[i];
    }
    out[i] = sum;
}

#[test]
fn each_launch_has_the_value_it_was_submitted_with() {
    on_each_device(|queue| {
        let x = Buffer::from(vec![2.0f32; 3]);
        for (degree, expected) in [(0, 0.0), (2, 2.0), (4, 34.0), (2, 2.0)] {
            let out = Buffer::<f32>::new(3);
            let degree = SpecConstant::new(degree);
            queue.submit(|h| h.parallel_for(3, polynomial(degree, x.read(h), out.write(h)))).unwrap();
            assert_eq!(*out.host_read().unwrap(), [expected; 3]);
        }
    });
}

#[test]
fn every_scalar_can_be_one() {
    on_each_device(|queue| {
        let out = Buffer::<f64>::new(1);
        let (byte, word, truth) =
            (SpecConstant::new(-7i8), SpecConstant::new(u64::MAX), SpecConstant::new(true));
        let (small, big) = (SpecConstant::new(0.5f32), SpecConstant::new(-0.0f64));
        let mut size = SpecConstant::new(1usize);
        size.set(3);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    let byte = byte;
                    assert_eq!(byte.get(), -7);
                    assert!(word.get() == u64::MAX && truth.get() && size.get() == 3);
                    assert_eq!(big.get().to_bits(), 1 << 63);
                    out[0] = small.get() as f64 + byte.get() as f64;
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [-6.5]);
    });
}

#[test]
fn more_values_than_are_kept_still_give_right_results() {
    // On the host device nothing is compiled, so this costs little.
    let device = falx::devices().unwrap().into_iter().find(|device| device.is_host()).unwrap();
    let queue = Queue::on(&device).unwrap();
    let out = Buffer::<u32>::new(1);
    for turn in (0..150u32).chain(0..150) {
        let value = SpecConstant::new(turn);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || out[0] = value.get() * 2))
            })
            .unwrap();
        assert_eq!(out.host_read().unwrap()[0], turn * 2);
    }
}

#[test]
fn the_value_stands_in_the_opencl_c() {
    on_each_device(|queue| {
        // Indexing by a constant below the length needs no check, so nothing but the constant can fail.
        let length = SpecConstant::new(4usize);
        let out = Buffer::<u32>::new(8);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    8,
                    kernel!(move |i: usize| {
                        let table = [5, 6, 7, 8];
                        let mut sum = 0;
                        for k in 0..length.get() {
                            sum += table[k];
                        }
                        out[i] = sum;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [26; 8]);
    });
}

#[test]
fn its_opencl_c_has_the_value_and_no_argument_for_it() {
    on_each_device(|queue| {
        let (compiled_in, given) = (SpecConstant::new(54321u32), 12345u32);
        let out = Buffer::<u32>::new(8);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                let text = |kernel: &dyn Fn() -> falx::Result<String>| kernel().unwrap();
                let with_constant = text(&|| {
                    opencl_c(kernel!(move |i: usize| out[i] = compiled_in.get()), 8, Variant::Proven)
                });
                assert!(with_constant.contains("out[i] = 54321u"), "{with_constant}");
                let with_argument =
                    text(&|| opencl_c(kernel!(move |i: usize| out[i] = given), 8, Variant::Proven));
                assert!(with_argument.contains("out[i] = p.given"), "{with_argument}");
                h.parallel_for(8, kernel!(move |i: usize| out[i] = compiled_in.get() - given));
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [54321 - 12345; 8]);
    });
}

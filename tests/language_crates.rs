//! Device functions, structs, traits and kernels of another crate are used as those of one's own, on every device.

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;
use falx_shapes::{Shape, Square, areas, weighted_sum};

/// Implements the other crate's trait.
#[device]
#[derive(Clone, Copy, Debug)]
struct Circle {
    radius: f32,
}

#[device]
impl Shape for Circle {
    const SIDES: u32 = 0;
    fn area(&self) -> f32 {
        3.0 * self.radius * self.radius
    }
}

#[device]
fn both<A: Shape, B: falx_shapes::Shape>(a: A, b: B) -> f32 {
    a.framed() + b.framed() * falx_shapes::MARGIN
}

#[test]
fn functions_structs_and_traits_of_another_crate_are_used_in_kernels() {
    on_each_device(|queue| {
        let data = Buffer::from(vec![1u32, 2, 3, 4]);
        let (sums, sizes) = (Buffer::<u32>::new(2), Buffer::<f32>::new(2));
        queue
            .submit(|h| {
                let (data, sums, sizes) = (data.read(h), sums.write(h).no_init(), sizes.write(h).no_init());
                h.parallel_for(
                    2,
                    kernel!(move |i: usize| {
                        sums[i] = weighted_sum(data.slice(i..), |x| x * 10 + falx_shapes::WEIGHTS[i]);
                        let square = Square::<f32>::smallest().longer(i as f32);
                        sizes[i] = both(square, Circle { radius: 2.0 }) + square.framed();
                    }),
                )
            })
            .unwrap();
        assert_eq!(*sums.host_read().unwrap(), [11 + 42 + 31 + 41, 22 + 64 + 42]);
        assert_eq!(*sizes.host_read().unwrap(), [3.0 + 6.0 + 3.0, 6.0 + 6.0 + 6.0]);
    });
}

#[test]
fn kernels_of_another_crate_are_launched_with_types_of_this_one() {
    on_each_device(|queue| {
        let out = Buffer::<f32>::new(3);
        queue.submit(|h| h.parallel_for(3, areas(Circle { radius: 1.0 }, out.write(h).no_init()))).unwrap();
        assert_eq!(*out.host_read().unwrap(), [0.0, 3.0, 6.0]);
        queue.submit(|h| h.parallel_for(3, areas(Square { side: 2.0 }, out.write(h).no_init()))).unwrap();
        assert_eq!(*out.host_read().unwrap(), [0.0, 6.0, 12.0]);
    });
}

//! What the launchers of kernels in OpenCL C take for their pointers.

use falx::foreign::{LocalPointer, ReadPointer, WritePointer};
use falx::prelude::*;

fn launcher(_: &impl ReadPointer<f32>, _: &impl WritePointer<u32>, _: &impl LocalPointer<f32>) {}

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (floats, numbers) = (Buffer::<f32>::new(8), Buffer::<u32>::new(8));
    queue
        .submit(|h| {
            let part = h.local::<f32, 1>(8);
            launcher(&floats.read(h), &numbers.write(h), &part);
            launcher(&numbers.read(h), &numbers.read(h), &floats.read(h));
            launcher(&floats.write(h), &floats.write(h), &h.local::<u32, 1>(8));
        })
        .unwrap();
}

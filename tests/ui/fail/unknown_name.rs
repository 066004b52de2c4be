//! Names that are neither local, nor captured, nor a device item.

use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let out = Buffer::<u32>::new(8);
    queue
        .submit(|h| {
            let out = out.write(h);
            h.parallel_for(8, kernel!(move |i: usize| {
                out[i] = missing + 1;
                out[i] = absent(i as u32);
            }))
        })
        .unwrap();
}

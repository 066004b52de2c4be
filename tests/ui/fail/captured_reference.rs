//! References to the host's data do not travel.

use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let table: &[u32] = &[1, 2, 3];
    let out = Buffer::<u32>::new(3);
    queue
        .submit(|h| {
            let out = out.write(h);
            h.parallel_for(3, kernel!(move |i: usize| out[i] = table[i]))
        })
        .unwrap();
}

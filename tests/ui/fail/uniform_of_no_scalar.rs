//! `uniform` compares scalars.

use falx::prelude::*;

fn main() {
    let _ = kernel!(|it: NdItem<1>| {
        let (first, second) = falx::uniform((it.local_id()[0], 1u32));
        if first == second as usize {
            it.barrier();
        }
    });
}

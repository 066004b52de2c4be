use falx::prelude::*;

#[kernel_fn]
fn half(it: NdItem<1>, n: usize) {
    let [i] = it.global_id();
    if i >= n {
        return;
    }
    it.barrier();
}

fn main() {
    let _ = half(3);
}

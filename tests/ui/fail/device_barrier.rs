use falx::prelude::*;

#[device]
fn wait(it: NdItem<1>) {
    it.barrier();
}

fn main() {}

use falx::prelude::*;

fn main() {
    let _ = kernel!(|i: usize| {
        let halved = |half| half as f32;
        let _ = (i, halved(f16::ONE));
    });
}

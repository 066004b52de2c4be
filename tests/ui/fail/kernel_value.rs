use falx::prelude::*;

fn main() {
    let x = 1.5f32;
    let _ = kernel!(|| x * 2.0);
}

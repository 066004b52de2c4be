use falx::prelude::*;

#[device]
fn apply(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    f(x)
}

fn main() {
    let _ = kernel!(|| {
        let y = apply(|a, b| a, 1.0);
    });
}

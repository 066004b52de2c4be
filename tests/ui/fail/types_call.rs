use falx::prelude::*;

#[device]
fn scaled(x: f32, by: u32) -> f32 {
    x * by as f32
}

fn main() {
    let x = 1.5f32;
    let _ = kernel!(|i: usize| {
        let a = scaled(x, i);
        let b = scaled(x);
        let c: u32 = scaled(x, 2);
        let _ = (a, b, c);
    });
}

use falx::prelude::*;

fn main() {
    let x = 0.1f64;
    let _ = kernel!(move |i: usize| {
        let a = f16::from_f64(x);
        let b = x.from_f32();
        let _ = (i, a, b);
    });
}

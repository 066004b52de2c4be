use falx::prelude::*;

fn main() {
    let _ = kernel!(|i: usize| {
        let pair = (i, 1.0f32);
        let _ = pair.2;
        let _ = pair.0.x;
    });
}

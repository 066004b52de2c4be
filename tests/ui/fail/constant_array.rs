use falx::prelude::*;

const WEIGHTS: [f32; 2] = [0.5, 0.25];

fn main() {
    let _ = kernel!(|| {
        let _ = WEIGHTS[1];
    });
}

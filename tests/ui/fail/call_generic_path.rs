use falx::prelude::*;

fn main() {
    let x = 1.5f32;
    let _ = kernel!(|| {
        let y = Shape::<f32>::helper(x);
    });
}

use falx::prelude::*;

fn main() {
    let values = vec![1.0f32; 4];
    let _ = kernel!(|| {
        let _ = values;
    });
}

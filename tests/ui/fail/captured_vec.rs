use falx::prelude::*;

fn main() {
    let values = vec![1.0f32; 4];
    let _ = kernel!(|i: Id<1>| {
        let _ = values[i];
    });
}

use falx::prelude::*;

fn main() {
    let n = 4;
    let _ = kernel!(|i: usize| {
        let pair = (n + i, 1.0f32);
        let (first, second, third) = pair;
        let text = (first, "second");
    });
}

use falx::prelude::*;

fn main() {
    let x = 1.5f32;
    let n = 4;
    let _ = kernel!(|i: Id<1>| {
        let _ = x + (n + i[0]) as f32;
        assert_eq!(n);
    });
}

use falx::prelude::*;

fn main() {
    let n = 4;
    let x = 1.5f32;
    let _ = kernel!(|i: Id<1>| {
        let _ = n + i[0];
        let _ = x;
        for k in ..4 { let _ = k; }
    });
}

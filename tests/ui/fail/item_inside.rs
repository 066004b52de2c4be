use falx::prelude::*;

fn main() {
    let n = 4;
    let x = 1.5f32;
    let _ = kernel!(|i: Id<1>| {
        let _ = n + i[0];
        let _ = x;
        fn inner() {}
        if i[0] > 2 {
            const INSIDE: usize = 3;
            use std::f32::consts::*;
            let _ = INSIDE;
        }
        let _ = INSIDE;
    });
}

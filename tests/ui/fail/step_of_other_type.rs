use falx::prelude::*;

fn main() {
    let (n, step) = (4u32, 2u32);
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        for k in (0..n).step_by(step) { let _ = k; }
        for k in n { let _ = k; }
    });
}

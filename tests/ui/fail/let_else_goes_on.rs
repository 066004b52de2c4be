use falx::prelude::*;

fn main() {
    let n = 4u8;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        let 1 = n else { let _ = n; };
    });
}

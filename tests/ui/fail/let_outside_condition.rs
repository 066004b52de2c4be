use falx::prelude::*;

fn main() {
    let n = 4;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        let small = (let 0..=9 = n);
        if let 3 = n || small { }
    });
}

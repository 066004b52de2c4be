use falx::prelude::*;

fn main() {
    let n = 4u8;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        let _ = match n {
            0..=99 => 1,
            101.. => 2,
        };
        let 0 = n;
    });
}

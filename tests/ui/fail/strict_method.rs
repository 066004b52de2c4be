use falx::prelude::*;

fn main() {
    let n = 4u32;
    let _ = kernel!(|i: usize| {
        let a = n.strict_add(i as u32);
        let _ = a;
    });
}

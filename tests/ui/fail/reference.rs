use falx::prelude::*;

#[device]
fn increment(x: &mut u32) {
    *x += 1;
}

fn main() {
    let _ = kernel!(|i: Id<1>| {
        let mut a = [0; 4];
        increment(&mut a[i[0]]);
        let y = a[0];
    });
}

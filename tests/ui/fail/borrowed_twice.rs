use falx::prelude::*;

#[device]
fn swap(a: &mut u32, b: &mut u32) {
    let kept = *a;
    *a = *b;
    *b = kept;
}

fn main() {
    let _ = kernel!(|| {
        let mut x = 1;
        swap(&mut x, &mut x);
    });
}

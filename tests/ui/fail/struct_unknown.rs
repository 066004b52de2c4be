use falx::prelude::*;

fn main() {
    let x = 1.0;
    let _ = kernel!(|| {
        let _ = Point { x };
    });
}

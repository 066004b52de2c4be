use falx::prelude::*;

#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

fn main() {
    let p = Point { x: 1.0 };
    let x = 2.0;
    let _ = kernel!(|| {
        let _ = p.x;
    });
    let _ = kernel!(|| {
        let _ = Point { x };
    });
}

use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

fn main() {
    let p = Point { x: 1.0 };
    let _ = kernel!(|i: usize| {
        let q = Point { x: 2.0, y: 3.0 };
        let Point { z, .. } = p;
        let same = p == q;
        let missing = Point {};
        let _ = p.y;
    });
}

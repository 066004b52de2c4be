use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

#[device]
fn origin() -> Point {
    Point { x: 0.0 }
}

fn main() {
    let p = Point { x: 1.0 };
    let _ = kernel!(|i: usize| {
        origin().x = 1.0;
        p.x = 2.0;
        let q = p;
        q.x += 1.0;
    });
}

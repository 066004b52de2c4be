use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

fn main() {
    let point = Point { x: 1.0 };
    let _ = kernel!(|i: usize| {
        let a = i + 1u32;
        let b = point + point;
        let c = point == point;
        let d = if i { 1 } else { 2 };
        let e = match i { 0 => 1.0, _ => 2u32 };
        let _ = (a, b, c, d, e);
    });
}

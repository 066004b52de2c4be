use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

#[device]
impl Point {
    fn moved(self, by: f32) -> Self {
        Point { x: self.x + by }
    }
}

fn main() {
    let point = Point { x: 1.0 };
    let _ = kernel!(|i: usize| {
        let a = point.moved(i);
        let b = point.moved();
        let c: u32 = point.moved(1.0);
        let d = point.x.max(i);
        let _ = (a, b, c, d);
    });
}

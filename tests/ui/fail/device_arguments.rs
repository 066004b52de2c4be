use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

#[device]
impl Point {
    fn scaled(self, by: f32) -> f32 {
        self.x * by
    }

    fn of(x: f32) -> Self {
        Point { x }
    }
}

fn main() {
    let _ = kernel!(|i: usize| {
        let one = Point::of(1.0, 2.0);
        let less = one.scaled();
        let more = one.scaled(1.0, 2.0);
        let unknown = one.turned(1.0);
    });
}

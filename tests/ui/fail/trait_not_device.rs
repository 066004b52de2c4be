use falx::prelude::*;

trait Shape {
    fn area(&self) -> f32;
}

#[device]
#[derive(Clone, Copy)]
struct Square {
    side: f32,
}

impl Shape for Square {
    fn area(&self) -> f32 {
        self.side * self.side
    }
}

fn main() {
    let square = Square { side: 1.0 };
    let _ = kernel!(|i: Id<1>| {
        let y = square.area() + i[0] as f32;
    });
}

use falx::prelude::*;

#[device]
trait Shape {
    fn area(&self) -> f32;
}

#[device]
fn measured(shape: &dyn Shape) -> f32 {
    shape.area()
}

fn main() {}

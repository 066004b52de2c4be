use falx::prelude::*;

#[device]
trait Shape {
    fn area(&self) -> f32;
}

#[device]
fn twice<S: Shape>(shape: S) -> f32 {
    shape.area() * 2.0
}

fn main() {
    let _ = kernel!(|i: Id<1>| {
        let y = twice(i[0]);
    });
}

use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Square {
    side: f32,
}

fn main() {
    let square = Square { side: 1.0 };
    let _ = kernel!(|i: Id<1>| {
        let y = square.volume() + i[0] as f32;
    });
}

use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Flagged {
    x: u8,
    flag: bool,
}

#[device]
#[derive(Clone, Copy)]
struct Gapped {
    x: f32,
    y: f64,
}

#[device]
#[derive(Clone, Copy)]
struct Pair<A, B> {
    a: A,
    b: B,
}

fn main() {
    let _ = Buffer::from(vec![Flagged { x: 1, flag: true }]);
    let _ = Buffer::from(vec![Gapped { x: 1.0, y: 1.0 }]);
    let _ = Buffer::from(vec![Pair { a: 1u32, b: 1.0f32 }]);
    let _ = Buffer::from(vec![(1u32, 1.0f32)]);
}

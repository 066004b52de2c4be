use falx::prelude::*;

#[device]
fn early(x: f32) -> u32 {
    if x > 1.0 {
        return x;
    }
    3
}

#[device]
fn last(x: f32) -> u32 {
    x
}

#[device]
fn nothing(x: f32) -> u32 {
    let _ = x;
}

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

#[device]
impl Point {
    fn whole(&self) -> i32 {
        self.x
    }
}

fn main() {}

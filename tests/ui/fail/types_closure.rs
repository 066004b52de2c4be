use falx::prelude::*;

#[device]
fn sum_of(n: usize, f: impl Fn(usize) -> f32) -> f32 {
    let mut sum = 0.0;
    for k in 0..n {
        sum += f(k);
    }
    sum
}

#[device]
#[derive(Clone, Copy)]
struct Point {
    x: f32,
}

#[device]
impl Point {
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Point { x: f(self.x) }
    }
}

fn main() {
    let point = Point { x: 1.0 };
    let _ = kernel!(|i: usize| {
        let a = sum_of(i, |k| k);
        let b = sum_of(i, |k, l| 1.0);
        let c = point.map(|x| x as u32);
        let d = point.map(3.0);
        let e = Some(i).map(|k| k + 1.0);
        let _ = (a, b, c, d, e);
    });
}

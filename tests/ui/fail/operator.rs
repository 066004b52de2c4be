//! What `operator!` refuses.

use falx::prelude::*;
use falx::reduction::reduction;

fn main() {
    let _ = operator!(|a: f32| a);
    let _ = operator!(|a, b| a + b);
    let _ = operator!(|a: f32, b: f64| a);
    let _ = operator!(|(a, i): (f32, u32), b: (f32, u32)| if i > 0 { (a, i) } else { b });
    let _ = operator!(|a: f32, b: f32| { let text = "no"; a });
    let total = Buffer::from(vec![0.0f32]);
    let _ = reduction(&total, 0.0, |a: f32, b: f32| a + b);
    let _ = reduction(&total, 0, operator!(|a: f32, b: f32| a + b));
}

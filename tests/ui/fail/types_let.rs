use falx::prelude::*;

fn main() {
    let x = 1.5f32;
    let _ = kernel!(|i: usize| {
        let count: u32 = x;
        let (low, high): (usize, u8) = (i, 300u16);
        let [first, _] = [count, low as u32, high as u32];
        let _ = first;
    });
}

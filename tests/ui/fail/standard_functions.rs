use falx::prelude::*;
use std::mem;

mod cmp {
    pub fn min<T: PartialOrd>(a: T, b: T) -> T {
        if a < b { a } else { b }
    }
}

fn main() {
    let _ = kernel!(|i: usize| {
        let a = std::hint::black_box(i);
        let b = u8::try_from(i);
        let c: Result<u8, _> = i.try_into();
        let d = std::mem::size_of::<u32>();
    });
    let _ = kernel!(|i: usize| {
        let c = cmp::min(i, 2);
        let (mut d, e) = (1u32, 2u32);
        mem::swap(&mut d, &mut e);
    });
}

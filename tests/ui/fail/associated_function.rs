use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Complex {
    re: f32,
}

#[device]
impl Complex {
    fn one() -> Self {
        Complex { re: 1.0 }
    }
}

impl Complex {
    fn zero() -> Self {
        Complex { re: 0.0 }
    }
}

fn main() {
    let _ = kernel!(|| {
        let a = Complex::one();
        let b = Complex::zero();
        let c = Complex::nonesuch(1);
        let d = u32::nonesuch(1);
    });
    let _ = kernel!(|| {
        let mut a = [1, 2, 3];
        a.fill(7);
        a.nonesuch(7);
    });
}

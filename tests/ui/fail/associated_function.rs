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

#[device]
impl std::ops::Add<&Complex> for &Complex {
    type Output = Complex;
    fn add(self, other: &Complex) -> Complex {
        Complex { re: self.re + other.re }
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
        a.sort_unstable();
        a.nonesuch(7);
    });
    let _ = kernel!(|| {
        let mut a = [1, 2, 3];
        a.swap(0, 1);
    });
}

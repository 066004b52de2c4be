use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
enum Mode {
    Fast = 3,
}

#[device]
#[derive(Clone, Copy)]
struct Step(u32);

#[device]
impl std::ops::Add<u32> for Step {
    type Output = u32;
    fn add(self, other: u32) -> u32 {
        self.0 + other
    }
}

fn main() {
    let _ = kernel!(|i: usize| {
        let number = |mode| mode as u32;
        let sum = |step| step + 1u32;
        let halved = |half| half as f32;
        let _ = (i, number(Mode::Fast), sum(Step(2)), halved(f16::ONE));
    });
}

use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
enum Mode {
    Fast,
    Slow,
}

fn main() {
    let _ = Buffer::from(vec![Mode::Fast, Mode::Slow]);
}

use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
enum Mode {
    Fast,
    Slow(u32),
}

fn main() {
    let mode = Mode::Fast;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        match mode {
            Mode::Fast => {}
        }
        let _ = Mode::Fasst;
        let _ = Mode::Slow(1.5);
    });
}

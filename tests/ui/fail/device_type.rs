use falx::prelude::*;

#[device]
fn length(text: String) -> usize {
    0
}

fn main() {}

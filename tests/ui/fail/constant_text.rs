use falx::prelude::*;

const NAME: &str = "falx";

fn main() {
    let _ = kernel!(|| {
        let _ = NAME;
    });
}

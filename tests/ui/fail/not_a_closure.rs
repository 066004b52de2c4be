use falx::prelude::*;

fn main() {
    let _ = kernel!(3);
}

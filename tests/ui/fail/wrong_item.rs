use falx::prelude::*;

fn main() {
    let _ = kernel!(|i: String| {});
}

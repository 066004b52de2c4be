use falx::prelude::*;

fn main() {
    let _ = kernel!(|i: Id<1>, j: Id<1>| {});
}

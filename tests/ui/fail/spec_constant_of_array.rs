use falx::prelude::*;

fn main() {
    let table = SpecConstant::new([1, 2, 3]);
    let _ = table;
}

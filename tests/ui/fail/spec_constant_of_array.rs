use falx::prelude::*;

fn main() {
    let table = SpecConstant::new([1, 2, 3]);
    let _ = kernel!(|i: Id<1>| {
        let _ = table.get();
        let _ = i;
    });
}

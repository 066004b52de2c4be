use falx::prelude::*;

fn main() {
    let name = String::from("x");
    let _ = kernel!(|| {
        let _ = name;
    });
}

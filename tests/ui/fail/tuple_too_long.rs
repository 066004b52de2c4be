use falx::prelude::*;

fn main() {
    let _ = kernel!(|i: usize| {
        let _ = (i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    });
}

use falx::prelude::*;

static mut COUNT: u32 = 0;

fn main() {
    let _ = kernel!(|i: Id<1>| {
        let _ = COUNT + i[0] as u32;
    });
}

use falx::prelude::*;

fn main() {
    let n = 4;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        match n {
            LIMIT => {}
            _ => {}
        }
    });
}

use falx::prelude::*;

fn main() {
    let n = 4u8;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        match n {
            true => {}
            1.5 => {}
            _ => {}
        }
        if let [a, b] = n {
            let _ = a + b;
        }
        let _ = match n { 0 => 1, _ => 2.5 };
    });
}

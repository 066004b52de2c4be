use falx::prelude::*;

fn main() {
    let n = 4;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        'block: {
            if n > 3 {
                break;
            }
            continue 'block;
        }
        loop {
            'block: {
                if n > 3 {
                    break;
                }
            }
        }
    });
}

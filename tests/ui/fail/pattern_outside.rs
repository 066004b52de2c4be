use falx::prelude::*;

fn main() {
    let n = 4;
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        match n {
            'a' => {}
            "text" => {}
            ref mut x => { let _ = x; }
            const { 3 } => {}
            _ => {}
        }
        let _ = matches!(n, 3 if);
    });
}

use falx::prelude::*;

fn main() {
    let n = 4;
    let values = [1, 2, 3];
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        for k in values.iter().scan(0, |sum, x| Some(*sum + x)) { let _ = k; }
        for k in values.iter().filter(|x| **x > 1).skip(1) { let _ = k; }
        for k in values.iter().chain(values.iter().filter(|x| **x > 1)) { let _ = k; }
        for k in (0..n).windows(2) { let _ = k; }
        for k in values.iter_mut() { let _ = k; }
        for k in values.iter().map(|x| x + 1).skip(1) { let _ = k; }
        for k in (0..n).zip(values.iter().map(|x| x + 1)) { let _ = k; }
        for k in (0..n).map(n) { let _ = k; }
        for k in (0..n).zip() { let _ = k; }
        for k in (0..n).rev(3) { let _ = k; }
        for k in (0..n).step_by() { let _ = k; }
        for k in (0..).step_by(2) { let _ = k; }
    });
}

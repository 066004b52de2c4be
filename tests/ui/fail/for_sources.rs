use falx::prelude::*;

fn main() {
    let n = 4;
    let values = [1, 2, 3];
    let _ = kernel!(move |i: Id<1>| {
        let _ = i;
        for k in values.iter().scan(0) { let _ = k; }
        for k in values.iter().map(|x| x + 1).skip(1).rev() { let _ = k; }
        for k in (0..n).flat_map(|x| 0..x).chain(0..2) { let _ = k; }
        for k in (0..n).take_while(|k| *k < 2).chain(0..2) { let _ = k; }
        for k in (0..n).map(|k| k + 1).cycle() { let _ = k; }
        for k in (0..n).cycle().chain(0..2) { let _ = k; }
        for k in (0..n).zip(values.iter().filter(|x| **x > 1)) { let _ = k; }
        for k in (0..n).chain((0..n).flat_map(|x| 0..x)) { let _ = k; }
        for k in (0..n).flat_map(|x| Some(x).iter().peekable()) { let _ = k; }
        for k in (0..n).flat_map(n) { let _ = k; }
        for k in (0..n).windows(2) { let _ = k; }
        for k in values.iter_mut() { let _ = k; }
        for k in (0..n).map(n) { let _ = k; }
        for k in (0..n).zip() { let _ = k; }
        for k in (0..n).rev(3) { let _ = k; }
        for k in (0..n).step_by() { let _ = k; }
        for k in (..n).step_by(2) { let _ = k; }
    });
}

//! `table!`: one kernel that computes many expressions of two operands, for all pairs of edge values, beside plain Rust.

use super::{Edges, is_slow};
use falx::Queue;

/// An expression as text, and its value in plain Rust.
pub type Row<'r, T> = (&'r str, fn(T, T) -> u64);
/// An expression as text, by how many ulps it may differ, and its value in plain Rust.
pub type NearRow<'r, T> = (&'r str, u64, fn(T, T) -> T);

/// All pairs of edge values, as two columns.
pub struct Pairs<T> {
    pub left: Vec<T>,
    pub right: Vec<T>,
}

impl<T: Edges> Pairs<T> {
    pub fn all() -> Self {
        let edges = T::edges();
        let pairs = edges.iter().flat_map(|&x| edges.iter().map(move |&y| (x, y)));
        let (left, right) = pairs.unzip();
        Pairs { left, right }
    }
}

/// Compares what a device gave, row by row, with what plain Rust gives; names every wrong operation.
pub fn judge<T: Edges>(queue: &Queue, pairs: &Pairs<T>, rows: &[Row<'_, T>], got: &[u64]) {
    let n = pairs.left.len();
    let mut wrong = Vec::new();
    for ((name, plain), row) in rows.iter().zip(got.chunks(n)) {
        let differs = |k: &usize| plain(pairs.left[*k], pairs.right[*k]) != row[*k];
        let differing: Vec<usize> =
            (0..n).filter(differs).filter(|k| !is_known(queue, name, pairs.left[*k])).collect();
        if let Some(&k) = differing.first() {
            let (x, y, count) = (pairs.left[k], pairs.right[k], differing.len());
            wrong.push(format!(
                "`{name}` is wrong for {count} of {n} pairs; for x = {x:?}, y = {y:?} it gives {:#x}, not {:#x}",
                row[k],
                plain(x, y)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a difference is a fault of Oclgrind's own library: it takes NaN for the smallest integer in saturating casts,
/// wraps `add_sat` and `sub_sat` of the smallest `long`, and calls subnormals normal.
fn is_known<T: Edges>(queue: &Queue, operation: &str, x: T) -> bool {
    let is_cast = operation.contains(" as ") && format!("{x:?}").contains("NaN");
    is_slow(queue) && (is_cast || ["saturating_", "is_normal"].iter().any(|name| operation.contains(name)))
}

/// A test: on every device, each row's left side, in a kernel, gives what its right side gives in plain Rust, as 64 bits.
macro_rules! table {
    ($test:ident, $ty:ty, |$x:ident, $y:ident| { $($kernel:expr => $plain:expr;)* }) => {
        #[test]
        fn $test() {
            use crate::common_language::{Bits, Pairs, judge, on_each_device};
            let pairs = Pairs::<$ty>::all();
            let n = pairs.left.len();
            let rows: &[(&str, fn($ty, $ty) -> u64)] = &[
                $((stringify!($kernel), |$x: $ty, $y: $ty| { let _ = ($x, $y); Bits::bits($plain) })),*
            ];
            on_each_device(|queue| {
                if crate::common_language::lacks(queue, stringify!($ty)) {
                    return;
                }
                let (left, right) = (falx::Buffer::from(pairs.left.clone()), falx::Buffer::from(pairs.right.clone()));
                let out = falx::Buffer::<u64, 2>::new([rows.len(), n]);
                queue.submit(|h| {
                    let (left, right, out) = (left.read(h), right.read(h), out.write(h));
                    h.parallel_for(n, falx::kernel!(move |i: usize| {
                        let $x = left[i];
                        let $y = right[i];
                        let _ = $x;
                        let _ = $y;
                        let mut row = 0;
                        $(
                            out[[row, i]] = $kernel;
                            row += 1;
                        )*
                        let _ = row;
                    }))
                }).unwrap();
                judge(queue, &pairs, rows, &out.host_read().unwrap());
            });
        }
    };
}
pub(crate) use table;

/// Compares floats that may differ by a number of ulps; names every wrong function and its worst operands.
pub fn judge_near<T: Edges>(
    pairs: &Pairs<T>,
    rows: &[NearRow<'_, T>],
    got: &[T],
    ulps: impl Fn(T, T) -> u64,
) {
    let n = pairs.left.len();
    let mut wrong = Vec::new();
    for ((name, bound, plain), row) in rows.iter().zip(got.chunks(n)) {
        let distance = |k: &usize| ulps(plain(pairs.left[*k], pairs.right[*k]), row[*k]);
        let worst = (0..n).max_by_key(distance).unwrap();
        let (x, y) = (pairs.left[worst], pairs.right[worst]);
        if distance(&worst) > *bound {
            let wanted = plain(x, y);
            let far = distance(&worst);
            wrong.push(format!(
                "`{name}` for x = {x:?}, y = {y:?} gives {:?}, {far} ulps from {wanted:?}",
                row[worst]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A test: on every device, each row's kernel expression lies at most so many ulps from what plain Rust gives.
macro_rules! near {
    ($test:ident, $ty:ty, $ulps:path, |$x:ident, $y:ident| { $($kernel:expr, $bound:literal => $plain:expr;)* }) => {
        #[test]
        fn $test() {
            use crate::common_language::{Pairs, judge_near, on_each_device};
            let pairs = Pairs::<$ty>::all();
            let n = pairs.left.len();
            let rows: &[(&str, u64, fn($ty, $ty) -> $ty)] = &[
                $((stringify!($kernel), $bound, |$x: $ty, $y: $ty| { let _ = ($x, $y); $plain })),*
            ];
            on_each_device(|queue| {
                if crate::common_language::lacks(queue, stringify!($ty)) {
                    return;
                }
                let (left, right) = (falx::Buffer::from(pairs.left.clone()), falx::Buffer::from(pairs.right.clone()));
                let out = falx::Buffer::<$ty, 2>::new([rows.len(), n]);
                queue.submit(|h| {
                    let (left, right, out) = (left.read(h), right.read(h), out.write(h));
                    h.parallel_for(n, falx::kernel!(move |i: usize| {
                        let $x = left[i];
                        let $y = right[i];
                        let _ = $x;
                        let _ = $y;
                        let mut row = 0;
                        $(
                            out[[row, i]] = $kernel;
                            row += 1;
                        )*
                        let _ = row;
                    }))
                }).unwrap();
                judge_near(&pairs, rows, &out.host_read().unwrap(), $ulps);
            });
        }
    };
}
pub(crate) use near;

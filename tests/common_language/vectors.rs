//! Tables of expressions of vectors, each the same in a kernel and in plain Rust.

use super::Edges;

/// Vectors of edge values: each pair of neighbours in several orders.
pub fn edges<T: Edges, V: From<[T; N]>, const N: usize>(shift: usize) -> Vec<V> {
    let edges = T::edges();
    let n = edges.len();
    let lane = |start: usize, lane: usize| edges[(start * (shift + 1) + lane * (3 + 4 * shift) + shift) % n];
    (0..n).map(|start| V::from(std::array::from_fn(|k| lane(start, k)))).collect()
}

/// A test: each row, an expression of the type of the vectors, gives in a kernel what it gives in plain Rust.
macro_rules! vectors {
    ($test:ident, $vector:ident, $lane:ident, |$x:ident, $y:ident, $s:ident| { $($row:expr;)* }) => {
        #[test]
        fn $test() {
            let (left, right) = (edges::<$lane, $vector, { $vector::LANES }>(0), edges::<$lane, $vector, { $vector::LANES }>(1));
            let scalars = <$lane as Edges>::edges();
            let n = left.len();
            let rows: &[(&str, fn($vector, $vector, $lane) -> $vector)] = &[
                $((stringify!($row), |$x: $vector, $y: $vector, $s: $lane| { let _ = ($x, $y, $s); $row })),*
            ];
            on_each_device(|queue| {
                if lacks(queue, stringify!($lane)) {
                    return;
                }
                let (xs, ys) = (Buffer::from(left.clone()), Buffer::from(right.clone()));
                let ss = Buffer::from(scalars.clone());
                let out = Buffer::<$vector, 2>::new([rows.len(), n]);
                queue.submit(|h| {
                    let (xs, ys, ss, out) = (xs.read(h), ys.read(h), ss.read(h), out.write(h));
                    h.parallel_for(n, kernel!(move |i: usize| {
                        let $x = xs[i];
                        let $y = ys[i];
                        let $s = ss[i];
                        let mut row = 0;
                        $(
                            out[[row, i]] = $row;
                            row += 1;
                        )*
                        let _ = row; let _ = $y; let _ = $s;
                    }))
                }).unwrap();
                let got = out.host_read().unwrap();
                let mut wrong = Vec::new();
                for ((name, plain), row) in rows.iter().zip(got.chunks(n)) {
                    let bits = |vector: $vector| vector.to_array().map(Bits::bits);
                    let differs = |k: &usize| bits(plain(left[*k], right[*k], scalars[*k])) != bits(row[*k]);
                    if let Some(k) = (0..n).find(differs) {
                        let wanted = plain(left[k], right[k], scalars[k]);
                        wrong.push(format!(
                            "`{name}` for {:?}, {:?} and {:?} gives {:?}, not {wanted:?}", left[k], right[k], scalars[k], row[k]
                        ));
                    }
                }
                assert!(wrong.is_empty(), "{}", wrong.join("\n"));
            });
        }
    };
}
pub(crate) use vectors;

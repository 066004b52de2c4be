//! Matrices: products, plainly and in tiles, transposition, and products with a vector, dense and sparse.

use super::common::{Outcome, Row, full_or_quick};
use super::{Pair, scattered, scattered_float};
use falx::prelude::*;

const SOURCE: &str = include_str!("matrix.cl");
/// The extent of a tile, and of a work-group, in both dimensions.
const TILE: usize = 16;
/// As many elements of each row of the sparse matrix are not zero.
const N_FILLED: usize = 16;

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    let mut rows = gemm(pair)?;
    rows.extend([matrix_vector(pair)?, transpose(pair)?, sparse_matrix_vector(pair)?]);
    Ok(rows)
}

fn gemm(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    let n = full_or_quick(256, 64);
    let a = pair.twin([n, n], scattered_float)?;
    let b = pair.twin([n, n], |i| scattered_float(i + n * n))?;
    let c = pair.twin([n, n], |_| 0.0)?;
    let by_hand = |name, local: &[usize]| {
        let buffers = [&a.raw, &b.raw, &c.raw];
        // SAFETY: the kernels get the extent of the three matrices, and are launched over their elements.
        unsafe { pair.by_hand((SOURCE, name), &buffers, &[n as u32], (&[n, n], local)) }
    };
    let naive = pair.row("gemm-naive", &by_hand("gemm_naive", &pair.local(2)?)?, (&c, 0.0), |h| {
        let (a, b, c) = (a.falx.read(h), b.falx.read(h), c.falx.write(h).no_init());
        pair.launch(h, [n, n], gemm_naive(a, b, c));
    })?;
    let tiled = pair.row("gemm-tiled", &by_hand("gemm_tiled", &[TILE, TILE])?, (&c, 0.0), |h| {
        let (a, b, c) = (a.falx.read(h), b.falx.read(h), c.falx.write(h).no_init());
        let (tile_a, tile_b) = (h.local([TILE, TILE]), h.local([TILE, TILE]));
        pair.launch(h, NdRange::new([n, n], [TILE, TILE]), gemm_tiled::<TILE>(a, b, c, tile_a, tile_b));
    })?;
    Ok(vec![naive, tiled])
}

#[kernel_fn]
fn gemm_naive(at: Id<2>, a: Read<f32, 2>, b: Read<f32, 2>, c: Write<f32, 2>) {
    let mut sum = 0.0;
    for k in 0..a.range()[1] {
        sum = a[[at[0], k]].mul_add(b[[k, at[1]]], sum);
    }
    c[at] = sum;
}

#[kernel_fn]
fn gemm_tiled<const T: usize>(
    it: NdItem<2>,
    a: Read<f32, 2>,
    b: Read<f32, 2>,
    c: Write<f32, 2>,
    tile_a: Local<f32, 2>,
    tile_b: Local<f32, 2>,
) {
    let [row, column] = it.global_id();
    let [y, x] = it.local_id();
    let mut sum = 0.0;
    for t in 0..a.range()[1] / T {
        tile_a[[y, x]] = a[[row, t * T + x]];
        tile_b[[y, x]] = b[[t * T + y, column]];
        it.barrier();
        for k in 0..T {
            sum = tile_a[[y, k]].mul_add(tile_b[[k, x]], sum);
        }
        it.barrier();
    }
    c[[row, column]] = sum;
}

fn matrix_vector(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1024, 512);
    let a = pair.twin([n, n], scattered_float)?;
    let (x, y) = (pair.twin(n, scattered_float)?, pair.twin(n, |_| 0.0)?);
    let buffers = [&a.raw, &x.raw, &y.raw];
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel gets the length of the rows and of `x`, and is launched over the rows.
    let by_hand = unsafe { pair.by_hand((SOURCE, "matrix_vector"), &buffers, &[n as u32], launch) }?;
    pair.row("matrix-vector", &by_hand, (&y, 0.0), |h| {
        let (a, x, y) = (a.falx.read(h), x.falx.read(h), y.falx.write(h).no_init());
        pair.launch(
            h,
            n,
            kernel!(move |row: usize| {
                let mut sum = 0.0;
                for k in 0..x.range()[0] {
                    sum = a[[row, k]].mul_add(x[k], sum);
                }
                y[row] = sum;
            }),
        );
    })
}

fn transpose(pair: &Pair<'_>) -> Outcome<Row> {
    let [m, n] = [full_or_quick(1024, 64), full_or_quick(2048, 128)];
    let from = pair.twin([m, n], scattered_float)?;
    let to = pair.twin([n, m], |_| 0.0)?;
    let numbers = [m as u32, n as u32];
    // SAFETY: the kernel gets the extents of `from`, in tiles over which it is launched; `to` has them the other way.
    let by_hand = unsafe {
        pair.by_hand((SOURCE, "transpose"), &[&from.raw, &to.raw], &numbers, (&[n, m], &[TILE, TILE]))
    }?;
    pair.row("transpose", &by_hand, (&to, 0.0), |h| {
        let (from, to) = (from.falx.read(h), to.falx.write(h).no_init());
        // One column more, so that those that read a column do not wait for each other on GPUs.
        let tile = h.local([TILE, TILE + 1]);
        pair.launch(h, NdRange::new([m, n], [TILE, TILE]), transposed::<TILE>(from, to, tile));
    })
}

#[kernel_fn]
fn transposed<const T: usize>(it: NdItem<2>, from: Read<f32, 2>, to: Write<f32, 2>, tile: Local<f32, 2>) {
    let [y, x] = it.local_id();
    let [row, column] = [it.group_id()[0] * T, it.group_id()[1] * T];
    tile[[y, x]] = from[[row + y, column + x]];
    it.barrier();
    to[[column + y, row + x]] = tile[[x, y]];
}

fn sparse_matrix_vector(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 17, 1 << 12);
    let starts = pair.twin(n + 1, |row| (row * N_FILLED) as u32)?;
    let columns = pair.twin(n * N_FILLED, |i| scattered(i) % n as u32)?;
    let values = pair.twin(n * N_FILLED, scattered_float)?;
    let (x, y) = (pair.twin(n, scattered_float)?, pair.twin(n, |_| 0.0)?);
    let buffers = [&starts.raw, &columns.raw, &values.raw, &x.raw, &y.raw];
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the starts lie within the values, in order, and the columns within `x`.
    let by_hand = unsafe { pair.by_hand((SOURCE, "sparse_matrix_vector"), &buffers, &[], launch) }?;
    pair.row("sparse-matrix-vector", &by_hand, (&y, 0.0), |h| {
        let (starts, columns, values) = (starts.falx.read(h), columns.falx.read(h), values.falx.read(h));
        let (x, y) = (x.falx.read(h), y.falx.write(h).no_init());
        pair.launch(
            h,
            n,
            kernel!(move |row: usize| {
                let mut sum = 0.0;
                for k in starts[row] as usize..starts[row + 1] as usize {
                    sum = values[k].mul_add(x[columns[k] as usize], sum);
                }
                y[row] = sum;
            }),
        );
    })
}

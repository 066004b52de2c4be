//! Multiplies two matrices twice: plainly, and in tiles that a work-group keeps in local memory.
//!
//! `cargo run --release --example 02_matrix_multiply`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

/// The extent of a tile, and of a work-group, in both dimensions.
const TILE: usize = 16;

/// One element of the product: a row of `a` times a column of `b`.
#[kernel_fn]
fn naive(at: Id<2>, a: Read<f32, 2>, b: Read<f32, 2>, c: Write<f32, 2>) {
    let mut sum = 0.0;
    for k in 0..a.range()[1] {
        sum += a[[at[0], k]] * b[[k, at[1]]];
    }
    c[at] = sum;
}

/// The same, but the work-group first brings a tile of each matrix into local memory, where each number is read `T` times.
#[kernel_fn]
fn tiled<const T: usize>(
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
        it.barrier(); // The tiles are complete.
        for k in 0..T {
            sum += tile_a[[y, k]] * tile_b[[k, x]];
        }
        it.barrier(); // Nobody reads them any more.
    }
    c[[row, column]] = sum;
}

/// The two matrices of a product.
struct Factors {
    a: Buffer<f32, 2>,
    b: Buffer<f32, 2>,
    /// The product, computed plainly on the host.
    product: Vec<f32>,
}

impl Factors {
    fn new(n: usize) -> falx::Result<Factors> {
        let a: Vec<f32> = (0..n * n).map(|i| (i % 13) as f32 / 8.0).collect();
        let b: Vec<f32> = (0..n * n).map(|i| (i % 11) as f32 / 16.0).collect();
        let mut product = vec![0.0; n * n];
        for (row, sums) in product.chunks_mut(n).enumerate() {
            for k in 0..n {
                let factor = a[row * n + k];
                sums.iter_mut().zip(&b[k * n..]).for_each(|(sum, &b)| *sum += factor * b);
            }
        }
        Ok(Factors { a: Buffer::from_vec(a, [n, n])?, b: Buffer::from_vec(b, [n, n])?, product })
    }

    /// Sums run over `k` in the same order everywhere, so the numbers are the same to the last bit.
    fn check(&self, product: &Buffer<f32, 2>) -> Result<(), Box<dyn Error>> {
        let product = product.host_read()?;
        match (0..product.len()).find(|&i| product[i] != self.product[i]) {
            None => Ok(()),
            Some(i) => Err(format!("element {i} is {}, not {}", product[i], self.product[i]).into()),
        }
    }
}

/// Multiplies two matrices of `n` by `n` numbers, `n` a multiple of [`TILE`], and returns how long it took plainly and in
/// tiles.
pub fn run(queue: &Queue, n: usize) -> Result<[Duration; 2], Box<dyn Error>> {
    let factors = Factors::new(n)?;
    let (a, b) = (&factors.a, &factors.b);

    let plain = Buffer::<f32, 2>::new([n, n]);
    let start = Instant::now();
    queue.submit(|h| {
        let (a, b, c) = (a.read(h), b.read(h), plain.write(h).no_init());
        h.parallel_for([n, n], naive(a, b, c))
    })?;
    queue.wait()?;
    let time_plain = start.elapsed();

    let in_tiles = Buffer::<f32, 2>::new([n, n]);
    let start = Instant::now();
    queue.submit(|h| {
        let (a, b, c) = (a.read(h), b.read(h), in_tiles.write(h).no_init());
        let (tile_a, tile_b) = (h.local([TILE, TILE]), h.local([TILE, TILE]));
        h.parallel_for(NdRange::new([n, n], [TILE, TILE]), tiled::<TILE>(a, b, c, tile_a, tile_b))
    })?;
    queue.wait()?;
    let time_in_tiles = start.elapsed();

    factors.check(&plain)?;
    factors.check(&in_tiles)?;
    Ok([time_plain, time_in_tiles])
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    run(&queue, TILE)?; // The first launch of a kernel compiles it, which is not what is to be timed.
    let n = 512;
    let [plain, in_tiles] = run(&queue, n)?;
    let rate = |time: Duration| 2.0 * (n * n * n) as f64 / time.as_secs_f64() / 1e9;
    println!("multiplied {n} x {n} matrices on {}", queue.device());
    println!("plainly:  {plain:.1?}, {:.1} GFLOP/s", rate(plain));
    println!("in tiles: {in_tiles:.1?}, {:.1} GFLOP/s", rate(in_tiles));
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}

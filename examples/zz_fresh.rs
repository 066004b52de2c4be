use falx::prelude::*;
use std::time::Instant;
fn main() -> falx::Result<()> {
    for d in falx::devices()? {
        if d.is_host() {
            continue;
        }
        let queue = Queue::on(&d)?;
        for n in [256usize, 1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 24] {
            let t = Instant::now();
            let c = Buffer::<f32>::new(n);
            queue.submit(|h| {
                let c = c.write(h).no_init();
                h.parallel_for(n, kernel!(move |i: Id<1>| c[i] = 1.0))
            })?;
            let s = t.elapsed();
            queue.wait()?;
            let w = t.elapsed();
            drop(c);
            println!("{n} submit {s:?} wait {w:?} drop {:?}", t.elapsed());
        }
    }
    Ok(())
}

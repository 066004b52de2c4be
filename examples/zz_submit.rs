use falx::prelude::*;
use std::time::Instant;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
}
fn main() -> falx::Result<()> {
    let n: usize = std::env::args().nth(1).map_or(20000, |s| s.parse().unwrap());
    for d in falx::devices()? {
        if d.is_host() {
            continue;
        }
        let queue = Queue::on(&d)?;
        let a = Buffer::from(vec![1.0f32; 256]);
        let b = Buffer::from(vec![2.0f32; 256]);
        let c = Buffer::from(vec![2.0f32; 256]);
        let mut best = (f64::MAX, f64::MAX, f64::MAX);
        for _ in 0..7 {
            let (t, w) = (cpu(), Instant::now());
            for s in 0..n {
                let keep = s as f32;
                queue.submit(|h| {
                    let (a, b, c) = (a.read(h), b.read(h), c.read_write(h));
                    h.parallel_for(256, kernel!(move |i: Id<1>| c[i] = keep * c[i] + a[i] * b[i]))
                })?;
            }
            let t1 = cpu();
            queue.wait()?;
            let t2 = cpu();
            let k = n as f64;
            best = (
                best.0.min((t1 - t) / k),
                best.1.min((t2 - t1) / k),
                best.2.min(w.elapsed().as_secs_f64() * 1e6 / k),
            );
        }
        println!("{d}: submit cpu {:.2} us, wait cpu {:.2} us, wall {:.2} us", best.0, best.1, best.2);
    }
    Ok(())
}

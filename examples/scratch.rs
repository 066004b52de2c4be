use falx::prelude::*;
fn main() -> falx::Result<()> {
    for d in falx::devices()? {
        println!("{d}");
        let queue = Queue::on(&d)?;
        let a = Buffer::from(vec![1.0f32; 1000]);
        let b = Buffer::from(vec![2.0f32; 1000]);
        let c = Buffer::<f32>::new(1000);
        let scale = 0.5;
        queue.submit(|h| {
            let (a, b) = (a.read(h), b.read(h));
            let c = c.write(h).no_init();
            h.parallel_for(1000, kernel!(move |i: Id<1>| c[i] = scale * (a[i] + b[i])))
        })?;
        assert!(c.host_read()?.iter().all(|x| *x == 1.5));
        println!("sum {}", falx::algorithm::sum(&queue, &c)?);
        // bad index
        queue.submit(|h| {
            let c = c.read_write(h);
            h.parallel_for(1001, kernel!(move |i: Id<1>| c[i] = c[i] + 1.0))
        })?;
        println!("{:?}", c.host_read().err());
        println!("{:?}", queue.wait());
    }
    println!("{}", falx::trace::totals());
    Ok(())
}

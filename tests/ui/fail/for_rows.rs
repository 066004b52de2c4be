use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (line, grid) = (Buffer::<u32>::new(4), Buffer::<u32, 2>::new([2, 2]));
    let _ = queue.submit(|h| {
        let (line, grid) = (line.read(h), grid.write(h));
        h.single_task(kernel!(move || {
            for x in line.row(0) { let _ = x; }
            for x in grid.row(0) { let _ = x; }
            for x in grid.iter() { let _ = x; }
        }))
    });
}

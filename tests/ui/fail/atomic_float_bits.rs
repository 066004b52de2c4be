use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (cells, bytes) = (Buffer::from(vec![0.0f32; 4]), Buffer::from(vec![0u8; 4]));
    queue
        .submit(|h| {
            let (cells, bytes) = (cells.read_write(h), bytes.read_write(h));
            h.parallel_for(4, kernel!(move |i: usize| {
                cells.atomic(i).fetch_or(1.0);
                bytes.atomic(i).fetch_add(1);
            }))
        })
        .unwrap();
}

use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let data = Buffer::from(vec![1u32; 4]);
    queue
        .submit(|h| {
            let data = data.read_write(h);
            h.parallel_for(4, kernel!(move |i: usize| {
                let table = [1u32, 2];
                let a = table[1.5];
                let b = table[i as u32];
                let c: f32 = table[i];
                data[i] = true;
                let _ = (a, b, c);
            }))
        })
        .unwrap();
}

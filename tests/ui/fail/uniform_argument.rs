use falx::prelude::*;

#[device]
fn repeated(it: NdItem<1>, x: u32, rounds: u32) -> u32 {
    let mut sum = x;
    for _ in 0..rounds {
        sum = it.group().reduce_max(sum);
    }
    sum
}

#[device]
fn twice(it: NdItem<1>, half: u32, x: u32) -> u32 {
    repeated(it, x, 2 * half)
}

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let data = Buffer::from(vec![0u32; 64]);
    queue
        .submit(|h| {
            let data = data.read_write(h);
            let _ = &data;
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let i = it.global_id();
                data[i] = repeated(it, data[i], 3);
                data[i] = twice(it, data[i], 5);
            }))
        })
        .unwrap();
}

use falx::prelude::*;

#[device]
fn wait(it: NdItem<1>) {
    it.barrier();
}

#[device]
fn wait_and_add(it: NdItem<1>, x: u32) -> u32 {
    wait(it);
    x + 1
}

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let data = Buffer::from(vec![0u32; 64]);
    queue
        .submit(|h| {
            let data = data.read_write(h);
            let _ = &data;
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let own = it.local_id()[0];
                if own < 8 {
                    data[own] = wait_and_add(it, 3);
                }
            }))
        })
        .unwrap();
}

use falx::prelude::*;

#[device]
fn wait_if(it: NdItem<1>, flags: ReadWrite<u32>, n: u32) {
    if it.local_id()[0] == 0 {
        it.barrier();
    }
    if flags[0] == n {
        it.group().barrier();
    }
}

#[device]
fn wait_in_there(it: NdItem<1>, flags: ReadWrite<u32>) {
    if flags[1] == 0 {
        wait(it);
    }
}

#[device]
fn wait(it: NdItem<1>) {
    it.barrier();
}

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let data = Buffer::from(vec![0u32; 64]);
    queue
        .submit(|h| {
            let data = data.read_write(h);
            let _ = &data;
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                wait_if(it, data, 3);
                wait_in_there(it, data);
            }))
        })
        .unwrap();
}

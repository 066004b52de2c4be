use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (data, flags) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
    queue
        .submit(|h| {
            let (data, flags) = (data.read_write(h), flags.read(h));
            let _ = (&data, &flags);
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let mut left = flags[it.global_id()];
                while left > 0 {
                    it.barrier();
                    left -= 1;
                }
                data[0] = left;
            }))
        })
        .unwrap();
}

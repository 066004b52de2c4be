use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (data, flags) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
    queue
        .submit(|h| {
            let (data, flags) = (data.read_write(h), flags.read(h));
            let _ = (&data, &flags);
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let [i] = it.global_id();
                if i >= 60 {
                    return;
                }
                it.barrier();
                data[i] = 1;
            }))
        })
        .unwrap();
}

use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (data, flags) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
    queue
        .submit(|h| {
            let (data, flags) = (data.read_write(h), flags.read(h));
            let _ = (&data, &flags);
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let sub = it.sub_group();
                if sub.reduce_sum(flags[it.global_id()]) == 0 {
                    data[0] = sub.ballot(true) as u32;
                }
            }))
        })
        .unwrap();
}

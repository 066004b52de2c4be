use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (data, flags) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
    queue
        .submit(|h| {
            let (data, flags) = (data.read_write(h), flags.read(h));
            let _ = (&data, &flags);
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let ticket = data.atomic(0).fetch_add(1);
                if ticket == 0 {
                    it.barrier();
                }
            }))
        })
        .unwrap();
}

use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::default()).unwrap();
    let (data, flags) = (Buffer::from(vec![0u32; 64]), Buffer::from(vec![0u32; 64]));
    queue
        .submit(|h| {
            let (data, flags) = (data.read_write(h), flags.read(h));
            let _ = (&data, &flags);
            h.parallel_for(NdRange::new(64, 16), kernel!(move |it: NdItem<1>| {
                let own = it.local_id()[0];
                for round in 0..4 {
                    if round == own {
                        break;
                    }
                    it.barrier();
                }
                data[own] = 1;
            }))
        })
        .unwrap();
}

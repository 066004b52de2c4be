use falx::prelude::*;

fn main() {
    let queue = Queue::new(Selector::host()).unwrap();
    let out = Buffer::<u32>::new(4);
    let _ = kernel!(|i: usize| {
        let a = [1u32, 2, 3];
        let b = a.iter().collect();
        let c = a.iter().reduce(|x, y| x + y);
        let d = (0..4).map(|k| k * 2).nth(2);
        let e = a.iter().sum(3);
        let f = a.iter().fold(0);
        let g = a.iter().any(bool::default);
        let h = (0..4).map(|x| x + 1);
        let k = a.iter();
        let m = Vec::<u32>::with_capacity(i);
    });
    queue
        .submit(|h| {
            let out = out.write(h);
            h.parallel_for(4, kernel!(move |i: usize| {
                let a = [1u32, 2, i as u32];
                let largest = a.iter().max();
                let least = [0.5f32, 1.0].into_iter().min();
                let sum: u32 = [0.5f32, 1.0].iter().sum();
                out[i] = sum;
            }))
        })
        .unwrap();
}

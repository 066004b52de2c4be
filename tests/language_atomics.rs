//! Atomic operations give, whatever the order of the work-items, what Rust's give.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

macro_rules! atomics {
    ($($test:ident $ty:ident $aspect:ident)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                if stringify!($ty).ends_with("64") && !queue.device().aspects().$aspect {
                    eprintln!("SKIPPED on {}, which has no 64-bit atomics", queue.device());
                    return;
                }
                let start: Vec<$ty> = vec![<$ty>::MAX - 5, 3, 0, <$ty>::MAX, <$ty>::MAX, 0, 0, 9];
                let cells = Buffer::from(start);
                let tickets = Buffer::from(vec![0u32; 500]);
                queue
                    .submit(|h| {
                        let (cells, tickets) = (cells.read_write(h), tickets.read_write(h));
                        h.parallel_for(500, kernel!(move |i: usize| {
                            let x = i as $ty;
                            cells.atomic(0).fetch_add(x);
                            cells.atomic(1).fetch_sub(x);
                            cells.atomic(2).fetch_max(x);
                            cells.atomic(3).fetch_min(x + 7);
                            cells.atomic(4).fetch_and(!(1 << (x % 20)));
                            cells.atomic(5).fetch_or(1 << (x % 30));
                            let old = cells.atomic(6).fetch_add(1);
                            tickets.atomic(old as usize).fetch_add(1);
                            if i == 499 {
                                let before = cells.atomic(7).swap(77);
                                cells.atomic(7).fetch_xor(before);
                            }
                        }))
                    })
                    .unwrap();
                let sum = (499 * 500 / 2) as $ty;
                let expected: [$ty; 8] = [
                    (<$ty>::MAX - 5).wrapping_add(sum), (3 as $ty).wrapping_sub(sum), 499, 7, <$ty>::MAX & !((1 << 20) - 1),
                    (1 << 30) - 1, 500, 77 ^ 9,
                ];
                assert_eq!(*cells.host_read().unwrap(), expected);
                // Every work-item drew another ticket.
                assert_eq!(*tickets.host_read().unwrap(), [1; 500]);
            });
        }
    )* };
}
atomics! {
    i32_atomics_lose_nothing i32 atomic64
    u32_atomics_lose_nothing u32 atomic64
    i64_atomics_lose_nothing i64 atomic64
    u64_atomics_lose_nothing u64 atomic64
}

#[test]
fn a_histogram_in_local_memory_counts_every_element() {
    on_each_device(|queue| {
        let values: Vec<u32> = (0..1024u32).map(|k| k.wrapping_mul(2654435761) >> 28).collect();
        let (from, bins) = (Buffer::from(values.clone()), Buffer::from(vec![0u32; 16]));
        queue
            .submit(|h| {
                let (from, bins, own) = (from.read(h), bins.read_write(h), h.local::<u32, 1>(16));
                h.parallel_for(
                    NdRange::new(1024, 64),
                    kernel!(move |it: NdItem<1>| {
                        let [k] = it.local_id();
                        if k < 16 {
                            own.atomic(k).store(0);
                        }
                        it.barrier();
                        own.atomic(from[it.global_id()[0]] as usize).fetch_add(1);
                        it.barrier();
                        if k < 16 {
                            bins.atomic([k]).fetch_add(own.atomic(k).load());
                        }
                    }),
                )
            })
            .unwrap();
        let mut expected = [0u32; 16];
        values.iter().for_each(|value| expected[*value as usize] += 1);
        assert_eq!(*bins.host_read().unwrap(), expected);
    });
}

#[test]
fn an_atomic_out_of_range_is_an_error() {
    on_each_device(|queue| {
        let (cells, seen) = (Buffer::from(vec![5u32; 4]), Buffer::from(vec![1u32; 4]));
        let event = queue
            .submit(|h| {
                let (cells, seen) = (cells.read_write(h), seen.write(h));
                h.single_task(kernel!(move || {
                    seen[0] = cells.atomic(4).fetch_add(3);
                }))
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("index 4 out of range 4 in `cells`"), "{text}");
    });
}

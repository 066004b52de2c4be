//! What a device cannot bear is an error when it is submitted, with the numbers.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[test]
fn private_arrays_beyond_the_limit_are_refused_with_the_numbers() {
    on_each_device(|queue| {
        let limit = queue.device().limits().private_memory_bytes;
        let a = Buffer::from(vec![1u32; 512]);
        let submitted = queue.submit(|h| {
            let a = a.read_write(h);
            h.parallel_for(
                NdRange::new(512, 512),
                kernel!(move |it: NdItem<1>| {
                    let [at] = it.global_id();
                    let mut table = [0u32; 20000];
                    table[at * 3] = a[at];
                    it.barrier();
                    a[at] = table[at * 3] + table[at];
                }),
            )
        });
        if limit == usize::MAX {
            submitted.unwrap().wait().unwrap();
            return;
        }
        let error = submitted.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        let text = error.to_string();
        let group = if queue.device().is_host() { "" } else { ", 40960000 for a work-group of 512" };
        let expected = format!(
            "kernel `kernel` uses 80000 bytes of private memory for each work-item{group}, but `{}` has {limit}; ",
            queue.device()
        );
        assert!(text.starts_with(&expected), "{text}");
    });
}

#[test]
fn work_groups_that_falx_chooses_shrink_for_private_arrays() {
    on_each_device(|queue| {
        let a = Buffer::from((0..2000u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let a = a.read_write(h);
                h.parallel_for(
                    2000,
                    kernel!(move |i: usize| {
                        let mut table = [0u32; 8000];
                        for k in 0..8000usize {
                            table[k] = a[i] + k as u32;
                        }
                        a[i] = table[i] + table[7999];
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..2000).map(|i| 2 * i + i + 7999).collect();
        assert_eq!(*a.host_read().unwrap(), expected[..]);
    });
}

#[test]
fn more_arguments_than_a_device_takes_are_refused_with_the_numbers() {
    on_each_device(|queue| {
        let limit = queue.device().limits().max_parameter_bytes;
        let a = Buffer::from(vec![1u64; 4]);
        let large = [7u64; 1500];
        let submitted = queue.submit(|h| {
            let a = a.read_write(h);
            h.parallel_for(4, kernel!(move |i: usize| a[i] = large[i * 300]))
        });
        if limit >= 12_100 {
            submitted.unwrap().wait().unwrap();
            return;
        }
        let error = submitted.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KernelArgument);
        let text = error.to_string();
        for part in ["kernel `kernel` takes ", " bytes of arguments (", &format!(" allows {limit}; ")] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
    });
}

#[test]
fn local_memory_beyond_the_limit_is_refused_with_the_numbers() {
    on_each_device(|queue| {
        let limit = queue.device().limits().local_memory_bytes;
        let half = limit / 2 + 8;
        let error = queue
            .submit(|h| {
                let (one, two) = (h.local::<u8, 1>(half), h.local::<u8, 1>(half));
                h.parallel_for(
                    NdRange::new(4, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [own] = it.local_id();
                        one[own] = 1;
                        two[own] = one[own];
                    }),
                )
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        let expected = format!(
            "kernel `kernel` uses {} bytes of local memory, but a work-group of `{}` has {limit} bytes; use smaller arrays or work-groups",
            2 * half,
            queue.device()
        );
        assert_eq!(error.to_string(), expected);
    });
}

//! A new range never makes the driver compile again: whatever ranges, regions and captured values, a kernel is built once.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;
use std::time::Instant;

/// Adds to every element of an accessor, in three kernels of one to three dimensions; gives the number of driver calls.
fn launches(queue: &Queue, ranges: &[[usize; 3]]) -> u64 {
    let data = Buffer::from_vec(vec![0u32; 40 * 40 * 40], [40, 40, 40]).unwrap();
    // Brings the bytes to the device, so that the launches below copy nothing.
    queue.submit(|h| h.fill(&data.write(h).no_init(), 0)).unwrap().wait().unwrap();
    let before = falx::trace::totals();
    for (turn, range) in ranges.iter().enumerate() {
        let add = turn as u32 + 1;
        let [x, y, z] = *range;
        queue
            .submit(|h| {
                let data = data.read_write(h).region([40 - x, 40 - y, 40 - z], [x, y, z]);
                match turn % 3 {
                    0 => h.parallel_for(z, kernel!(move |k: usize| data[[0, 0, k]] += add)),
                    1 => h.parallel_for([y, z], kernel!(move |[j, k]: [usize; 2]| data[[0, j, k]] += add)),
                    _ => h.parallel_for([x, y, z], kernel!(move |at: Id<3>| data[at] += add)),
                }
            })
            .unwrap();
    }
    queue.wait().unwrap();
    let calls = falx::trace::totals().since(&before).driver_calls;
    let mut expected = vec![0u32; 40 * 40 * 40];
    for (turn, &[x, y, z]) in ranges.iter().enumerate() {
        let rows = [[1, 1, z], [1, y, z], [x, y, z]][turn % 3];
        for k in 0..rows.iter().product() {
            let at = [k / rows[2] / rows[1] + 40 - x, k / rows[2] % rows[1] + 40 - y, k % rows[2] + 40 - z];
            expected[(at[0] * 40 + at[1]) * 40 + at[2]] += turn as u32 + 1;
        }
    }
    assert!(*data.host_read().unwrap() == expected);
    calls
}

#[test]
fn a_hundred_ranges_cost_no_more_driver_calls_than_one_range_a_hundred_times() {
    on_each_device(|queue| {
        let n = 100;
        let same = vec![[5, 6, 7]; n];
        let different: Vec<_> = (0..n).map(|k| [k % 7 + 1, (k * 3) % 19 + 1, (k * 7) % 40 + 1]).collect();
        launches(queue, &same[..3]);
        let start = Instant::now();
        let calls = launches(queue, &same);
        let same_time = start.elapsed();
        // What is over is looked for now and then, which takes a few calls.
        let calls = (0..4).map(|_| launches(queue, &same)).fold(calls, u64::max);
        let start = Instant::now();
        let new = launches(queue, &different);
        let new_time = start.elapsed();
        eprintln!(
            "one range {n} times: {same_time:.1?}, {calls} driver calls; {n} ranges: {new_time:.1?}, {new} calls"
        );
        // Building one kernel takes four calls.
        assert!(new < calls + 4, "{new} driver calls for {n} ranges, but {calls} for one range {n} times");
    });
}

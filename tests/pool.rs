//! Memory that buffers gave up serves later ones: how much of it, what is kept, and that results do not depend on it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{for_each_device, works_in_place};
use falx::prelude::*;
use falx::{PoolPolicy, memory_use, pool_use, set_memory_budget, set_pool_policy};
use serial_test::serial;

// Pools are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn increment(queue: &Queue, numbers: &Buffer<u32>) {
    let n = numbers.size();
    let work = |h: &Handler| {
        let numbers = numbers.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| numbers[i] += 1))
    };
    queue.submit(work).unwrap();
}

/// Fills a buffer of so many elements without contents.
fn filled(queue: &Queue, n: usize, value: u32) -> Buffer<u32> {
    let numbers = Buffer::<u32>::new(n);
    queue.submit(|h| h.fill(&numbers.write(h), value)).unwrap();
    numbers
}

#[test]
#[serial]
fn a_steady_loop_finds_its_memory_and_leaves_nothing_behind() {
    for_each_device(|queue| {
        queue.wait().unwrap();
        let before = pool_use(queue.device());
        for round in 0..100 {
            let [small, large] = [1000, 1 << 20].map(|n| filled(queue, n, round));
            increment(queue, &small);
            assert_eq!(small.host_read().unwrap()[999], round + 1);
            assert_eq!(large.host_read().unwrap()[1 << 19], round);
        }
        let after = pool_use(queue.device());
        let (n_taken, n_reused) = (after.n_taken - before.n_taken, after.n_reused - before.n_reused);
        assert!(n_taken >= 200 && n_reused * 100 >= n_taken * 95, "{before:?} {after:?}");
        assert!(after.most_live_bytes >= 4000 + (4 << 20));
        assert_eq!(after.live_bytes, before.live_bytes);
    });
}

#[test]
#[serial]
fn a_loop_that_never_waits_needs_no_more_memory_on_a_device_than_one_turn_of_it() {
    for_each_device(|queue| {
        if works_in_place(queue.device()) {
            return;
        }
        queue.wait().unwrap();
        set_pool_policy(queue.device(), PoolPolicy::Release);
        set_pool_policy(queue.device(), PoolPolicy::Grow);
        let before = pool_use(queue.device()).reserved_bytes;
        let sum = filled(queue, 1 << 18, 0);
        for round in 0..200 {
            let [one, two] = [1, 2].map(|value| filled(queue, 1 << 18, value * round));
            increment(queue, &one);
            let add = |h: &Handler| {
                let (one, two, sum) = (one.read(h), two.read(h), sum.read_write(h));
                h.parallel_for(1 << 18, kernel!(move |i: usize| sum[i] += one[i] + two[i]))
            };
            queue.submit(add).unwrap();
        }
        let reserved = pool_use(queue.device()).reserved_bytes - before;
        let expected = 200 + 3 * 199 * 200 / 2;
        assert!(sum.host_read().unwrap().iter().all(|sum| *sum == expected));
        assert!(reserved <= 4 << 20, "{reserved} bytes for buffers of a MiB");
        set_pool_policy(queue.device(), PoolPolicy::default());
    });
}

#[test]
#[serial]
fn buffers_side_by_side_do_not_see_each_other() {
    for_each_device(|queue| {
        let numbers = |n: u32| [1, 7, 33, 1000, 4097, 70_000][n as usize % 6];
        let mut buffers: Vec<_> = (0..120).map(|n| filled(queue, numbers(n), n)).collect();
        // Every second one goes, and others take its place.
        for n in (0..120).step_by(2) {
            buffers[n] = filled(queue, numbers(n as u32 / 2), n as u32);
        }
        buffers.iter().for_each(|numbers| increment(queue, numbers));
        for (n, numbers) in buffers.iter().enumerate() {
            let found = numbers.host_read().unwrap();
            assert!(found.iter().all(|number| *number == n as u32 + 1), "buffer {n} of {}", found.len());
        }
    });
}

#[test]
#[serial]
fn the_policy_says_what_is_kept() {
    for_each_device(|queue| {
        let device = queue.device();
        let kept = |policy| {
            set_pool_policy(device, policy);
            let both = [300_000, 3].map(|n| filled(queue, n, 1));
            queue.wait().unwrap();
            drop(both);
            pool_use(device).kept_bytes
        };
        assert_eq!(kept(PoolPolicy::Release), 0);
        let all = kept(PoolPolicy::Grow);
        assert!(all >= 1_200_000, "{all}");
        let some = kept(PoolPolicy::Cap(1_100_000));
        assert!(some <= 1_100_000, "{some}");
        set_pool_policy(device, PoolPolicy::default());
    });
}

#[test]
#[serial]
fn the_environment_says_what_is_kept_at_first() {
    if common::is_child() {
        return;
    }
    let kept_as_told = "what_is_kept_at_first_is_as_the_environment_says";
    for memory in ["", "separate"] {
        common::succeeds(&common::child(
            Some(kept_as_told),
            &[("FALX_POOL", "release"), ("FALX_MEMORY", memory)],
        ));
    }
}

#[test]
#[serial]
fn what_is_kept_at_first_is_as_the_environment_says() {
    if std::env::var_os("FALX_POOL").is_none_or(|policy| policy != "release") {
        return; // Started by the test above.
    }
    for_each_device(|queue| {
        drop(filled(queue, 1000, 1));
        queue.wait().unwrap();
        assert_eq!(pool_use(queue.device()).reserved_bytes, 0);
    });
}

#[test]
#[serial]
fn what_is_kept_makes_room_for_what_a_budget_allows() {
    for_each_device(|queue| {
        let device = queue.device();
        if works_in_place(device) {
            return;
        }
        queue.wait().unwrap();
        let (before, usual) = (memory_use(device).held_bytes, memory_use(device).budget_bytes);
        set_pool_policy(device, PoolPolicy::Release);
        set_pool_policy(device, PoolPolicy::Grow);
        let budget_bytes = pool_use(device).reserved_bytes.max(before) + (4 << 20);
        set_memory_budget(device, Some(budget_bytes));
        for n in [1 << 20, 3 << 18, 1 << 19, 1 << 18, 1 << 10, 1 << 20] {
            let numbers = filled(queue, n, 1);
            queue.wait().unwrap();
            assert!(pool_use(device).reserved_bytes <= budget_bytes, "{n}: {:?}", pool_use(device));
            drop(numbers);
        }
        set_memory_budget(device, usual);
        set_pool_policy(device, PoolPolicy::default());
    });
}

#[test]
#[serial]
fn live_buffers_are_listed_with_what_they_have_in_each_memory() {
    for_each_device(|queue| {
        let zeros = Buffer::from(vec![0u32; 1000]).named("zeros");
        let part = zeros.sub_buffer(0, 10).unwrap();
        increment(queue, &zeros);
        queue.wait().unwrap();
        let found: Vec<_> = falx::live_buffers().into_iter().filter(|live| live.name == "zeros").collect();
        let [live] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((live.size_bytes, live.n_handles), (4000, 2));
        let n_memories = if works_in_place(queue.device()) { 1 } else { 2 };
        assert_eq!(live.memories.len(), n_memories);
        assert!(live.memories.iter().all(|(_, bytes)| *bytes == 4000), "{live:?}");
        assert!(
            live.to_string().starts_with("buffer `zeros` of 4000 bytes (2 handles): 4000 bytes in"),
            "{live}"
        );
        drop((zeros, part));
        assert!(falx::live_buffers().iter().all(|live| live.name != "zeros"));
    });
}

#[test]
#[serial]
fn what_a_process_leaves_is_printed_at_its_end() {
    const NAME: &str = "what_a_process_leaves_is_printed_at_its_end";
    if common::is_child() {
        let forgotten = Buffer::from(vec![0u32; 1000]).named("forgotten");
        common::devices().iter().for_each(|device| increment(&Queue::on(device).unwrap(), &forgotten));
        forgotten.host_read().unwrap();
        std::mem::forget(forgotten);
        return drop(Buffer::from(vec![0u32; 1000]).named("dropped"));
    }
    let printed = |settings: &[(&str, &str)]| {
        let output = common::child(Some(NAME), settings);
        common::succeeds(&output);
        String::from_utf8(output.stderr).unwrap()
    };
    let text = printed(&[("FALX_LEAKS", "1"), ("FALX_MEMORY", "separate")]);
    assert!(
        text.contains(
            "falx: 1 buffer is left\nfalx: buffer `forgotten` of 4000 bytes (1 handle): 4000 bytes"
        ),
        "{text}"
    );
    assert!(!text.contains("dropped"), "{text}");
    let text = printed(&[]);
    assert!(!text.contains("falx:"), "{text}");
}

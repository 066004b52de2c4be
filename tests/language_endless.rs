//! Loops that only panics leave end on every device, also where the work-items of a group wait for each other in them.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// A kernel over 32 work-items in groups of 16 that ends with an error.
macro_rules! ends {
    ($({$test:ident $out:ident $it:ident $own:ident $limit:ident $body:block gives $message:literal})*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                let ($out, $limit) = (Buffer::from(vec![0u32; 32]), 3usize);
                let event = queue.submit(|h| {
                    let $out = $out.read_write(h);
                    h.parallel_for(NdRange::new(32, 16), kernel!(move |$it: NdItem<1>| {
                        let [$own] = $it.local_id();
                        $body
                    }))
                });
                let error = event.unwrap().wait().unwrap_err().to_string();
                let is_first = error.contains(&format!("{}, work-item 0", $message));
                assert!(is_first || error.contains(&format!("{}, work-item 16", $message)), "{error}");
            });
        }
    )* };
}

ends! {
    {a_loop_with_a_barrier_ends_when_every_work_item_has_panicked out it own limit {
        let mut round = 0;
        loop {
            it.barrier();
            round += 1;
            if round > own + limit {
                panic!("in round {round}");
            }
            out[it.global_id()] += 1;
        }
    } gives "in round 4"}
    {a_loop_with_a_condition_that_always_holds_ends_so_too out it own limit {
        let mut round = 0;
        while limit > 0 {
            it.barrier();
            round += 2;
            assert!(round < own + limit, "{round}");
            if round == 2 {
                continue;
            }
            out[it.global_id()] = it.group().reduce_max(round as u32);
        }
    } gives "4"}
    {a_loop_inside_of_another_ends_both out it own limit {
        let mut round = 0;
        loop {
            for _ in 0..limit {
                it.barrier();
                round += 1;
            }
            it.barrier();
            assert!(round < own % 2 + 9, "{round}");
            out[it.global_id()] += 1;
        }
    } gives "9"}
    {a_loop_without_a_barrier_ends_in_a_kernel_that_has_one out it own limit {
        it.barrier();
        out[it.global_id()] = 1;
        let mut round = 0;
        loop {
            round += 1;
            if round % 2 == 0 {
                continue;
            }
            if round > own + limit {
                panic!("in round {round}");
            }
        }
    } gives "in round 5"}
    {a_loop_that_would_never_end_is_not_entered_once_all_have_panicked out it own limit {
        let step = limit - 3;
        assert!(step > 0, "{step}");
        it.barrier();
        let mut place = own;
        let mut rounds = 0;
        while rounds < 8 {
            rounds += step;
            place += 1;
        }
        out[it.global_id()] = place as u32;
    } gives "assertion `step > 0` failed: 0"}
}

#[test]
fn those_that_go_on_are_not_held_up_by_those_that_panicked() {
    on_each_device(|queue| {
        let last = Buffer::from(vec![0u32; 1]);
        let event = queue.submit(|h| {
            let last = last.read_write(h);
            h.parallel_for(
                NdRange::new(8, 8),
                kernel!(move |it: NdItem<1>| {
                    let [own] = it.local_id();
                    let mut round = 0;
                    loop {
                        round += 1;
                        assert!(round < 3 || own % 2 == 1, "{round}");
                        let sum = it.group().reduce_sum(1u32);
                        if round > 5 && sum > 0 {
                            break;
                        }
                    }
                    last[0] = round;
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("assertion `round < 3 || own % 2 == 1` failed: 3, work-item 0"), "{error}");
    });
}

//! Commands that use more than a memory may hold: what their parts are, what each brings, and who waits for whom.

use super::lab::*;
use crate::error::ErrorKind;
use crate::geometry::Block;
use crate::plan::{BufferId, Command, CommandKind, Divisible, Plan, Requirement, Requirements, TaskId};
use crate::platform::MemoryUse;
use expect_test::expect;
use std::ops::Range;

/// A command of so many units, each of which uses something.
struct Sliced<U> {
    n_units: usize,
    grain: usize,
    uses: U,
}

impl<U: Fn(Range<usize>) -> Vec<Requirement>> Sliced<U> {
    fn command(&self) -> Command {
        command(CommandKind::Launch, "k", M1, &(self.uses)(0..self.n_units))
    }
}

impl<U: Fn(Range<usize>) -> Vec<Requirement>> Divisible for Sliced<U> {
    fn n_units(&self) -> Result<usize, &'static str> {
        Ok(self.n_units)
    }

    fn grain(&self) -> usize {
        self.grain
    }

    fn requirements(&self, units: &Range<usize>) -> Requirements {
        (self.uses)(units.clone()).into()
    }
}

/// A lab whose first device may hold so many elements.
fn lab_for(n_elements: usize) -> Lab {
    let mut lab = Lab::new();
    lab.planner.set_budget(M1, Some(n_elements * 4));
    lab
}

fn submit(lab: &mut Lab, whole: Sliced<impl Fn(Range<usize>) -> Vec<Requirement>>) -> (Plan, Vec<usize>) {
    let command = whole.command();
    let (plan, parts) = lab.planner.plan_divisible(&command, &whole).expect("it is valid");
    lab.bytes_moved += copied_elements(&plan) * 4;
    lab.records.push(lab.planner.describe(&command, &plan));
    assert!(lab.planner.held(M1).most_bytes <= lab.planner.held(M1).budget_bytes.unwrap_or(usize::MAX));
    (plan, parts.iter().map(|part| part.units.len()).collect())
}

fn refusal(lab: &mut Lab, whole: Sliced<impl Fn(Range<usize>) -> Vec<Requirement>>) -> String {
    let before = format!("{:?}", lab.planner);
    let error = lab.planner.plan_divisible(&whole.command(), &whole).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
    assert_eq!(format!("{:?}", lab.planner), before, "it has left traces");
    error.to_string()
}

fn filled<const N: usize>(lab: &mut Lab) -> [BufferId; N] {
    std::array::from_fn(|n| lab.filled(["a", "b", "c", "d"][n], [1, 1, 64]))
}

/// 8 elements of each unit.
fn eights(units: Range<usize>) -> Block {
    line(8 * units.start, 8 * units.end)
}

#[test]
fn what_fits_has_no_parts() {
    let mut lab = lab_for(64);
    let [a] = filled(&mut lab);
    let (plan, parts) =
        submit(&mut lab, Sliced { n_units: 8, grain: 1, uses: |units| vec![update(a, eights(units))] });
    assert_eq!((plan.steps.len(), parts), (2, vec![]));
}

#[test]
fn parts_are_as_large_as_there_may_be_and_every_byte_comes_and_goes_once() {
    let mut lab = lab_for(28);
    let [a] = filled(&mut lab);
    let (_, parts) =
        submit(&mut lab, Sliced { n_units: 8, grain: 1, uses: |units| vec![update(a, eights(units))] });
    assert_eq!(parts, [3, 3, 2]);
    expect![[r#"
        t13: reserve a[0..24] in m1; copy a[0..24] host->m1 after s1; run k on d1 after s1 s2; copy a[0..24] m1->host after s3; release a[0..24] in m1 after s2 s3 s4; reserve a[24..48] in m1 after s5; copy a[24..48] host->m1 after s5 s6; run k on d1 after s3 s5 s6 s7; copy a[24..48] m1->host after s8; release a[24..48] in m1 after s7 s8 s9; reserve a[48..64] in m1 after s5 s10; copy a[48..64] host->m1 after s5 s10 s11; run k on d1 after s5 s8 s10 s11 s12
        448 bytes moved
    "#]].assert_eq(&lab.story());
    let held = MemoryUse { held_bytes: 64, most_bytes: 96, budget_bytes: Some(112) };
    assert_eq!(lab.planner.held(M1), held);
}

#[test]
fn parts_are_multiples_of_what_costs_least_where_that_fits() {
    for (n_elements, expected) in [(24, [2, 2, 2, 2]), (8, [1; 4])] {
        let mut lab = lab_for(n_elements);
        let [a] = filled(&mut lab);
        let uses = |units| vec![update(a, eights(units))];
        let (_, parts) = submit(&mut lab, Sliced { n_units: 8, grain: 2, uses });
        assert_eq!(parts[..4], expected);
    }
}

#[test]
fn what_is_overwritten_is_neither_brought_nor_saved_and_the_rest_of_it_counts_as_written() {
    let mut lab = lab_for(40);
    let [a, b] = filled(&mut lab);
    lab.kernel("make", M1, &[update(b, line(0, 40))]);
    let uses = |units: Range<usize>| {
        let written = if units == (0..6) { line(0, 64) } else { eights(units.clone()) };
        vec![read(a, eights(units)), discard(b, written)]
    };
    let (_, parts) = submit(&mut lab, Sliced { n_units: 6, grain: 1, uses });
    assert_eq!(parts, [2, 2, 2]);
    expect![[r#"
        t3: reserve b[0..40] in m1; copy b[0..40] host->m1 after s1; run make on d1 after s1 s2
        t22: release b[0..40] in m1 after s2 s3; reserve a[0..16] in m1 after s4; reserve b[0..16] in m1 after s4 s5; copy a[0..16] host->m1 after s4 s5 s6; run k on d1 after s3 s4 s5 s6 s7; release a[0..16] in m1 after s7 s8; copy b[0..16] m1->host after s8; release b[0..16] in m1 after s8 s10; reserve a[16..32] in m1 after s4 s9 s11; reserve b[16..32] in m1 after s4 s9 s11 s12; copy a[16..32] host->m1 after s4 s9 s11 s12 s13; run k on d1 after s3 s4 s8 s9 s11 s12 s13 s14; release a[16..32] in m1 after s14 s15; copy b[16..32] m1->host after s15; release b[16..32] in m1 after s15 s17; reserve a[32..48] in m1 after s4 s9 s11 s16 s18; reserve b[32..48] in m1 after s4 s9 s11 s16 s18 s19; copy a[32..48] host->m1 after s4 s9 s11 s16 s18 s19 s20; run k on d1 after s3 s4 s9 s11 s15 s16 s18 s19 s20 s21
        480 bytes moved
    "#]].assert_eq(&lab.story());
    let current = |memory, block| lab.planner.current_in(b, Some(memory), &block);
    assert_eq!((current(HOST, line(0, 64)), current(M1, line(32, 48))), (48, 16));
}

#[test]
fn what_two_parts_read_comes_for_both_and_what_all_read_comes_once() {
    let mut lab = lab_for(40);
    let [a, b] = filled(&mut lab);
    let uses = |units: Range<usize>| {
        let around = line((8 * units.start).saturating_sub(1), (8 * units.end + 1).min(32));
        vec![read(a, around), read(b, line(0, 4)), discard(b, line(8 * units.start + 8, 8 * units.end + 8))]
    };
    let (plan, parts) = submit(&mut lab, Sliced { n_units: 4, grain: 1, uses });
    assert_eq!(parts, [2, 2]);
    assert_eq!(copied_elements(&plan), 4 + (32 + 2) + 16);
}

#[test]
fn all_parts_are_one_task_to_those_before_and_after() {
    let mut lab = lab_for(16);
    let [a, b] = filled(&mut lab);
    let early = [line(0, 8), line(56, 64)].map(|block| lab.host_access("change", update(a, block)));
    let look = lab.host_access("look", read(b, line(60, 64)));
    let uses = |units: Range<usize>| vec![read(a, eights(units.clone())), update(b, eights(units))];
    let (plan, parts) = submit(&mut lab, Sliced { n_units: 8, grain: 1, uses });
    assert_eq!(parts, [1; 8]);
    assert_eq!(plan.dependencies[..], [early[0], early[1], look]);
    assert!(plan.steps.iter().all(|step| step.task == plan.task && plan.task == TaskId(plan.run.0)));
    for (name, next) in [("read", read(b, line(0, 4))), ("write", update(a, line(0, 4)))] {
        let next = lab.host_access(name, next);
        assert_eq!(lab.dependencies(next), [plan.task]);
    }
}

#[test]
fn parts_that_use_what_others_write_are_refused() {
    let mut lab = lab_for(16);
    let [a] = filled(&mut lab);
    let around = |units: Range<usize>| {
        vec![read(a, line(8 * units.start, (8 * units.end + 1).min(64))), write(a, eights(units))]
    };
    expect!["kernel `k` uses 256 bytes of buffers together, but the memory of its device may hold 64, and is not run in parts: one part may write elements of `a` that another uses; have it use smaller parts (`sub_buffer`), one after the other, or raise the limit with `set_memory_budget`"].assert_eq(&refusal(&mut lab, Sliced { n_units: 8, grain: 1, uses: around }));
    let total = |units: Range<usize>| {
        vec![read(a, line(8 * units.start + 8, 8 * units.end + 8)), update(a, line(0, 1))]
    };
    expect!["kernel `k` uses 228 bytes of buffers together, but the memory of its device may hold 64, and is not run in parts: one part may write elements of `a` that another uses; have it use smaller parts (`sub_buffer`), one after the other, or raise the limit with `set_memory_budget`"].assert_eq(&refusal(&mut lab, Sliced { n_units: 7, grain: 1, uses: total }));
}

#[test]
fn parts_that_do_not_fit_are_refused_with_the_smallest() {
    let mut lab = lab_for(16);
    let [a, b] = filled(&mut lab);
    let anywhere = |units: Range<usize>| vec![read(b, eights(units)), update(a, line(0, 64))];
    expect!["kernel `k` uses 512 bytes of buffers together, but the memory of its device may hold 64, and is not run in parts: its smallest part uses 288 bytes, most of them of `a`; have it use smaller parts (`sub_buffer`), one after the other, or raise the limit with `set_memory_budget`"].assert_eq(&refusal(&mut lab, Sliced { n_units: 8, grain: 1, uses: anywhere }));
}

#[test]
fn a_part_that_uses_more_than_the_whole_is_refused() {
    let mut lab = lab_for(16);
    let [a] = filled(&mut lab);
    let uses = |units: Range<usize>| match units.len() {
        8 => vec![update(a, line(1, 64))],
        _ => vec![update(a, eights(units))],
    };
    expect!["kernel `k` uses 252 bytes of buffers together, but the memory of its device may hold 64, and is not run in parts: what a part uses may be more than what all of it uses; have it use smaller parts (`sub_buffer`), one after the other, or raise the limit with `set_memory_budget`"].assert_eq(&refusal(&mut lab, Sliced { n_units: 8, grain: 1, uses }));
}

#[test]
fn a_whole_that_reads_what_nothing_has_written_is_refused_for_that() {
    let mut lab = lab_for(16);
    let a = lab.blank("a", [1, 1, 64]);
    lab.kernel("make", M1, &[discard(a, line(0, 16))]);
    let whole = Sliced { n_units: 8, grain: 1, uses: |units| vec![update(a, eights(units))] };
    let error = lab.planner.plan_divisible(&whole.command(), &whole).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Uninitialized);
}

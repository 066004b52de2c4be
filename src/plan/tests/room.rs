//! Device memories that hold less than is wanted: who leaves, what is saved before, and who waits for that.

use super::lab::*;
use crate::error::ErrorKind;
use crate::plan::{BufferId, CommandKind, StepId};
use crate::platform::MemoryUse;
use expect_test::expect;

/// A lab whose first device may hold so many buffers of 64 elements.
fn lab_for(n_buffers: usize) -> Lab {
    let mut lab = Lab::new();
    lab.planner.set_budget(M1, Some(n_buffers * 256));
    lab
}

fn filled<const N: usize>(lab: &mut Lab) -> [BufferId; N] {
    std::array::from_fn(|n| lab.filled(["a", "b", "c", "d"][n], [1, 1, 64]))
}

#[test]
fn the_buffer_unused_for_longest_leaves_and_comes_back() {
    let mut lab = lab_for(2);
    let [a, b, c] = filled(&mut lab);
    for buffer in [a, b, a, c, b] {
        lab.kernel("step", M1, &[update(buffer, line(0, 64))]);
    }
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t4: copy b[0..64] host->m1; run step on d1 after s3
        t5: run step on d1 after s2
        t9: copy b[0..64] m1->host after s4; release b[0..64] in m1 after s3 s4 s6; copy c[0..64] host->m1 after s7; run step on d1 after s4 s7 s8
        t13: copy a[0..64] m1->host after s5; release a[0..64] in m1 after s1 s2 s5 s10; copy b[0..64] host->m1 after s6 s7 s11; run step on d1 after s5 s7 s9 s11 s12
        1536 bytes moved
    "#]].assert_eq(&lab.story());
    let held = MemoryUse { held_bytes: 512, most_bytes: 512, budget_bytes: Some(512) };
    assert_eq!(lab.planner.held(M1), held);
}

#[test]
fn what_the_host_has_too_leaves_without_a_copy() {
    let mut lab = lab_for(1);
    let [a, b] = filled(&mut lab);
    lab.kernel("look", M1, &[read(a, line(0, 64))]);
    lab.kernel("look", M1, &[read(b, line(0, 64))]);
    expect![[r#"
        t2: copy a[0..64] host->m1; run look on d1 after s1
        t5: release a[0..64] in m1 after s1 s2; copy b[0..64] host->m1 after s3; run look on d1 after s3 s4
        512 bytes moved
    "#]]
    .assert_eq(&lab.story());
}

#[test]
fn only_what_is_nowhere_else_is_saved() {
    let mut lab = lab_for(1);
    let [a, b] = filled(&mut lab);
    lab.kernel("half", M1, &[update(a, line(0, 32))]);
    lab.kernel("elsewhere", M2, &[read(a, line(0, 8))]);
    lab.kernel("step", M1, &[update(b, line(0, 64))]);
    expect![[r#"
        t2: copy a[0..32] host->m1; run half on d1 after s1
        t5: copy a[0..8] m1->host after s2; copy a[0..8] host->m2 after s3; run elsewhere on d2 after s2 s4
        t9: copy a[8..32] m1->host after s2; release a[0..64] in m1 after s1 s2 s3 s6; copy b[0..64] host->m1 after s7; run step on d1 after s2 s7 s8
        544 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_buffer_without_contents_leaves_without_a_copy() {
    let mut lab = lab_for(1);
    let [a, b] = ["a", "b"].map(|name| lab.blank(name, [1, 1, 64]));
    lab.kernel("make", M1, &[discard(a, line(0, 16))]);
    lab.kernel("make", M1, &[discard(b, line(0, 64))]);
    lab.kernel("again", M1, &[discard(a, line(0, 64))]);
    expect![[r#"
        t1: run make on d1
        t4: copy a[0..16] m1->host after s1; release a[0..64] in m1 after s1 s2; run make on d1 after s1 s3
        t7: copy b[0..64] m1->host after s4; release b[0..64] in m1 after s4 s5; run again on d1 after s3 s4 s6
        320 bytes moved
    "#]]
    .assert_eq(&lab.story());
}

#[test]
fn a_writer_on_the_host_waits_until_its_bytes_were_saved() {
    let mut lab = lab_for(1);
    let [a, b] = filled(&mut lab);
    lab.kernel("step", M1, &[update(a, line(0, 64))]);
    lab.kernel("step", M1, &[update(b, line(0, 64))]);
    lab.host_access("look", read(a, line(0, 64)));
    lab.host_access("change", update(a, line(0, 64)));
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t6: copy a[0..64] m1->host after s2; release a[0..64] in m1 after s1 s2 s3; copy b[0..64] host->m1 after s4; run step on d1 after s2 s4 s5
        t7: run look on host after s2 s3
        t8: run change on host after s3 s6 s7
        768 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_copy_from_a_memory_is_a_use_of_it() {
    let mut lab = lab_for(1);
    let [a, b] = filled(&mut lab);
    lab.kernel("step", M1, &[update(a, line(0, 64))]);
    lab.kernel("other", M2, &[read(a, line(0, 64))]);
    lab.kernel("step", M1, &[update(b, line(0, 64))]);
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t5: copy a[0..64] m1->host after s2; copy a[0..64] host->m2 after s3; run other on d2 after s2 s4
        t8: release a[0..64] in m1 after s1 s2 s3; copy b[0..64] host->m1 after s6; run step on d1 after s6 s7
        1024 bytes moved
    "#]]
    .assert_eq(&lab.story());
}

#[test]
fn a_buffer_that_is_gone_leaves_its_room() {
    let mut lab = lab_for(1);
    let [a, b] = filled(&mut lab);
    lab.kernel("step", M1, &[update(a, line(0, 64))]);
    lab.planner.forget(a);
    assert_eq!(lab.planner.held(M1).held_bytes, 0);
    lab.kernel("step", M1, &[update(b, line(0, 64))]);
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t4: copy b[0..64] host->m1; run step on d1 after s3
        512 bytes moved
    "#]]
    .assert_eq(&lab.story());
}

#[test]
fn a_command_that_needs_more_at_once_is_refused_and_nobody_leaves() {
    let mut lab = lab_for(2);
    let [a, b, c, d] = filled(&mut lab);
    lab.kernel("step", M1, &[update(a, line(0, 64))]);
    let requirements =
        [read(b, line(0, 64)), read(c, line(0, 1)), read(b, line(5, 6)), discard(d, line(0, 64))];
    let error = lab.planner.plan(&command(CommandKind::Launch, "wide", M1, &requirements)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
    let text = "kernel `wide` uses 516 bytes of buffers together, but the memory of its device may hold 512";
    assert!(error.to_string().contains(text), "{error}");
    assert_eq!(lab.planner.held(M1).held_bytes, 256);
    lab.host_access("change", update(a, line(0, 64)));
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t4: copy a[0..64] m1->host after s2; run change on host after s2 s3
        512 bytes moved
    "#]]
    .assert_eq(&lab.story());
}

#[test]
fn room_that_a_release_will_make_is_not_given_away_before() {
    let mut lab = Lab::new();
    lab.planner.set_budget(M1, Some(40));
    let sizes = [("a", 6), ("b", 4), ("c", 2), ("d", 4), ("e", 4)];
    let [a, b, c, d, e] = sizes.map(|(name, n)| lab.filled(name, [1, 1, n]));
    for (buffer, n) in [(a, 6), (b, 4), (c, 2), (d, 4)] {
        lab.kernel("step", M1, &[update(buffer, line(0, n))]);
    }
    // All of this fits beside what is released for `c`, but only once it is.
    lab.planner.settle(StepId(100));
    lab.planner.forget(d);
    lab.kernel("step", M1, &[update(e, line(0, 4))]);
    expect![[r#"
        t2: copy a[0..6] host->m1; run step on d1 after s1
        t4: copy b[0..4] host->m1; run step on d1 after s3
        t8: copy a[0..6] m1->host after s2; release a[0..6] in m1 after s1 s2 s5; copy c[0..2] host->m1 after s6; run step on d1 after s2 s6 s7
        t10: copy d[0..4] host->m1 after s6; run step on d1 after s6 s9
        t12: copy e[0..4] host->m1; run step on d1 after s11
        104 bytes moved
    "#]].assert_eq(&lab.story());
}

/// A buffer of eight rows of eight elements, 256 bytes, in a memory for so many rows.
fn lab_for_rows(n_rows: usize) -> (Lab, BufferId) {
    let mut lab = Lab::new();
    lab.planner.set_budget(M1, Some(n_rows * 32));
    let a = lab.filled("a", [1, 8, 8]);
    (lab, a)
}

#[test]
fn a_buffer_larger_than_the_memory_comes_and_goes_by_the_parts_that_are_used() {
    let (mut lab, a) = lab_for_rows(4);
    for rows in [0..2, 2..4, 4..6, 6..8, 2..4] {
        lab.kernel("step", M1, &[update(a, area(rows, 0..8))]);
    }
    expect![[r#"
        t3: reserve a[0..2, 0..8] in m1; copy a[0..2, 0..8] host->m1 after s1; run step on d1 after s1 s2
        t6: reserve a[2..4, 0..8] in m1; copy a[2..4, 0..8] host->m1 after s4; run step on d1 after s4 s5
        t11: copy a[0..2, 0..8] m1->host after s3; release a[0..2, 0..8] in m1 after s2 s3 s7; reserve a[4..6, 0..8] in m1 after s8; copy a[4..6, 0..8] host->m1 after s8 s9; run step on d1 after s3 s8 s9 s10
        t16: copy a[2..4, 0..8] m1->host after s6; release a[2..4, 0..8] in m1 after s5 s6 s12; reserve a[6..8, 0..8] in m1 after s8 s13; copy a[6..8, 0..8] host->m1 after s8 s13 s14; run step on d1 after s6 s8 s13 s14 s15
        t21: copy a[4..6, 0..8] m1->host after s11; release a[4..6, 0..8] in m1 after s10 s11 s17; reserve a[2..4, 0..8] in m1 after s8 s13 s18; copy a[2..4, 0..8] host->m1 after s8 s12 s13 s18 s19; run step on d1 after s8 s11 s13 s16 s18 s19 s20
        512 bytes moved
    "#]].assert_eq(&lab.story());
    assert_eq!(lab.planner.held(M1).most_bytes, 128);
}

#[test]
fn what_is_used_of_rows_is_brought_and_what_lies_between_has_room() {
    let (mut lab, a) = lab_for_rows(4);
    lab.kernel("step", M1, &[update(a, area(1..3, 2..4))]);
    lab.kernel("look", M1, &[read(a, area(2..3, 0..8))]);
    expect![[r#"
        t3: reserve a[1..3, 0..8] in m1; copy a[1..3, 2..4] host->m1 after s1; run step on d1 after s1 s2
        t6: copy a[2..3, 0..2] host->m1 after s1; copy a[2..3, 4..8] host->m1 after s1; run look on d1 after s1 s3 s4 s5
        40 bytes moved
    "#]].assert_eq(&lab.story());
    assert_eq!(lab.planner.held(M1).held_bytes, 64);
}

#[test]
fn parts_that_overlap_become_one_where_there_is_room_for_it() {
    let (mut lab, a) = lab_for_rows(7);
    lab.kernel("step", M1, &[update(a, area(0..3, 0..8))]);
    lab.kernel("step", M1, &[update(a, area(2..5, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(0..5, 0..8))]);
    expect![[r#"
        t3: reserve a[0..3, 0..8] in m1; copy a[0..3, 0..8] host->m1 after s1; run step on d1 after s1 s2
        t8: copy a[0..3, 0..8] m1->host after s3; release a[0..3, 0..8] in m1 after s2 s3 s4; reserve a[0..5, 0..8] in m1 after s5; copy a[2..5, 0..8] host->m1 after s4 s5 s6; run step on d1 after s3 s5 s6 s7
        t10: copy a[0..2, 0..8] host->m1 after s4 s5 s6; run look on d1 after s3 s5 s6 s8 s9
        352 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_part_that_overlaps_what_is_needed_gives_way_to_it_where_there_is_no_room_for_both() {
    let (mut lab, a) = lab_for_rows(4);
    lab.kernel("step", M1, &[update(a, area(0..3, 0..8))]);
    lab.kernel("step", M1, &[update(a, area(2..5, 0..8))]);
    lab.host_access("look", read(a, area(0..8, 0..8)));
    expect![[r#"
        t3: reserve a[0..3, 0..8] in m1; copy a[0..3, 0..8] host->m1 after s1; run step on d1 after s1 s2
        t8: copy a[0..3, 0..8] m1->host after s3; release a[0..3, 0..8] in m1 after s2 s3 s4; reserve a[2..5, 0..8] in m1 after s5; copy a[2..5, 0..8] host->m1 after s4 s5 s6; run step on d1 after s3 s5 s6 s7
        t10: copy a[2..5, 0..8] m1->host after s8; run look on host after s3 s4 s8 s9
        384 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_whole_buffer_gives_way_to_its_own_part_where_another_is_needed_beside_it() {
    let (mut lab, a) = lab_for_rows(8);
    let b = lab.filled("b", [1, 8, 8]);
    lab.kernel("step", M1, &[update(a, area(0..1, 0..8))]);
    lab.kernel("step", M1, &[update(a, area(0..2, 0..8)), read(b, area(0..6, 0..8))]);
    expect![[r#"
        t2: copy a[0..8] host->m1; run step on d1 after s1
        t9: copy a[0..8] m1->host after s2; release a[0..8, 0..8] in m1 after s1 s2 s3; reserve a[0..2, 0..8] in m1 after s4; reserve b[0..6, 0..8] in m1 after s4 s5; copy a[0..2, 0..8] host->m1 after s3 s4 s5 s6; copy b[0..6, 0..8] host->m1 after s4 s5 s6; run step on d1 after s2 s4 s5 s6 s7 s8
        320 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn bytes_of_several_parts_are_copied_and_zeroed_part_by_part() {
    let mut lab = Lab::new();
    lab.planner.set_budget(M1, Some(4 * 32));
    let a = lab.blank("a", [1, 8, 8]);
    let both = [write(a, area(1..2, 0..8)), write(a, area(2..3, 0..8))];
    lab.kernel("half", M1, &both);
    lab.kernel("other", M2, &[read(a, area(1..3, 0..8))]);
    lab.kernel("step", M1, &[update(a, area(1..3, 0..8))]);
    expect![[r#"
        t5: reserve a[1..2, 0..8] in m1; reserve a[2..3, 0..8] in m1 after s1; zero a[1..2, 0..8] in m1 after s1 s2; zero a[2..3, 0..8] in m1 after s1 s2; run half on d1 after s1 s2 s3 s4
        t9: copy a[1..2, 0..8] m1->host after s5; copy a[2..3, 0..8] m1->host after s5; copy a[1..3, 0..8] host->m2 after s6 s7; run other on d2 after s5 s8
        t14: release a[1..2, 0..8] in m1 after s3 s5 s6; release a[2..3, 0..8] in m1 after s4 s5 s7; reserve a[1..3, 0..8] in m1 after s10 s11; copy a[1..3, 0..8] host->m1 after s6 s7 s10 s11 s12; run step on d1 after s9 s10 s11 s12 s13
        192 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_part_waits_until_what_overlapped_it_has_left() {
    let (mut lab, a) = lab_for_rows(4);
    lab.kernel("look", M1, &[read(a, area(0..4, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(4..6, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(1..3, 0..8))]);
    expect![[r#"
        t3: reserve a[0..4, 0..8] in m1; copy a[0..4, 0..8] host->m1 after s1; run look on d1 after s1 s2
        t7: release a[0..4, 0..8] in m1 after s2 s3; reserve a[4..6, 0..8] in m1 after s4; copy a[4..6, 0..8] host->m1 after s4 s5; run look on d1 after s4 s5 s6
        t10: reserve a[1..3, 0..8] in m1 after s4; copy a[1..3, 0..8] host->m1 after s4 s8; run look on d1 after s4 s8 s9
        256 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_buffer_that_is_gone_leaves_the_room_of_all_its_parts() {
    let (mut lab, a) = lab_for_rows(4);
    lab.kernel("look", M1, &[read(a, area(0..1, 0..8)), read(a, area(3..4, 0..8))]);
    assert_eq!(lab.planner.held(M1).held_bytes, 64);
    lab.planner.forget(a);
    assert_eq!(lab.planner.held(M1).held_bytes, 0);
}

#[test]
fn a_buffer_larger_than_the_device_gives_at_once_comes_by_the_parts_that_are_used() {
    let (mut lab, a) = lab_for_rows(100);
    lab.planner.set_largest_allocation(M1, 7 * 32);
    lab.kernel("look", M1, &[read(a, area(0..5, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(4..8, 0..8))]);
    // The driver may give more than it says.
    lab.kernel("look", M1, &[read(a, area(0..8, 0..8))]);
    expect![[r#"
        t3: reserve a[0..5, 0..8] in m1; copy a[0..5, 0..8] host->m1 after s1; run look on d1 after s1 s2
        t7: release a[0..5, 0..8] in m1 after s2 s3; reserve a[4..8, 0..8] in m1 after s4; copy a[4..8, 0..8] host->m1 after s4 s5; run look on d1 after s4 s5 s6
        t10: release a[4..8, 0..8] in m1 after s6 s7; copy a[0..8, 0..8] host->m1 after s4 s8; run look on d1 after s4 s8 s9
        544 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn a_part_waits_for_the_release_of_what_it_overlaps_however_much_room_there_is() {
    let (mut lab, a) = lab_for_rows(6);
    let [b, c] = [("b", 5), ("c", 1)].map(|(name, n)| lab.filled(name, [1, n, 8]));
    lab.kernel("look", M1, &[read(a, area(0..1, 0..8))]);
    lab.kernel("look", M1, &[read(b, area(0..5, 0..8))]);
    lab.kernel("look", M1, &[read(c, area(0..1, 0..8))]);
    lab.planner.forget(b);
    lab.kernel("look", M1, &[read(a, area(0..2, 0..8))]);
    expect![[r#"
        t3: reserve a[0..8] in m1; copy a[0..8] host->m1 after s1; run look on d1 after s1 s2
        t5: copy b[0..5, 0..8] host->m1; run look on d1 after s4
        t8: release a[0..8] in m1 after s2 s3; copy c[0..8] host->m1 after s6; run look on d1 after s6 s7
        t11: reserve a[0..2, 0..8] in m1 after s6; copy a[0..2, 0..8] host->m1 after s6 s9; run look on d1 after s6 s9 s10
        288 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn who_makes_room_for_itself_leaves_others_in_peace() {
    let (mut lab, a) = lab_for_rows(7);
    let b = lab.filled("b", [1, 2, 8]);
    lab.kernel("look", M1, &[read(b, area(0..2, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(0..3, 0..8))]);
    lab.kernel("look", M1, &[read(a, area(2..5, 0..8))]);
    expect![[r#"
        t2: copy b[0..2, 0..8] host->m1; run look on d1 after s1
        t5: reserve a[0..3, 0..8] in m1; copy a[0..3, 0..8] host->m1 after s3; run look on d1 after s3 s4
        t9: release a[0..3, 0..8] in m1 after s4 s5; reserve a[0..5, 0..8] in m1 after s6; copy a[2..5, 0..8] host->m1 after s6 s7; run look on d1 after s6 s7 s8
        256 bytes moved
    "#]].assert_eq(&lab.story());
}

#[test]
fn imported_memory_is_neither_counted_nor_given_up() {
    let mut lab = lab_for(1);
    let imported = lab.imported("theirs", [1, 1, 128], M1);
    let [a, b] = filled(&mut lab);
    for buffer in [a, b] {
        lab.kernel("step", M1, &[update(imported, line(0, 128)), update(buffer, line(0, 64))]);
    }
    lab.kernel("look", M2, &[read(imported, line(0, 64))]);
    expect![[r#"
        t2: copy a[0..64] host->m1; run step on d1 after s1
        t6: copy a[0..64] m1->host after s2; release a[0..64] in m1 after s1 s2 s3; copy b[0..64] host->m1 after s4; run step on d1 after s2 s4 s5
        t9: copy theirs[0..64] m1->host after s6; copy theirs[0..64] host->m2 after s7; run look on d2 after s6 s8
        1280 bytes moved
    "#]].assert_eq(&lab.story());
    let held = MemoryUse { held_bytes: 256, most_bytes: 256, budget_bytes: Some(256) };
    assert_eq!(lab.planner.held(M1), held);
    assert_eq!(lab.planner.held(M2).held_bytes, 512);
}

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
        t9: copy b[0..64] m1->host after s4; release b in m1 after s4 s6; copy c[0..64] host->m1 after s7; run step on d1 after s4 s7 s8
        t13: copy a[0..64] m1->host after s5; release a in m1 after s2 s5 s10; copy b[0..64] host->m1 after s6 s7 s11; run step on d1 after s5 s7 s9 s11 s12
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
        t5: release a in m1 after s2; copy b[0..64] host->m1 after s3; run look on d1 after s3 s4
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
        t9: copy a[8..32] m1->host after s2; release a in m1 after s2 s3 s6; copy b[0..64] host->m1 after s7; run step on d1 after s2 s7 s8
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
        t4: copy a[0..16] m1->host after s1; release a in m1 after s1 s2; run make on d1 after s1 s3
        t7: copy b[0..64] m1->host after s4; release b in m1 after s4 s5; run again on d1 after s3 s4 s6
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
        t6: copy a[0..64] m1->host after s2; release a in m1 after s2 s3; copy b[0..64] host->m1 after s4; run step on d1 after s2 s4 s5
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
        t8: release a in m1 after s2 s3; copy b[0..64] host->m1 after s6; run step on d1 after s6 s7
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
        [read(b, line(0, 1)), read(c, line(0, 1)), read(b, line(5, 6)), discard(d, line(0, 1))];
    let error = lab.planner.plan(&command(CommandKind::Launch, "wide", M1, &requirements)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
    let text = "kernel `wide` uses buffers of 768 bytes together, but the memory of its device may hold 512";
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
        t8: copy a[0..6] m1->host after s2; release a in m1 after s2 s5; copy c[0..2] host->m1 after s6; run step on d1 after s2 s6 s7
        t10: copy d[0..4] host->m1 after s6; run step on d1 after s6 s9
        t12: copy e[0..4] host->m1; run step on d1 after s11
        104 bytes moved
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
        t6: copy a[0..64] m1->host after s2; release a in m1 after s2 s3; copy b[0..64] host->m1 after s4; run step on d1 after s2 s4 s5
        t9: copy theirs[0..64] m1->host after s6; copy theirs[0..64] host->m2 after s7; run look on d2 after s6 s8
        1280 bytes moved
    "#]].assert_eq(&lab.story());
    let held = MemoryUse { held_bytes: 256, most_bytes: 256, budget_bytes: Some(256) };
    assert_eq!(lab.planner.held(M1), held);
    assert_eq!(lab.planner.held(M2).held_bytes, 512);
}

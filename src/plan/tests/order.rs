//! Who waits for whom, who is refused, and what is remembered.

use super::lab::*;
use crate::error::ErrorKind;
use crate::geometry::Block;
use crate::plan::{BufferId, Command, CommandKind, Requirement, StepId, TaskId, dot};
use expect_test::expect;

#[test]
fn readers_wait_for_the_writer_and_the_next_writer_for_all_readers() {
    let mut lab = Lab::new();
    let a = lab.blank("a", [1, 1, 64]);
    let all = line(0, 64);
    let writer = lab.kernel("write", M1, &[discard(a, all)]);
    let readers = [(); 3].map(|()| lab.kernel("read", M1, &[read(a, all)]));
    let last = lab.kernel("write", M1, &[discard(a, all)]);
    for reader in readers {
        assert_eq!(lab.dependencies(reader), [writer]);
    }
    assert_eq!(lab.dependencies(last), readers);
}

#[test]
fn writers_of_overlapping_regions_run_in_the_order_of_submission() {
    let mut lab = Lab::new();
    let a = lab.blank("a", [1, 1, 20]);
    let low = lab.kernel("write", M1, &[discard(a, line(0, 10))]);
    let high = lab.kernel("write", M1, &[discard(a, line(10, 20))]);
    let middle = lab.kernel("write", M1, &[discard(a, line(5, 15))]);
    let whole = lab.kernel("write", M1, &[discard(a, line(0, 20))]);
    assert_eq!(lab.dependencies(high), []);
    assert_eq!(lab.dependencies(middle), [low, high]);
    assert_eq!(lab.dependencies(whole), [low, high, middle]);
}

#[test]
fn disjoint_ranged_accessors_run_concurrently() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 8, 8]);
    let quarters = [(0..4, 0..4), (0..4, 4..8), (4..8, 0..4), (4..8, 4..8)];
    for round in 0..3 {
        let tasks = quarters
            .clone()
            .map(|(rows, columns)| lab.kernel("scale", M1, &[update(a, area(rows, columns))]));
        for (position, task) in tasks.into_iter().enumerate() {
            let waits_for = lab.dependencies(task).len();
            assert_eq!(waits_for, usize::from(round > 0), "quarter {position} in round {round}");
        }
    }
}

#[test]
fn a_reader_of_two_results_waits_for_both_writers() {
    let mut lab = Lab::new();
    let [a, b] = ["a", "b"].map(|name| lab.blank(name, [1, 1, 8]));
    let first = lab.kernel("make_a", M1, &[discard(a, line(0, 8))]);
    let second = lab.kernel("make_b", M1, &[discard(b, line(0, 8))]);
    let reader = lab.kernel("blend", M1, &[read(a, line(0, 8)), read(b, line(0, 8))]);
    assert_eq!(lab.dependencies(second), []);
    assert_eq!(lab.dependencies(reader), [first, second]);
}

#[test]
fn the_y_pattern_orders_only_what_it_must() {
    let mut lab = Lab::new();
    let [a, b] = ["a", "b"].map(|name| lab.blank(name, [1, 1, 8]));
    let all = line(0, 8);
    let left = lab.kernel("left", M1, &[discard(a, all)]);
    let right = lab.kernel("right", M1, &[discard(b, all)]);
    let join = lab.kernel("join", M1, &[update(a, all), read(b, all)]);
    let tail = lab.kernel("tail", M1, &[update(a, all)]);
    assert_eq!([left, right].map(|task| lab.dependencies(task).len()), [0, 0]);
    assert_eq!(lab.dependencies(join), [left, right]);
    assert_eq!(lab.dependencies(tail), [join]);
}

#[test]
fn a_host_access_waits_for_writers_but_not_for_readers() {
    let mut lab = Lab::new();
    let a = lab.blank("a", [1, 1, 8]);
    let writer = lab.kernel("write", M1, &[discard(a, line(0, 8))]);
    let reader = lab.kernel("read", M1, &[read(a, line(0, 8))]);
    let host_read = lab.host_access("host_read", read(a, line(0, 8)));
    let host_write = lab.host_access("host_write", write(a, line(0, 8)));
    assert_eq!(lab.dependencies(host_read), [writer]);
    assert_eq!(lab.dependencies(host_write), [reader, host_read]);
}

#[test]
fn a_command_never_waits_for_itself() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 8]);
    let task = lab.kernel("shift", M1, &[read(a, line(0, 8)), write(a, line(2, 6)), read(a, line(4, 8))]);
    assert_eq!(lab.dependencies(task), []);
    let next = lab.kernel("look", M1, &[read(a, line(0, 8))]);
    assert_eq!(lab.dependencies(next), [task]);
}

type Require = fn(BufferId, Block) -> Requirement;

/// What two requirements of one command on overlapping regions do: the text of its plan.
fn combined(first: Require, second: Require) -> String {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 8]);
    lab.kernel("k", M1, &[first(a, line(0, 8)), second(a, line(4, 8))]);
    let writes_all = lab.planner.current_in(a, Some(HOST), &line(0, 4)) < 4;
    let writes_second = lab.planner.current_in(a, Some(HOST), &line(4, 8)) < 4;
    format!("{} | {writes_all} {writes_second}", lab.records[0])
}

#[test]
fn requirements_combine_where_they_overlap() {
    let brings_all = "copy a[0..8] host->m1; run k on d1 after s1";
    let brings_second = "copy a[4..8] host->m1; run k on d1 after s1";
    assert_eq!(combined(read, write), format!("{brings_all} | false true"));
    assert_eq!(combined(read, read), format!("{brings_all} | false false"));
    assert_eq!(combined(discard, read), format!("{brings_second} | true true"));
    assert_eq!(combined(discard, write), format!("{brings_second} | true true"));
    assert_eq!(combined(read, discard), format!("{brings_all} | false true"));
    assert_eq!(combined(discard, discard), "run k on d1 | true true");
    assert_eq!(combined(write, discard), format!("{brings_all} | true true"));
}

#[test]
fn tasks_named_by_a_command_are_waited_for_whatever_they_touch() {
    let mut lab = Lab::new();
    let [a, b] = ["a", "b"].map(|name| lab.blank(name, [1, 1, 8]));
    let first = lab.kernel("make_a", M1, &[discard(a, line(0, 8))]);
    let mut next = command(CommandKind::Launch, "make_b", M1, &[discard(b, line(0, 8))]);
    next.after.extend([first, first]);
    assert_eq!(lab.submit(&next).dependencies.as_slice(), [first]);
    lab.planner.settle(StepId(3));
    assert_eq!(lab.submit(&next).dependencies.as_slice(), []);
}

fn refused(lab: &mut Lab, command: &Command) -> (ErrorKind, String) {
    let before = format!("{:?}", lab.planner);
    let error = lab.planner.plan(command).expect_err("the command is invalid");
    assert_eq!(format!("{:?}", lab.planner), before, "a refused command changed the planner");
    (error.kind(), error.to_string())
}

#[test]
fn buffer_without_a_name_is_called_by_its_number() {
    let mut lab = Lab::new();
    let [_, blank] = ["a", ""].map(|name| lab.blank(name, [1, 1, 16]));
    let look = command(CommandKind::Launch, "look", M1, &[read(blank, line(0, 12))]);
    let (_, message) = refused(&mut lab, &look);
    assert!(message.contains(&format!("reads `#{}`[0..12]", blank.0)), "{message}");
}

#[test]
fn reading_what_nothing_has_written_is_refused() {
    let mut lab = Lab::new();
    let [a, mask] = ["a", "mask"].map(|name| lab.blank(name, [1, 1, 16]));
    lab.kernel("fill", M1, &[discard(mask, line(4, 8))]);
    let requirements = [discard(a, line(0, 16)), read(mask, line(0, 12))];
    let scatter = command(CommandKind::Launch, "scatter", M1, &requirements);
    let (kind, message) = refused(&mut lab, &scatter);
    assert_eq!(kind, ErrorKind::Uninitialized);
    expect!["kernel `scatter` reads `mask`[0..4] + [8..12], which nothing has written; make the buffer from data or write it first"].assert_eq(&message);
    assert_eq!(lab.kernel("look", M1, &[read(mask, line(4, 8))]), TaskId(2));
}

#[test]
fn a_region_outside_its_buffer_is_refused() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 4, 4]);
    let look = command(CommandKind::Launch, "look", M1, &[read(a, area(2..5, 0..4))]);
    let (kind, message) = refused(&mut lab, &look);
    assert_eq!(kind, ErrorKind::Accessor);
    expect!["kernel `look` wants `a`[2..5, 0..4], but the buffer reaches only [0..4, 0..4]; choose a range and offset inside it"].assert_eq(&message);
}

#[test]
fn what_is_not_there_is_refused() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 4]);
    let elsewhere =
        command(CommandKind::Launch, "look", crate::platform::MemoryId(9), &[read(a, line(0, 4))]);
    assert_eq!(refused(&mut lab, &elsewhere).0, ErrorKind::Invalid);
    let mut early = command(CommandKind::Barrier, "join", HOST, &[]);
    early.after.push(TaskId(1));
    assert_eq!(refused(&mut lab, &early).0, ErrorKind::Invalid);
    lab.planner.forget(a);
    let late = command(CommandKind::Launch, "look", M1, &[read(a, line(0, 4))]);
    assert_eq!(refused(&mut lab, &late).0, ErrorKind::Invalid);
}

#[test]
fn empty_regions_need_nothing() {
    let mut lab = Lab::new();
    let a = lab.blank("a", [1, 1, 0]);
    let b = lab.blank("b", [1, 1, 8]);
    let task = lab.kernel("nothing", M1, &[read(a, line(0, 0)), read(b, line(3, 3)), update(b, line(8, 8))]);
    assert_eq!(lab.records[0].to_string(), "run nothing on d1");
    assert_eq!(lab.kernel("fill", M1, &[discard(b, line(0, 8))]), TaskId(task.0 + 1));
    assert!(lab.records[1].dependencies.is_empty());
}

#[test]
fn forgetting_a_buffer_names_the_steps_that_may_still_use_it() {
    let mut lab = Lab::new();
    let a = lab.blank("a", [1, 1, 8]);
    lab.kernel("write", M1, &[discard(a, line(0, 8))]);
    let left = lab.kernel("look", M1, &[read(a, line(0, 4))]);
    let right = lab.kernel("look", M2, &[read(a, line(2, 8))]);
    let mut same = Lab::new();
    let b = same.blank("b", [1, 1, 8]);
    same.kernel("write", M1, &[discard(b, line(0, 8))]);
    same.planner.settle(StepId(2));
    assert_eq!(lab.planner.forget(a).as_slice(), [StepId(left.0), StepId(right.0)]);
    assert_eq!(same.planner.forget(b).as_slice(), []);
    assert_eq!(same.planner.forget(b).as_slice(), []);
}

#[test]
fn a_hundred_thousand_readers_are_not_remembered() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 64]);
    let look = command(CommandKind::Launch, "look", M1, &[read(a, line(0, 64))]);
    for _ in 0..100_000 {
        let run = lab.planner.plan(&look).expect("the command is valid").run;
        lab.planner.settle(run);
    }
    let remembered = lab.planner.readers_of(a);
    assert!(remembered <= 4, "{remembered} readers are remembered");
    let last = lab.submit(&command(CommandKind::Launch, "write", M1, &[discard(a, line(0, 64))]));
    assert_eq!(last.dependencies.len(), 1);
}

#[test]
fn slices_written_by_settled_tasks_come_together_again() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 1 << 16]);
    for at in 0..1 << 16 {
        let touch = command(CommandKind::Launch, "touch", HOST, &[update(a, line(at, at + 1))]);
        let run = lab.planner.plan(&touch).expect("the command is valid").run;
        lab.planner.settle(run);
    }
    let boxes = lab.planner.boxes_of(a);
    assert!(boxes < 600, "{boxes} boxes are remembered");
}

#[test]
fn the_graph_of_tasks_prints_as_dot() {
    let mut lab = Lab::new();
    let a = lab.blank("a \"quoted\"", [1, 1, 8]);
    lab.kernel("fill", M1, &[discard(a, line(0, 8))]);
    lab.host_access("host_read", read(a, line(0, 4)));
    expect![[r#"
        digraph tasks {
            node [shape=box];
            t1 [label="kernel fill on d1\ndiscard a \"quoted\"[0..8]"];
            t3 [label="host access host_read on host\nread a \"quoted\"[0..4]"];
            t1 -> t3;
        }
    "#]]
    .assert_eq(&dot(&lab.records));
}

#[test]
fn plans_print_on_one_line() {
    let mut lab = Lab::new();
    let velocity = lab.filled("velocity", [1, 1, 64]);
    let blur = command(CommandKind::Launch, "blur", M1, &[update(velocity, line(0, 64))]);
    expect!["s1 copy b1[0..64] host->m1; s2 run t2 on d1 after s1"].assert_eq(&lab.submit(&blur).to_string());
    expect!["copy velocity[0..64] host->m1; run blur on d1 after s1"].assert_eq(&lab.records[0].to_string());
}

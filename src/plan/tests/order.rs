//! Who waits for whom.

use super::lab::*;
use crate::error::ErrorKind;
use crate::plan::{CommandKind, StepId, TaskId, dot};
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
    assert_eq!(lab.dependencies(high), []);
    assert_eq!(lab.dependencies(middle), [low, high]);
}

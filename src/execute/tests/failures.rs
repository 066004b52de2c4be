//! What a failing driver leads to: an error for everything that depends on it, and never silent garbage.

use super::lab::{FAR, Lab, NEAR, SHARED, broken, elements, portion};
use crate::error::Result;
use crate::execute::work::FillWork;
use crate::execute::{Storage, Until, Work};
use crate::geometry::Block;
use crate::plan::{Access, Divisible, Part, Requirement, Requirements};
use crate::runtime::{Parts, Ticket};
use smallvec::smallvec;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn what_a_failed_command_wrote_is_spoilt_until_it_is_overwritten() {
    let lab = Lab::new();
    let (from, to) = (lab.buffer([1, 1, 8]), lab.buffer([1, 1, 8]));
    lab.fill(SHARED, &from, elements(0, 8), 1);
    let copy = lab.copy(SHARED, &from, &to, elements(0, 8));
    lab.lanes[SHARED].complete(Err(broken()));
    lab.lanes[SHARED].complete(Ok(()));
    assert!(lab.engine().wait(copy.step, Until::Complete).is_err());
    assert!(lab.look(&to, Access::Read, |_| ()).is_err());
    assert!(lab.look(&to, Access::ReadWrite, |_| ()).is_err());
    lab.look(&to, Access::Discard, |bytes| bytes.fill(9)).unwrap();
    assert_eq!(lab.look(&to, Access::Read, |bytes| bytes.to_vec()).unwrap(), [9; 8]);
}

#[test]
fn bytes_that_could_not_be_brought_home_are_not_shown() {
    for (refuse, what) in [(true, "refused"), (false, "failed")] {
        let lab = Lab::new();
        let buffer = lab.buffer([1, 1, 8]);
        lab.fill(NEAR, &buffer, elements(0, 8), 1);
        lab.lanes[NEAR].complete(Ok(()));
        if refuse {
            lab.lanes[NEAR].refuse_after(0);
        }
        let access = lab.host(&buffer, Access::Read);
        lab.lanes[NEAR].complete(Err(broken()));
        assert!(lab.engine().wait(access.step, Until::Open).is_err(), "the copy was {what}");
    }
}

#[test]
fn a_command_whose_bytes_did_not_arrive_fails() {
    let lab = Lab::new();
    let (from, to) = (lab.buffer([1, 1, 8]), lab.buffer([1, 1, 8]));
    lab.look(&from, Access::Discard, |bytes| bytes.fill(1)).unwrap();
    lab.lanes[FAR].refuse_after(0);
    let copy = lab.copy(FAR, &from, &to, elements(0, 8));
    while lab.lanes[FAR].complete(Ok(())) {}
    assert!(lab.engine().wait(copy.step, Until::Complete).is_err());
    assert_eq!(lab.engine().status(copy.step), crate::execute::Standing::Complete);
}

#[test]
fn a_step_of_which_a_part_was_refused_keeps_its_memory_until_the_rest_is_over() {
    let lab = Lab::new();
    // Three rows of which only the middle columns are filled: three parts.
    let buffer = lab.buffer([1, 3, 8]);
    lab.fill(NEAR, &buffer, Block::new([0; 3], [1, 3, 8]), 0);
    lab.lanes[NEAR].complete(Ok(()));
    lab.lanes[NEAR].refuse_after(2);
    let fill = lab.fill(NEAR, &buffer, Block::new([0, 0, 2], [1, 3, 4]), 1);
    assert!(!lab.is_over(&fill));
    lab.lanes[NEAR].complete(Ok(()));
    assert!(!lab.is_over(&fill));
    lab.lanes[NEAR].complete(Ok(()));
    assert!(lab.is_over(&fill));
    assert!(lab.engine().wait(fill.step, Until::Complete).is_err());
    let access = lab.host(&buffer, Access::Read);
    lab.lanes[NEAR].complete(Ok(()));
    assert!(lab.engine().wait(access.step, Until::Open).is_err());
}

#[test]
fn an_access_that_was_given_up_heals_nothing() {
    let lab = Lab::new();
    let buffer = lab.buffer([1, 1, 8]);
    lab.lanes[NEAR].refuse_after(0);
    lab.fill(NEAR, &buffer, elements(0, 8), 1);
    let access = lab.host(&buffer, Access::Discard);
    lab.engine().cancel(access.step);
    assert!(lab.look(&buffer, Access::Read, |_| ()).is_err());
}

#[test]
fn a_refusal_is_not_forgotten_when_what_came_before_it_ends_well() {
    let lab = Lab::new();
    let (from, to) = (lab.buffer([1, 1, 8]), lab.buffer([1, 1, 8]));
    lab.fill(SHARED, &from, elements(0, 8), 1);
    let good = lab.fill(SHARED, &to, elements(0, 8), 2);
    let seen = lab.copy(SHARED, &to, &from, elements(0, 8));
    lab.lanes[SHARED].refuse_after(0);
    // Refused at once, while what it follows is still running.
    lab.fill(SHARED, &to, elements(0, 4), 3);
    while lab.lanes[SHARED].complete(Ok(())) {}
    lab.engine().wait(good.step, Until::Complete).unwrap();
    lab.engine().wait(seen.step, Until::Complete).unwrap();
    assert!(lab.look(&to, Access::Read, |_| ()).is_err());
}

/// Fills a buffer with ones, as many elements at a time as fit.
struct Filling<'s> {
    storage: &'s Arc<Storage>,
    access: Access,
}

impl Divisible for Filling<'_> {
    fn n_units(&self) -> std::result::Result<usize, &'static str> {
        Ok(self.storage.layout.extent[2])
    }
    fn requirements(&self, units: &Range<usize>) -> Requirements {
        let block = elements(units.start, units.end);
        smallvec![Requirement { buffer: self.storage.id, block, within: block, access: self.access }]
    }
}

impl Parts for Filling<'_> {
    fn work(&self, _whole: &Work, part: &Part) -> Work {
        let to = portion(self.storage, elements(part.units.start, part.units.end));
        Work::Fill(Box::new(FillWork { to, pattern: smallvec![1] }))
    }
}

/// Fills a buffer of 12 bytes on a device with room for 4.
fn fill_in_parts(lab: &Lab, storage: &Arc<Storage>, access: Access) -> Ticket {
    lab.limit([NEAR], 4);
    lab.divide(NEAR, &[(storage, elements(0, 12), access)], &Filling { storage, access })
}

/// Ends what the device is given as `end` says of each, until a command is over; a command that never is ends the test.
fn until_over(lab: &Lab, command: &Ticket, mut end: impl FnMut(usize) -> Result<()>) {
    let mut n_ended = 0;
    let start = Instant::now();
    while !lab.is_over(command) {
        // Other threads hand steps over, too.
        match lab.lanes[NEAR].complete(end(n_ended)) {
            true => n_ended += 1,
            false => std::thread::yield_now(),
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it is not over after {n_ended} steps");
    }
}

/// Whether a read of the buffer fails.
fn is_spoilt(lab: &Lab, buffer: &Arc<Storage>) -> bool {
    let step = lab.host(buffer, Access::Read).step;
    while lab.lanes[NEAR].complete(Ok(())) {}
    let is_spoilt = lab.engine().wait(step, Until::Open).is_err();
    lab.engine().cancel(step);
    is_spoilt
}

/// A lab with a buffer of 12 twos.
fn with_twos() -> (Lab, Arc<Storage>) {
    let lab = Lab::new();
    let buffer = lab.buffer([1, 1, 12]);
    lab.look(&buffer, Access::Discard, |bytes| bytes.fill(2)).unwrap();
    (lab, buffer)
}

#[test]
fn parts_follow_each_other_and_all_but_the_last_are_saved() {
    let (lab, buffer) = with_twos();
    let fill = fill_in_parts(&lab, &buffer, Access::Discard);
    until_over(&lab, &fill, |_| Ok(()));
    lab.engine().wait(fill.step, Until::Complete).unwrap();
    assert_eq!(lab.lanes[NEAR].take_log(), ["fill 1", "copy out", "fill 1", "copy out", "fill 1"]);
    assert!(!is_spoilt(&lab, &buffer));
}

#[test]
fn a_command_fails_of_which_a_part_could_not_be_saved_or_brought() {
    for (access, n_steps) in [(Access::Discard, 5), (Access::ReadWrite, 8)] {
        for (failing, refuse) in (0..n_steps).flat_map(|step| [(step, false), (step, true)]) {
            let (lab, buffer) = with_twos();
            if refuse {
                lab.lanes[NEAR].refuse_after(failing);
            }
            let fill = fill_in_parts(&lab, &buffer, access);
            let fails = |step| !refuse && step == failing;
            until_over(&lab, &fill, |step| if fails(step) { Err(broken()) } else { Ok(()) });
            let what = format!("{access:?}, step {failing}, refused: {refuse}");
            assert!(lab.engine().wait(fill.step, Until::Complete).is_err(), "{what}");
            assert!(is_spoilt(&lab, &buffer), "{what}");
            lab.look(&buffer, Access::Discard, |bytes| bytes.fill(3)).unwrap();
            assert_eq!(lab.look(&buffer, Access::Read, |bytes| bytes.to_vec()).unwrap(), [3; 12], "{what}");
        }
    }
}

#[test]
fn what_was_spoilt_before_does_not_fail_a_command_that_overwrites_it_in_parts() {
    let (lab, buffer) = with_twos();
    lab.lanes[SHARED].refuse_after(0);
    lab.fill(SHARED, &buffer, elements(0, 12), 9);
    let fill = fill_in_parts(&lab, &buffer, Access::Discard);
    until_over(&lab, &fill, |_| Ok(()));
    lab.engine().wait(fill.step, Until::Complete).unwrap();
    assert!(!is_spoilt(&lab, &buffer));
}

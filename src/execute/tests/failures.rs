//! What a failing driver leads to: an error for everything that depends on it, and never silent garbage.

use super::lab::{FAR, Lab, NEAR, SHARED, broken, elements};
use crate::execute::Until;
use crate::geometry::Block;
use crate::plan::Access;

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

//! Who reaches a lane when, and who is over when.

use super::lab::{FAR, HOST, Lab, NEAR, SHARED, elements, portion};
use crate::error::ErrorKind;
use crate::execute::Until;
use crate::plan::Access;
use std::time::{Duration, Instant};

/// Waits until `condition` holds, for what happens on a thread of the engine's own.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "never came true: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_step_follows_on_its_own_lane_and_waits_for_another() {
    let lab = Lab::new();
    let buffer = lab.buffer([1, 1, 8]);
    lab.fill(NEAR, &buffer, elements(0, 8), 1);
    lab.fill(NEAR, &buffer, elements(0, 8), 2);
    assert_eq!(lab.lanes[NEAR].take_log(), ["fill 1", "fill 2"]);
    lab.fill(FAR, &buffer, elements(0, 8), 3);
    lab.lanes[NEAR].complete(Ok(()));
    assert_eq!(lab.lanes[FAR].take_log(), Vec::<String>::new());
    lab.lanes[NEAR].complete(Ok(()));
    // Nobody waits: the lane's watcher must notice.
    eventually("the other lane's fill", || lab.lanes[FAR].take_log() == ["fill 3"]);
    lab.lanes[FAR].complete(Ok(()));
    assert_eq!(lab.fill(SHARED, &buffer, elements(0, 8), 4).dependencies.len(), 1);
}

#[test]
fn a_step_with_nothing_to_do_is_not_over_before_what_it_waits_for() {
    let lab = Lab::new();
    let (buffer, empty) = (lab.buffer([1, 1, 8]), lab.buffer([1, 1, 0]));
    let fill = lab.fill(NEAR, &buffer, elements(0, 8), 1);
    let work =
        super::super::work::FillWork { to: portion(&empty, elements(0, 0)), pattern: smallvec::smallvec![7] };
    let nothing = lab.submit(
        crate::plan::CommandKind::Launch,
        NEAR,
        &[(&empty, elements(0, 0), Access::Discard)],
        &[fill.task],
        crate::execute::Work::Fill(Box::new(work)),
    );
    let behind = lab.barrier(&[nothing.task]);
    assert!(!lab.is_over(&nothing) && !lab.is_over(&behind));
    lab.lanes[NEAR].complete(Ok(()));
    eventually("the barrier behind it", || lab.is_over(&behind));
}

#[test]
fn any_number_of_barriers_may_wait_behind_one_step() {
    let lab = Lab::new();
    let buffer = lab.buffer([1, 1, 8]);
    let mut last = lab.fill(NEAR, &buffer, elements(0, 8), 1);
    for _ in 0..100_000 {
        last = lab.barrier(&[last.task]);
    }
    assert!(!lab.is_over(&last));
    lab.lanes[NEAR].complete(Ok(()));
    lab.engine().wait(last.step, Until::Complete).unwrap();
}

#[test]
fn a_wait_for_what_this_thread_holds_is_refused_and_the_rest_goes_on_without_it() {
    let lab = Lab::new();
    let (held, other) = (lab.buffer([1, 1, 8]), lab.buffer([1, 1, 8]));
    let guard = lab.host(&held, Access::Discard);
    lab.engine().wait(guard.step, Until::Open).unwrap();
    let blocked = lab.fill(NEAR, &held, elements(0, 8), 1);
    let error = lab.engine().wait(blocked.step, Until::Complete).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadlock);
    assert_eq!(lab.look(&held, Access::ReadWrite, |_| ()).unwrap_err().kind(), ErrorKind::Deadlock);
    lab.fill(FAR, &other, elements(0, 8), 2);
    lab.engine().finish(guard.step, Ok(()));
    assert_eq!(lab.lanes[NEAR].take_log(), ["fill 1", "copy out"]);
    // The access that was given up stands between the two fills and is over when the first one is.
    let after = lab.fill(SHARED, &held, elements(0, 8), 3);
    // The fill, and the copy that brings its bytes home for the access that was given up.
    lab.lanes[NEAR].complete(Ok(()));
    lab.lanes[NEAR].complete(Ok(()));
    eventually("the last fill", || lab.lanes[SHARED].take_log() == ["fill 3"]);
    lab.lanes[SHARED].complete(Ok(()));
    assert!(lab.is_over(&after));
    assert_eq!(lab.lanes[HOST].take_log(), Vec::<String>::new());
}

#[test]
fn a_host_task_that_waits_for_what_waits_for_it_is_refused() {
    let lab = Lab::new();
    let buffer = lab.buffer([1, 1, 8]);
    let (engine, (sender, receiver)) = (lab.engine(), std::sync::mpsc::channel());
    let all = elements(0, 8);
    let task = lab.host_task(&[(&buffer, all, Access::Discard)], move || {
        let step = receiver.recv().expect("the test sends a step");
        engine.wait(step, Until::Complete)
    });
    sender.send(lab.fill(NEAR, &buffer, all, 1).step).unwrap();
    let error = engine.wait(task.step, Until::Complete).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadlock);
}

#[test]
fn a_host_task_whose_panic_cannot_be_dropped_still_ends() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let lab = Lab::new();
    let task = lab.host_task(&[], || std::panic::panic_any(Bomb));
    let error = lab.engine().wait(task.step, Until::Complete).unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
}

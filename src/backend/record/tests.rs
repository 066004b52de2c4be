//! What a recording lane must remember, and when its signals complete.

use super::*;

fn lane(completion: Completion) -> RecordingLane {
    RecordingLane::new(device(DeviceId(1), MemoryId(1)), completion)
}

fn fill(lane: &RecordingLane, memory: &Memory) -> Result<Arc<dyn Signal>> {
    // SAFETY: nothing is written.
    unsafe { lane.fill(memory, &[0], 0, 8) }
}

#[test]
fn every_call_is_one_line() {
    let lane = lane(Completion::AtOnce);
    let memory = lane.allocate(64).unwrap();
    let place = |at| Place { at, origin: [0, 0, 2], extent: [1, 1, 16] };
    let mut host = [0u8; 64];
    let copy = CopyBox {
        from: place(At::Host(host.as_mut_ptr())),
        to: place(At::Memory(&memory)),
        extent: [1, 1, 4],
        element_bytes: 4,
    };
    // SAFETY: nothing is copied.
    unsafe { lane.copy(&copy) }.unwrap().wait().unwrap();
    fill(&lane, &memory).unwrap().wait().unwrap();
    lane.flush();
    assert_eq!(
        lane.take_lines(),
        [
            "allocate m0: 64 bytes",
            "copy [1, 1, 4] x 4 bytes: host [0, 0, 2] of [1, 1, 16] -> m0 [0, 0, 2] of [1, 1, 16]",
            "fill m0 0..8 with [0]",
            "flush",
        ]
    );
    assert!(lane.take_lines().is_empty());
}

#[test]
fn signals_complete_in_order_when_the_test_says_so() {
    let lane = lane(Completion::OnRequest);
    let memory = lane.allocate(8).unwrap();
    let (first, second) = (fill(&lane, &memory).unwrap(), fill(&lane, &memory).unwrap());
    assert!(!first.poll().unwrap());
    assert!(lane.complete_next());
    assert!(first.poll().unwrap() && !second.poll().unwrap());
    assert!(lane.fail_next(Error::new(ErrorKind::Runtime, "planned")));
    assert_eq!(second.wait().unwrap_err().to_string(), "planned");
    assert!(!lane.complete_next());
}

#[test]
fn refused_call_fails_once_and_leaves_no_line() {
    let lane = lane(Completion::AtOnce);
    lane.refuse_next(Error::new(ErrorKind::MemoryAllocation, "planned"));
    assert_eq!(lane.allocate(8).err().unwrap().kind(), ErrorKind::MemoryAllocation);
    assert!(lane.allocate(8).is_ok());
    assert_eq!(lane.take_lines(), ["allocate m0: 8 bytes"]);
}

#[test]
fn device_poses_by_its_memory() {
    assert_eq!(device(DeviceId::HOST, MemoryId::HOST).kind(), DeviceKind::Host);
    assert_eq!(device(DeviceId(1), MemoryId::HOST).kind(), DeviceKind::Cpu);
    assert_eq!(device(DeviceId(1), MemoryId(1)).kind(), DeviceKind::Gpu);
}

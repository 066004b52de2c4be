//! The host device from outside: what is submitted to a lane happens, in order, once, and failures come back.

use super::{HostLane, device};
use crate::backend::{At, CopyBox, Lane, Launch, Memory, Place, Pointer, Program, Signal};
use crate::error::{ErrorKind, Result};
use crate::geometry::{Id, NdRange, Range};
use crate::kernel::tree::Site;
use crate::kernel::twin::{Atomic, Capture, Environment, Load, Store};
use crate::kernel::{
    GroupError, HostBody, IntoShape, Item, LaunchShape, NdItem, ParameterBytes, Signature, TrapCell,
    ViewShape, body_for_test, enter, run_group_with_barriers,
};
use crate::memory::{Accessor, LocalAccessor, ReadWrite, Write};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

static SITE: Site = Site { file: "kernel.rs", line: 1, column: 1, subject: "a" };

fn lane() -> HostLane {
    HostLane::new(device()).unwrap()
}

fn accessor<T, M>(length: usize) -> Accessor<'static, T, 1, M> {
    let view = ViewShape::whole(Range([length]));
    Accessor {
        group: 0,
        requirement: 0,
        view,
        pointer: ptr::null_mut(),
        requirements: ptr::null(),
        brand: PhantomData,
    }
}

fn local<T>(length: usize) -> LocalAccessor<'static, T, 1> {
    let view = ViewShape::whole(Range([length]));
    LocalAccessor { group: 0, view, pointer: ptr::null_mut(), brand: PhantomData }
}

/// Submits `body` with `pointers` as its first arguments.
fn launch(
    lane: &HostLane,
    body: &Arc<dyn HostBody>,
    pointers: Vec<Pointer<'_>>,
    shape: LaunchShape,
    has_barrier: bool,
) -> Result<Arc<dyn Signal>> {
    let signature = Signature { pointers: (0..pointers.len()).collect(), ..Signature::default() };
    let launch = Launch {
        program: &Program { inner: Box::new(()) },
        body: Some(body),
        name: "test",
        signature: &signature,
        parameters: &ParameterBytes::new(),
        pointers: pointers.into(),
        trap: None,
        print: None,
        print_words: 0,
        overflow: crate::kernel::Overflow::Wraps,
        has_barrier,
        slice: shape.whole(),
        shape,
    };
    // SAFETY: the tests keep what they adopt until they have waited, and their bodies check every access.
    unsafe { lane.launch(&launch) }
}

fn adopt<T>(lane: &HostLane, data: &mut [T]) -> Memory {
    // SAFETY: the tests keep `data` until they have waited for everything they submitted.
    unsafe { lane.adopt(data.as_mut_ptr().cast(), size_of_val(data)) }.unwrap()
}

/// How often each linear position was visited by a launch whose items find theirs with `linear`.
fn visits<I: crate::kernel::WorkItem + 'static>(
    shape: impl IntoShape,
    linear: fn(I, Range<3>) -> usize,
) -> Vec<u32> {
    let lane = lane();
    let shape = shape.shape();
    let extent = Range(shape.global);
    let mut counts = vec![0u32; extent.size()];
    let length = counts.len();
    let body = body_for_test(move |environment: &Environment<'_>, item: I| {
        let counts: ReadWrite<'_, u32> = accessor(length).bind(environment, 0);
        counts.atomic(linear(item, extent), &SITE).fetch_add(1);
    });
    let memory = adopt(&lane, &mut counts);
    launch(&lane, &body, vec![Pointer::Memory(Cow::Borrowed(&memory))], shape, false)
        .unwrap()
        .wait()
        .unwrap();
    counts
}

#[test]
fn every_item_of_a_range_runs_exactly_once() {
    for extent in [0, 1, 2, 63, 64, 65, 1023, 1025, 99_991] {
        assert_eq!(visits(extent, |item: usize, _| item), vec![1; extent], "{extent}");
    }
    for extents in [[1, 1], [3, 70], [257, 129], [0, 5], [5, 0], [10_007, 1], [1, 10_007]] {
        let counts = visits(extents, |Id([row, column]): Id<2>, range| row * range[2] + column);
        assert_eq!(counts, vec![1; extents[0] * extents[1]], "{extents:?}");
        let counts = visits(extents, |item: Item<2>, _| item.linear_id());
        assert_eq!(counts, vec![1; extents[0] * extents[1]], "{extents:?}");
    }
    for extents in [[2, 3, 5], [17, 1, 31], [1, 200, 70], [31, 0, 2]] {
        let counts = visits(extents, |[plane, row, column]: [usize; 3], range| {
            (plane * range[1] + row) * range[2] + column
        });
        assert_eq!(counts, vec![1; extents.iter().product()], "{extents:?}");
    }
}

#[test]
fn every_item_of_an_nd_range_runs_exactly_once_and_knows_its_group() {
    for (global, local) in
        [([6, 4], [3, 2]), ([70, 64], [7, 16]), ([0, 4], [1, 2]), ([5, 7], [1, 1]), ([9, 9], [9, 9])]
    {
        let counts = visits(NdRange::new(global, local), |item: NdItem<2>, _| {
            let (group, local_id, local_range) = (item.group_id(), item.local_id(), item.local_range());
            let [row, column] = std::array::from_fn(|d| group[d] * local_range[d] + local_id[d]);
            assert_eq!([row, column], item.global_id());
            row * item.global_range()[1] + column
        });
        assert_eq!(counts, vec![1; global[0] * global[1]], "{global:?} in {local:?}");
    }
}

#[test]
fn a_single_task_runs_once() {
    let shape = LaunchShape { kind: crate::kernel::ShapeKind::Single, global: [1; 3], local: [1; 3] };
    let (lane, runs) = (lane(), Arc::new(AtomicUsize::new(0)));
    let counter = runs.clone();
    let body = body_for_test(move |_: &Environment<'_>, (): ()| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    launch(&lane, &body, vec![], shape, false).unwrap().wait().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn launches_run_in_the_order_in_which_they_were_submitted() {
    let lane = lane();
    let mut data = vec![1u32; 5000];
    let memory = adopt(&lane, &mut data);
    let multiply = |factor: u32, add: u32| {
        body_for_test(move |environment: &Environment<'_>, i: usize| {
            let mut data: ReadWrite<'_, u32> = accessor(5000).bind(environment, 0);
            let value = data.load(i, &SITE);
            data.store(i, value * factor + add, &SITE);
        })
    };
    let signals: Vec<_> = [(2, 1), (3, 0), (1, 5), (10, 1)]
        .map(|(factor, add)| {
            launch(
                &lane,
                &multiply(factor, add),
                vec![Pointer::Memory(Cow::Borrowed(&memory))],
                5000.shape(),
                false,
            )
        })
        .into_iter()
        .map(Result::unwrap)
        .collect();
    signals.last().unwrap().wait().unwrap();
    assert!(signals.iter().all(|signal| signal.poll().unwrap()));
    assert_eq!(data, vec![141; 5000]);
}

#[test]
fn racing_stores_leave_one_of_the_stored_values() {
    let lane = lane();
    let mut data = [[u64::MAX, 0]];
    let memory = adopt(&lane, &mut data);
    let body = body_for_test(|environment: &Environment<'_>, i: usize| {
        let mut data: Write<'_, u64> = accessor(2).bind(environment, 0);
        data.store(0, i as u64 * 3, &SITE);
        let both: ReadWrite<'_, u64> = accessor(2).bind(environment, 0);
        both.atomic(1, &SITE).fetch_add(1);
    });
    launch(&lane, &body, vec![Pointer::Memory(Cow::Borrowed(&memory))], 100_000.shape(), false)
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!(data[0][1], 100_000);
    assert!(data[0][0] % 3 == 0 && data[0][0] < 300_000, "{data:?}");
}

/// Sums the items' ids within each group in local memory, halving the number of items that add from step to step.
fn tree_sum(group_size: usize, groups: usize) -> Arc<dyn HostBody> {
    body_for_test(move |environment: &Environment<'_>, item: NdItem<1>| {
        let mut sums: Write<'_, u32> = accessor(groups).bind(environment, 0);
        let mut scratch = local::<u32>(group_size).bind(environment, 1);
        let [i] = item.local_id();
        assert_eq!(scratch.load(i, &SITE), 0, "local memory is zeroed for each group");
        scratch.store(i, item.global_linear_id() as u32, &SITE);
        item.barrier();
        let mut width = group_size / 2;
        while width > 0 {
            if i < width {
                let sum = scratch.load(i, &SITE) + scratch.load(i + width, &SITE);
                scratch.store(i, sum, &SITE);
            }
            item.barrier();
            width /= 2;
        }
        if i == 0 {
            let sum = scratch.load(0, &SITE);
            sums.store(item.group_id()[0], sum, &SITE);
        }
    })
}

#[test]
fn a_reduction_in_local_memory_adds_up() {
    for (group_size, groups) in [(1, 3), (2, 1), (64, 50), (1024, 4)] {
        let lane = lane();
        let mut sums = vec![0u32; groups];
        let memory = adopt(&lane, &mut sums);
        let pointers = vec![Pointer::Memory(Cow::Borrowed(&memory)), Pointer::Local(group_size * 4)];
        let shape = NdRange::new(group_size * groups, group_size).shape();
        launch(&lane, &tree_sum(group_size, groups), pointers, shape, true).unwrap().wait().unwrap();
        let expected: Vec<u32> = (0..groups)
            .map(|group| (group * group_size..(group + 1) * group_size).sum::<usize>() as u32)
            .collect();
        assert_eq!(sums, expected, "groups of {group_size}");
    }
}

#[test]
fn a_barrier_that_some_items_miss_is_reported_and_all_items_end() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counter = ended.clone();
    let body = body_for_test(move |_: &Environment<'_>, item: NdItem<1>| {
        if item.local_id()[0] % 4 == 1 {
            item.barrier();
            item.barrier();
        }
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let trap = TrapCell::default();
    let environment = Environment { views: &[], trap: &trap, slots: &[] };
    let shape = NdRange::new(32, 16).shape();
    let outcome = enter(&trap, || run_group_with_barriers(&*body, &environment, &shape, 1));
    assert!(matches!(outcome, Err(GroupError::Diverged { group: 1, reached: 4, items: 16 })), "{outcome:?}");
    assert_eq!((ended.load(Ordering::Relaxed), trap.take()), (16, None));
    let lane = lane();
    let error = launch(&lane, &body, vec![], NdRange::new(16, 16).shape(), true).unwrap().wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Kernel);
    assert_eq!(
        error.to_string(),
        "kernel `test`: 4 of the 16 work-items of work-group 0 came to a barrier that the others never reached; \
         call `barrier` where every work-item of a group gets to it"
    );
    assert_eq!(ended.load(Ordering::Relaxed), 32);
}

#[test]
fn a_barrier_outside_a_group_does_nothing() {
    let lane = lane();
    let body = body_for_test(|_: &Environment<'_>, item: NdItem<1>| item.barrier());
    launch(&lane, &body, vec![], NdRange::new(8, 4).shape(), false).unwrap().wait().unwrap();
}

#[test]
fn a_failed_check_fails_the_launch_and_not_the_next() {
    let lane = lane();
    let mut data = vec![0u32; 100];
    let memory = adopt(&lane, &mut data);
    let body = body_for_test(|environment: &Environment<'_>, i: usize| {
        let mut data: Write<'_, u32> = accessor(100).bind(environment, 0);
        data.store(i, 1, &SITE);
    });
    let bad =
        launch(&lane, &body, vec![Pointer::Memory(Cow::Borrowed(&memory))], 101.shape(), false).unwrap();
    let good =
        launch(&lane, &body, vec![Pointer::Memory(Cow::Borrowed(&memory))], 100.shape(), false).unwrap();
    assert_eq!(bad.wait().unwrap_err().kind(), ErrorKind::Kernel);
    good.wait().unwrap();
    assert_eq!(data, vec![1; 100]);
}

#[test]
fn a_panic_becomes_the_error_of_its_launch() {
    let lane = lane();
    let body = body_for_test(|_: &Environment<'_>, i: usize| assert!(i != 70_000, "item {i} gave up"));
    let bad = launch(&lane, &body, vec![], 100_000.shape(), false).unwrap();
    let good = launch(&lane, &body, vec![], 70_000.shape(), false).unwrap();
    let error = bad.wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Kernel);
    assert_eq!(error.to_string(), "a kernel panicked on the host device: item 70000 gave up");
    good.wait().unwrap();
}

#[test]
fn a_panic_in_a_group_with_barriers_unwinds_the_items_that_wait() {
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = dropped.clone();
    let body = body_for_test(move |_: &Environment<'_>, item: NdItem<1>| {
        let _count = Count(counter.clone());
        assert!(item.local_id()[0] != 5, "item 5 gave up");
        item.barrier();
    });
    let lane = lane();
    let error = launch(&lane, &body, vec![], NdRange::new(8, 8).shape(), true).unwrap().wait().unwrap_err();
    assert_eq!(error.to_string(), "a kernel panicked on the host device: item 5 gave up");
    // Items 0 to 4 waited at the barrier, item 5 panicked, items 6 and 7 never began.
    assert_eq!(dropped.load(Ordering::Relaxed), 6);
    let mut sums = vec![0u32; 2];
    let memory = adopt(&lane, &mut sums);
    let pointers = vec![Pointer::Memory(Cow::Borrowed(&memory)), Pointer::Local(16)];
    launch(&lane, &tree_sum(4, 2), pointers, NdRange::new(8, 4).shape(), true).unwrap().wait().unwrap();
    assert_eq!(sums, [6, 22]);
}

#[test]
fn a_kernel_that_waits_for_its_own_end_gets_an_error() {
    let lane = lane();
    let (signals, receiver) = mpsc::channel::<Arc<dyn Signal>>();
    let receiver = Mutex::new(receiver);
    let (outcomes, outcome) = mpsc::channel();
    let body = body_for_test(move |_: &Environment<'_>, _: usize| {
        let signal = receiver.lock().unwrap().recv().unwrap();
        outcomes.send(signal.wait().unwrap_err().kind()).unwrap();
    });
    let signal = launch(&lane, &body, vec![], 1.shape(), false).unwrap();
    assert!(!signal.poll().unwrap());
    signals.send(signal.clone()).unwrap();
    signal.wait().unwrap();
    assert_eq!(outcome.recv().unwrap(), ErrorKind::Deadlock);
}

#[test]
fn a_signal_knows_its_times_once_it_is_complete() {
    let lane = lane();
    let body = body_for_test(|_: &Environment<'_>, _: usize| {});
    let signal = launch(&lane, &body, vec![], 10.shape(), false).unwrap();
    signal.wait().unwrap();
    let profile = signal.profile().unwrap();
    assert!(profile.submit_nanoseconds <= profile.start_nanoseconds);
    assert!(profile.start_nanoseconds <= profile.end_nanoseconds);
}

#[test]
fn a_lane_that_is_dropped_finishes_what_was_submitted() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = runs.clone();
    let body = body_for_test(move |_: &Environment<'_>, _: usize| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let lane = lane();
    let signals: Vec<_> = (0..50).map(|_| launch(&lane, &body, vec![], 20.shape(), false).unwrap()).collect();
    drop(lane);
    assert_eq!(runs.load(Ordering::Relaxed), 1000);
    assert!(signals.iter().all(|signal| signal.poll().unwrap()));
}

#[test]
fn a_lane_may_be_dropped_by_its_own_thread() {
    let lane = lane();
    let (lanes, receiver) = mpsc::channel::<HostLane>();
    let receiver = Mutex::new(receiver);
    let body = body_for_test(move |_: &Environment<'_>, _: usize| {
        drop(receiver.lock().unwrap().recv().unwrap());
    });
    let signal = launch(&lane, &body, vec![], 1.shape(), false).unwrap();
    let after =
        launch(&lane, &body_for_test(|_: &Environment<'_>, _: usize| {}), vec![], 1.shape(), false).unwrap();
    lanes.send(lane).unwrap();
    signal.wait().unwrap();
    after.wait().unwrap();
}

fn copy_box<'c>(
    from: (At<'c>, [usize; 3], [usize; 3]),
    to: (At<'c>, [usize; 3], [usize; 3]),
    extent: [usize; 3],
) -> CopyBox<'c> {
    CopyBox {
        from: Place { at: from.0, origin: from.1, extent: from.2 },
        to: Place { at: to.0, origin: to.1, extent: to.2 },
        extent,
        element_bytes: 2,
    }
}

fn copy(lane: &HostLane, copy: &CopyBox<'_>) -> Result<()> {
    // SAFETY: the tests keep both ends until the copy is complete.
    unsafe { lane.copy(copy) }?.wait()
}

#[test]
fn a_box_is_copied_between_places_of_different_extents() {
    let lane = lane();
    let mut from: Vec<u16> = (0..60).collect();
    let mut to = vec![1000u16; 48];
    let source = adopt(&lane, &mut from);
    // From (1, 1, 2) of 3 x 4 x 5 to (0, 1, 0) of 2 x 4 x 6.
    let target = At::Host(to.as_mut_ptr().cast());
    copy(
        &lane,
        &copy_box((At::Memory(&source), [1, 1, 2], [3, 4, 5]), (target, [0, 1, 0], [2, 4, 6]), [2, 2, 3]),
    )
    .unwrap();
    let mut expected = vec![1000u16; 48];
    for (plane, row, column) in (0..12).map(|i| (i / 6, i / 3 % 2, i % 3)) {
        expected[plane * 24 + (1 + row) * 6 + column] =
            ((1 + plane) * 20 + (1 + row) * 5 + 2 + column) as u16;
    }
    assert_eq!(to, expected);
}

#[test]
fn whole_memories_are_copied_and_empty_boxes_are_not() {
    let lane = lane();
    let mut from: Vec<u16> = (0..24).collect();
    let source = adopt(&lane, &mut from);
    let target = lane.allocate(48).unwrap();
    let mut back = vec![0u16; 24];
    let extent = [2, 3, 4];
    copy(
        &lane,
        &copy_box((At::Memory(&source), [0; 3], extent), (At::Memory(&target), [0; 3], extent), extent),
    )
    .unwrap();
    let host = || At::Host(back.as_ptr().cast_mut().cast());
    copy(&lane, &copy_box((At::Memory(&target), [0; 3], extent), (host(), [0; 3], extent), [2, 0, 4]))
        .unwrap();
    assert_eq!(back, vec![0; 24]);
    let host = At::Host(back.as_mut_ptr().cast());
    copy(&lane, &copy_box((At::Memory(&target), [0; 3], extent), (host, [0; 3], extent), extent)).unwrap();
    assert_eq!(back, from);
}

#[test]
fn a_part_of_memory_is_memory_of_its_own_and_keeps_the_whole() {
    let lane = lane();
    let whole = lane.allocate(1024).unwrap();
    let part = lane.part(&whole, 128, 256).unwrap();
    // SAFETY: the memory holds the range, and the fill is over when this returns.
    unsafe { lane.fill(&part, &[7], 0, 256) }.unwrap().wait().unwrap();
    let read = |memory: &Memory, size_bytes: usize| {
        let mut back = vec![0u8; size_bytes];
        let host = At::Host(back.as_mut_ptr());
        let extent = [1, 1, size_bytes];
        let (from, to) = ((At::Memory(memory), [0; 3], extent), (host, [0; 3], extent));
        copy(&lane, &CopyBox { element_bytes: 1, ..copy_box(from, to, extent) }).unwrap();
        back
    };
    let found = read(&whole, 1024);
    assert_eq!((found[127], found[128], found[383], found[384]), (0, 7, 7, 0));
    drop(whole);
    assert_eq!(read(&part, 256), [7; 256]);
    for (offset, size) in [(128, 129), (257, 0), (usize::MAX, 2)] {
        assert_eq!(lane.part(&part, offset, size).err().unwrap().kind(), ErrorKind::Invalid);
    }
}

#[test]
fn a_copy_beyond_its_memory_is_refused() {
    let lane = lane();
    let memory = lane.allocate(47).unwrap();
    let mut host = vec![0u16; 24];
    let pointer: *mut u8 = host.as_mut_ptr().cast();
    let refused = [
        ([0; 3], [2, 3, 4], [2, 3, 4]),
        ([0, 0, 1], [1, 1, 4], [1, 1, 4]),
        ([usize::MAX; 3], [1; 3], [1; 3]),
    ];
    for (origin, extent, size) in refused {
        let request =
            copy_box((At::Memory(&memory), origin, extent), (At::Host(pointer), [0; 3], extent), size);
        assert_eq!(copy(&lane, &request).unwrap_err().kind(), ErrorKind::Invalid);
    }
}

#[test]
fn a_fill_repeats_its_pattern_and_nothing_else() {
    let lane = lane();
    let mut data = vec![9u32; 1000];
    let memory = adopt(&lane, &mut data);
    let pattern = [1u32, 2].map(u32::to_ne_bytes).concat();
    let fill = |pattern: &[u8], offset, size| {
        // SAFETY: `data` is kept and left alone until the fill is complete.
        unsafe { lane.fill(&memory, pattern, offset, size) }.and_then(|signal| signal.wait())
    };
    fill(&pattern, 8, 3200).unwrap();
    fill(&pattern, 3992, 0).unwrap();
    assert_eq!(fill(&pattern, 3996, 8).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(fill(&pattern, 0, 12).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(fill(&[], 0, 8).unwrap_err().kind(), ErrorKind::Invalid);
    let expected: Vec<u32> = (0..1000).map(|i| if (2..802).contains(&i) { 1 + i % 2 } else { 9 }).collect();
    assert_eq!(data, expected);
}

#[test]
fn memory_of_another_device_is_refused() {
    let lane = lane();
    let foreign = Memory::new("not host memory");
    let body = body_for_test(|_: &Environment<'_>, _: usize| {});
    let error =
        launch(&lane, &body, vec![Pointer::Memory(Cow::Borrowed(&foreign))], 1.shape(), false).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::BackendMismatch);
}

#[test]
fn memory_that_cannot_exist_is_an_error() {
    assert_eq!(lane().allocate(usize::MAX).err().unwrap().kind(), ErrorKind::MemoryAllocation);
}

#[test]
fn the_host_device_says_what_it_is() {
    let device = device();
    assert!(device.is_host() && device.aspects().fp64 && device.aspects().atomic64);
    assert!(device.name().starts_with("host device ("), "{}", device.name());
    assert!(device.limits().max_compute_units >= 1 && device.limits().local_memory_bytes >= 64 * 1024);
}

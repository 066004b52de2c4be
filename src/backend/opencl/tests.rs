//! What an OpenCL lane must do, tried on every device of the machine. Skips, and says so, where there is none.

mod process;
mod sums;

use super::device::OpenClLane;
use super::discover::Discovery;
use super::error::OpenClError;
use super::foreign;
use super::{Found, LaneOptions, discover};
use crate::backend::{At, CopyBox, Lane, Launch, Memory, Place, Pointer, Program, Signal};
use crate::error::ErrorKind;
use crate::kernel::{Author, Code, LaunchShape, Needs, ParameterBytes, ShapeKind, Signature, Source};
use crate::platform::MemoryId;
use bytemuck::Pod;
use serial_test::serial;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::error::Error as _;
use std::sync::{Arc, LazyLock};

static DISCOVERY: LazyLock<Option<Discovery>> = LazyLock::new(|| match discover() {
    Ok(discovery) if !discovery.devices.is_empty() => Some(discovery),
    Ok(discovery) => {
        println!("skipped: no usable OpenCL device: {:?}", discovery.problems);
        None
    }
    Err(error) => {
        println!("skipped: {error}");
        None
    }
});

fn devices() -> &'static [Found] {
    match &*DISCOVERY {
        Some(discovery) => &discovery.devices,
        None => {
            println!("skipped: this machine has no OpenCL device");
            &[]
        }
    }
}

fn lanes() -> impl Iterator<Item = OpenClLane> {
    devices().iter().map(|found| found.open(LaneOptions::default()).unwrap())
}

fn source(name: &'static str, text: &str, size_bytes: usize, n_pointers: usize) -> Source {
    Source {
        title: name,
        text: text.to_owned(),
        code: Code::OpenClC,
        author: Author::User,
        signature: Signature {
            size_bytes,
            fields: Vec::new(),
            pointers: (0..n_pointers).collect(),
            scratch_bytes: 0,
            traps: false,
            prints: false,
            halts: false,
            has_barrier: false,
        },
        reports: Vec::new(),
        private_bytes: 0,
        least_row: 1,
        is_whole: false,
        largest_group: usize::MAX,
        needs: Needs::default(),
        footprint: crate::kernel::Footprint::default(),
    }
}

fn add() -> Source {
    let text = "
        struct parameters { ulong length; uint scale; uint padding; };
        kernel void add(const struct parameters p, global const uint *a, global const uint *b, global uint *c) {
            const ulong i = get_global_id(0);
            if (i < p.length) { c[i] = p.scale * (a[i] + b[i]); }
        }";
    source("add", text, 16, 3)
}

fn add_parameters(length: u64, scale: u32) -> ParameterBytes {
    let mut bytes = ParameterBytes::new();
    bytes.extend_from_slice(&length.to_ne_bytes());
    bytes.extend_from_slice(&scale.to_ne_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

/// Launches over pointers to memory, as the engine would.
fn launch(
    lane: &OpenClLane,
    program: &Program,
    source: &Source,
    parameters: &ParameterBytes,
    memories: &[&Memory],
    shape: LaunchShape,
) -> Arc<dyn Signal> {
    let pointers: SmallVec<_> =
        memories.iter().map(|memory| Pointer::Memory(Cow::Borrowed(*memory))).collect();
    let name = source.title;
    let signature = &source.signature;
    let launch = Launch {
        program,
        body: None,
        name,
        signature,
        parameters,
        pointers,
        trap: None,
        print: None,
        print_words: 0,
        overflow: crate::kernel::Overflow::Wraps,
        has_barrier: false,
        slice: shape.whole(),
        shape,
    };
    // SAFETY: the tests pass what their kernels take, and keep it until the signal is complete.
    unsafe { lane.launch(&launch) }.unwrap()
}

fn range(n_items: usize) -> LaunchShape {
    foreign::at_least(n_items)
}

/// The whole of a one-dimensional memory.
fn line(at: At<'_>, length: usize) -> Place<'_> {
    Place { at, origin: [0; 3], extent: [1, 1, length] }
}

fn upload<T: Pod>(lane: &OpenClLane, values: &[T]) -> Memory {
    let memory = lane.allocate(size_of_val(values)).unwrap();
    let host = values.as_ptr().cast_mut().cast();
    let copy = CopyBox {
        from: line(At::Host(host), values.len()),
        to: line(At::Memory(&memory), values.len()),
        extent: [1, 1, values.len()],
        element_bytes: size_of::<T>(),
    };
    // SAFETY: both hold the values, and the copy is over when this function returns.
    unsafe { lane.copy(&copy) }.unwrap().wait().unwrap();
    memory
}

fn download<T: Pod>(lane: &OpenClLane, memory: &Memory, length: usize) -> Vec<T> {
    let mut values = vec![T::zeroed(); length];
    let copy = CopyBox {
        from: line(At::Memory(memory), length),
        to: line(At::Host(values.as_mut_ptr().cast()), length),
        extent: [1, 1, length],
        element_bytes: size_of::<T>(),
    };
    // SAFETY: as in `upload`.
    unsafe { lane.copy(&copy) }.unwrap().wait().unwrap();
    values
}

#[test]
#[serial]
fn every_device_adds_vectors_of_any_length() {
    for lane in lanes() {
        let source = add();
        let program = lane.compile(&source).unwrap();
        for length in [1usize, 255, 256, 257, 1000] {
            let values: Vec<u32> = (0..length as u32).collect();
            let (a, b) = (upload(&lane, &values), upload(&lane, &values));
            let c = upload(&lane, &vec![7u32; length + 1]);
            let parameters = add_parameters(length as u64, 3);
            let signal = launch(&lane, &program, &source, &parameters, &[&a, &b, &c], range(length));
            signal.wait().unwrap();
            assert!(signal.poll().unwrap());
            let mut expected: Vec<u32> = values.iter().map(|value| 6 * value).collect();
            expected.push(7);
            assert_eq!(download::<u32>(&lane, &c, length + 1), expected, "{}", lane.device());
        }
    }
}

#[test]
#[serial]
fn changed_arguments_reach_the_kernel_and_unchanged_ones_are_not_set_again() {
    for lane in lanes() {
        let source = add();
        let program = lane.compile(&source).unwrap();
        let a = upload(&lane, &[1u32, 2]);
        let b = upload(&lane, &[10u32, 20]);
        let c = upload(&lane, &[0u32; 2]);
        let run = |scale, memories: &[&Memory]| {
            launch(&lane, &program, &source, &add_parameters(2, scale), memories, range(2)).wait().unwrap();
        };
        run(1, &[&a, &b, &c]);
        assert_eq!(download::<u32>(&lane, &c, 2), [11, 22]);
        run(2, &[&a, &b, &c]);
        assert_eq!(download::<u32>(&lane, &c, 2), [22, 44]);
        run(2, &[&a, &a, &c]);
        assert_eq!(download::<u32>(&lane, &c, 2), [4, 8]);
        // A driver may give a new buffer the handle of a released one; the argument must follow all the same.
        for value in 0..20u32 {
            let fresh = upload(&lane, &[value; 2]);
            run(1, &[&fresh, &fresh, &c]);
            assert_eq!(download::<u32>(&lane, &c, 2), [2 * value; 2], "{}", lane.device());
        }
        run(1, &[&a, &b, &c]);
        let before = lane.driver_calls();
        let signal = launch(&lane, &program, &source, &add_parameters(2, 1), &[&a, &b, &c], range(2));
        assert_eq!(lane.driver_calls() - before, 1, "only the enqueue");
        signal.wait().unwrap();
    }
}

#[test]
#[serial]
fn empty_launch_is_complete_without_a_call_of_the_driver() {
    for lane in lanes() {
        let source = add();
        let program = lane.compile(&source).unwrap();
        let a = upload(&lane, &[1u32]);
        let before = lane.driver_calls();
        let shape = LaunchShape { kind: ShapeKind::Range(2), global: [1, 0, 5], local: [1; 3] };
        let signal = launch(&lane, &program, &source, &add_parameters(0, 1), &[&a, &a, &a], shape);
        assert!(signal.poll().unwrap());
        assert_eq!(lane.driver_calls(), before);
    }
}

#[test]
#[serial]
fn nd_range_has_the_users_work_groups_in_falx_order() {
    let text = "
        kernel void groups(global uint *out) {
            const ulong at = get_global_id(1) * get_global_size(0) + get_global_id(0);
            out[at] = get_local_size(0) + 100 * get_local_size(1) + 10000 * get_group_id(1) + 1000000 * get_group_id(0);
        }";
    for lane in lanes() {
        let source = source("groups", text, 0, 1);
        let program = lane.compile(&source).unwrap();
        let out = upload(&lane, &[0u32; 16]);
        let shape = LaunchShape { kind: ShapeKind::NdRange(2), global: [1, 2, 8], local: [1, 1, 4] };
        launch(&lane, &program, &source, &ParameterBytes::new(), &[&out], shape).wait().unwrap();
        let expected: Vec<u32> =
            (0..16).map(|at| 4 + 100 + 10_000 * (at / 8) + 1_000_000 * (at % 8 / 4)).collect();
        assert_eq!(download::<u32>(&lane, &out, 16), expected, "{}", lane.device());
    }
}

#[test]
#[serial]
fn local_memory_is_as_large_as_asked_for() {
    let text = "
        kernel void reverse(global uint *out, local uint *tile) {
            const uint i = get_local_id(0);
            tile[i] = out[i];
            barrier(CLK_LOCAL_MEM_FENCE);
            out[i] = tile[get_local_size(0) - 1 - i];
        }";
    for lane in lanes() {
        let source = source("reverse", text, 0, 2);
        let program = lane.compile(&source).unwrap();
        let out = upload(&lane, &[1u32, 2, 3, 4]);
        let launch = Launch {
            program: &program,
            body: None,
            name: "reverse",
            signature: &source.signature,
            parameters: &ParameterBytes::new(),
            pointers: [Pointer::Memory(Cow::Borrowed(&out)), Pointer::Local(16)].into_iter().collect(),
            trap: None,
            print: None,
            print_words: 0,
            overflow: crate::kernel::Overflow::Wraps,
            has_barrier: false,
            shape: foreign::exactly(4, 4),
            slice: foreign::exactly(4, 4).whole(),
        };
        // SAFETY: the kernel takes these arguments.
        unsafe { lane.launch(&launch) }.unwrap().wait().unwrap();
        assert_eq!(download::<u32>(&lane, &out, 4), [4, 3, 2, 1], "{}", lane.device());
    }
}

/// Copies a box between memories of two extents in plain Rust.
fn copy_in_rust(
    from: &[u16],
    from_at: ([usize; 3], [usize; 3]),
    to: &mut [u16],
    to_at: ([usize; 3], [usize; 3]),
    part: [usize; 3],
) {
    let linear = |(origin, extent): ([usize; 3], [usize; 3]), at: [usize; 3]| {
        ((origin[0] + at[0]) * extent[1] + origin[1] + at[1]) * extent[2] + origin[2] + at[2]
    };
    for slow in 0..part[0] {
        for middle in 0..part[1] {
            for fast in 0..part[2] {
                let at = [slow, middle, fast];
                to[linear(to_at, at)] = from[linear(from_at, at)];
            }
        }
    }
}

#[test]
#[serial]
fn boxes_of_one_to_three_dimensions_arrive_where_they_should_and_nothing_else_changes() {
    let whole = [4, 5, 6];
    let other = [3, 7, 9];
    let cases = [
        ([0, 0, 0], [0, 0, 0], [1, 1, 4]),
        ([1, 2, 0], [0, 1, 2], [1, 3, 6]),
        ([1, 0, 0], [1, 2, 3], [2, 5, 6]),
        ([2, 1, 3], [0, 6, 1], [1, 1, 3]),
        ([1, 1, 1], [1, 2, 4], [2, 3, 4]),
        ([3, 4, 5], [2, 6, 8], [1, 1, 1]),
        ([0, 0, 0], [0, 0, 0], [0, 1, 1]),
    ];
    let from: Vec<u16> = (1..=120).collect();
    for lane in lanes() {
        for (from_origin, to_origin, part) in cases {
            let mut expected = vec![0u16; 189];
            copy_in_rust(&from, (from_origin, whole), &mut expected, (to_origin, other), part);
            let on_device = upload(&lane, &from);
            let mut on_host = vec![0u16; 189];
            let target = upload(&lane, &on_host);
            let second = upload(&lane, &on_host);
            let to_host = At::Host(on_host.as_mut_ptr().cast());
            for (source, destination) in [
                (At::Memory(&on_device), At::Memory(&target)),
                (At::Memory(&on_device), to_host),
                (At::Host(from.as_ptr().cast_mut().cast()), At::Memory(&second)),
            ] {
                let copy = CopyBox {
                    from: Place { at: source, origin: from_origin, extent: whole },
                    to: Place { at: destination, origin: to_origin, extent: other },
                    extent: part,
                    element_bytes: 2,
                };
                // SAFETY: both places hold the box, and outlive the wait.
                unsafe { lane.copy(&copy) }.unwrap().wait().unwrap();
            }
            assert_eq!(download::<u16>(&lane, &target, 189), expected, "device to device, {part:?}");
            assert_eq!(download::<u16>(&lane, &second, 189), expected, "host to device, {part:?}");
            assert_eq!(on_host, expected, "device to host, {part:?} on {}", lane.device());
        }
    }
}

#[test]
#[serial]
fn fill_writes_the_pattern_and_nothing_around_it() {
    for lane in lanes() {
        for pattern in [1usize, 2, 4, 8, 16] {
            let pattern: Vec<u8> = (1..=pattern as u8).collect();
            for (skip, repeat) in [(0usize, 1usize), (1, 5), (3, 1000), (5, 9000 / pattern.len())] {
                let (offset, size) = (skip * pattern.len(), repeat * pattern.len());
                let total = offset + size + 16;
                let memory = upload(&lane, &vec![0xffu8; total]);
                // SAFETY: the memory holds the range.
                unsafe { lane.fill(&memory, &pattern, offset, size) }.unwrap().wait().unwrap();
                let mut expected = vec![0xffu8; total];
                expected[offset..offset + size].copy_from_slice(&pattern.repeat(repeat));
                assert!(
                    download::<u8>(&lane, &memory, total) == expected,
                    "{pattern:?} at {offset}: {size} bytes"
                );
            }
        }
    }
}

#[test]
#[serial]
fn source_that_does_not_build_is_an_error_with_the_numbered_source_and_the_log() {
    for lane in lanes() {
        let text = "kernel void falx_broken(global int *a) {\n    a[0] = nonsense;\n}";
        let broken = Source { author: Author::Falx, ..source("broken", text, 0, 1) };
        let error = lane.compile(&broken).err().unwrap();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Build);
        assert!(text.contains("`broken`") && text.contains("bug of falx"), "{text}");
        assert!(text.contains("   2     a[0] = nonsense;"), "{text}");
        let log = text.split("the compiler's log:").nth(1).unwrap();
        // Oclgrind prints its log instead of handing it out.
        assert!(log.contains("nonsense") || lane.device().platform().name == "Oclgrind", "{text}");
        assert_eq!(error.source().unwrap().downcast_ref::<OpenClError>().unwrap().call, "clBuildProgram");
    }
}

#[test]
#[serial]
fn device_on_host_memory_works_in_place_at_every_element() {
    for lane in lanes().filter(|lane| lane.device().memory() == MemoryId::HOST) {
        let source = add();
        let program = lane.compile(&source).unwrap();
        let mut host = vec![1u32; 1000];
        for skip in [0, 1, 3, 15, 17] {
            let part = &mut host[skip..skip + 100];
            // SAFETY: `host` outlives the memory, and nobody else uses it before the wait.
            let memory = unsafe { lane.adopt(part.as_mut_ptr().cast(), 400) }.unwrap();
            let parameters = add_parameters(100, 1);
            part.fill(21);
            launch(&lane, &program, &source, &parameters, &[&memory, &memory, &memory], range(100))
                .wait()
                .unwrap();
            assert_eq!(host[skip..skip + 100], [42; 100], "{} at element {skip}", lane.device());
        }
        let mut bytes = vec![0u8; 10_000];
        // SAFETY: as above.
        let memory = unsafe { lane.adopt(bytes[1..].as_mut_ptr(), 9_999) }.unwrap();
        // SAFETY: the memory holds the range.
        unsafe { lane.fill(&memory, &[9], 2, 9_000) }.unwrap().wait().unwrap();
        assert_eq!(bytes.iter().filter(|&&byte| byte == 9).count(), 9_000);
        assert_eq!((bytes[2], bytes[3], bytes[9_002], bytes[9_003]), (0, 9, 9, 0));
    }
}

#[test]
#[serial]
fn a_part_of_memory_is_memory_of_its_own_and_keeps_the_whole() {
    for lane in lanes() {
        let Some(alignment) = lane.device().limits().memory_alignment_bytes else { continue };
        assert!(alignment.is_multiple_of(128), "{alignment}");
        let whole = upload(&lane, &vec![5u32; alignment]);
        let part = lane.part(&whole, alignment, alignment).unwrap();
        let n = alignment / 4;
        let (source, parameters) = (add(), add_parameters(n as u64, 3));
        let program = lane.compile(&source).unwrap();
        launch(&lane, &program, &source, &parameters, &[&part, &part, &part], range(n)).wait().unwrap();
        let found = download::<u32>(&lane, &whole, alignment);
        let changed: Vec<_> = (0..alignment).filter(|&index| found[index] != 5).collect();
        assert_eq!(changed, (n..2 * n).collect::<Vec<_>>(), "{}", lane.device());
        drop(whole);
        // SAFETY: the memory holds the range.
        unsafe { lane.fill(&part, &[7; 4], 0, 8) }.unwrap().wait().unwrap();
        assert_eq!(download::<u32>(&lane, &part, 3), [0x0707_0707, 0x0707_0707, found[n]]);
        let error = lane.part(&part, 0, 2 * alignment).err().unwrap();
        assert!(error.to_string().contains(&format!("{} bytes from 0", 2 * alignment)), "{error}");
    }
}

#[test]
#[serial]
fn two_devices_share_one_piece_of_host_memory_without_a_copy() {
    let lanes: Vec<_> = lanes().filter(|lane| lane.device().memory() == MemoryId::HOST).collect();
    let mut host = vec![1u32; 64];
    let source = add();
    for lane in lanes.iter().chain(&lanes) {
        let program = lane.compile(&source).unwrap();
        // SAFETY: `host` outlives the memory, and is read only after the wait.
        let memory = unsafe { lane.adopt(host.as_mut_ptr().cast(), 256) }.unwrap();
        let parameters = add_parameters(64, 1);
        launch(lane, &program, &source, &parameters, &[&memory, &memory, &memory], range(64)).wait().unwrap();
    }
    assert_eq!(host, [1 << (2 * lanes.len()); 64]);
}

#[test]
#[serial]
fn known_runtimes_work_in_place_or_copy_as_they_are_known_to() {
    if std::env::var_os("FALX_MEMORY").is_some() {
        return println!("skipped: FALX_MEMORY is set");
    }
    for found in devices() {
        let in_place = found.device.memory() == MemoryId::HOST;
        match found.device.platform().name.as_str() {
            "Portable Computing Language" => assert!(in_place),
            name if name.starts_with("Intel(R) OpenCL") => assert!(in_place),
            "Oclgrind" => assert!(!in_place),
            _ => {}
        }
    }
}

#[test]
#[serial]
fn profile_is_there_when_asked_for_and_in_order() {
    for found in devices() {
        for profiling in [true, false] {
            let lane = found.open(LaneOptions { profiling }).unwrap();
            let memory = upload(&lane, &[0u8; 4096]);
            // SAFETY: the memory holds the range.
            let signal = unsafe { lane.fill(&memory, &[1], 0, 4096) }.unwrap();
            signal.wait().unwrap();
            let Some(profile) = signal.profile() else {
                assert!(!profiling, "{}", found.device);
                continue;
            };
            assert!(profiling);
            assert!(profile.submit_nanoseconds <= profile.start_nanoseconds, "{profile:?}");
            assert!(profile.start_nanoseconds <= profile.end_nanoseconds, "{profile:?}");
        }
    }
}

#[test]
#[serial]
fn memory_of_another_device_is_refused_before_the_driver_sees_it() {
    let lanes: Vec<_> = lanes().collect();
    let [first, second, ..] = lanes.as_slice() else { return println!("skipped: fewer than two devices") };
    let memory = first.allocate(16).unwrap();
    // SAFETY: the memory holds the range.
    let error = unsafe { second.fill(&memory, &[1], 0, 16) }.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::BackendMismatch);
}

#[test]
#[serial]
fn allocation_beyond_the_device_is_an_error_that_names_size_and_device() {
    for lane in lanes().filter(|lane| lane.device().platform().name != "Oclgrind") {
        let error = lane.allocate(usize::MAX / 2).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation, "{error:?}");
        assert!(error.to_string().contains(&format!("{} bytes", usize::MAX / 2)), "{error}");
        assert!(error.to_string().contains(lane.device().name()), "{error}");
    }
}

#[test]
#[serial]
fn kernel_of_another_device_is_refused_before_the_driver_sees_it() {
    let lanes: Vec<_> = lanes().collect();
    let [first, second, ..] = lanes.as_slice() else { return println!("skipped: fewer than two devices") };
    let source = add();
    let program = first.compile(&source).unwrap();
    let launch = Launch {
        program: &program,
        body: None,
        name: "add",
        signature: &source.signature,
        parameters: &add_parameters(1, 1),
        pointers: SmallVec::new(),
        trap: None,
        print: None,
        print_words: 0,
        overflow: crate::kernel::Overflow::Wraps,
        has_barrier: false,
        shape: range(1),
        slice: range(1).whole(),
    };
    // SAFETY: the kernel is not launched.
    let error = unsafe { second.launch(&launch) }.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::BackendMismatch);
}

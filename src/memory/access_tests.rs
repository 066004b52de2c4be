//! What an accessor does inside a kernel on the host, without a device.

use super::accessor::{Accessor, LocalAccessor, Read, ReadWrite, Write};
use super::element::Element;
use crate::geometry::{Id, Range};
use crate::kernel::tree::Site;
use crate::kernel::twin::{Atomic, Capture, Environment, Load, Store, View};
use crate::kernel::{
    Argument, DeviceType, Failure, Scalar, Space, TrapCell, Type, ViewShape, enter, set_item,
};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ptr;

static SITE: Site = Site { file: "kernel.rs", line: 7, column: 3, subject: "a" };

fn accessor<T, const D: usize, M>(view: ViewShape) -> Accessor<'static, T, D, M> {
    Accessor {
        group: 1,
        requirement: 2,
        view,
        pointer: ptr::null_mut(),
        requirements: ptr::null(),
        brand: PhantomData,
    }
}

fn local<T, const D: usize>(view: ViewShape) -> LocalAccessor<'static, T, D> {
    LocalAccessor { group: 1, view, pointer: ptr::null_mut(), brand: PhantomData }
}

/// Runs `work` as work-item 5 with `data` as the memory of argument 0; returns what was reported.
fn with_memory<T>(data: &mut [T], work: impl FnOnce(&Environment<'_>)) -> Option<(u64, Failure)> {
    let trap = TrapCell::default();
    let views = [Some(View { pointer: data.as_mut_ptr().cast(), size_bytes: size_of_val(data) })];
    enter(&trap, || {
        set_item(5);
        work(&Environment { views: &views, trap: &trap, slots: &[] });
    });
    trap.take()
}

fn index_failure<const D: usize>(index: [u64; D], length: [u64; D]) -> Option<(u64, Failure)> {
    let padded = |values: [u64; D]| std::array::from_fn(|d| values.get(d).copied().unwrap_or(0));
    Some((5, Failure::Index { site: &SITE, dimensions: D, index: padded(index), length: padded(length) }))
}

fn assert_round_trip<T: Element + PartialEq + Debug>(first: T, second: T) {
    let mut data = [T::zeroed(); 3];
    let view = ViewShape::whole(Range([3]));
    let failure = with_memory(&mut data, |environment| {
        let mut write = accessor::<T, 1, super::mode::Write>(view).bind(environment, 0);
        write.store(0, first, &SITE);
        write.store([2], second, &SITE);
        let read = accessor::<T, 1, super::mode::Read>(view).bind(environment, 0);
        assert_eq!([read.load(0, &SITE), read.load(Id([2]), &SITE)], [first, second]);
    });
    assert_eq!((data, failure), ([first, T::zeroed(), second], None));
}

#[test]
fn elements_of_every_type_come_back_as_they_were_stored() {
    assert_round_trip(i8::MIN, 3);
    assert_round_trip(i16::MIN, 3);
    assert_round_trip(i32::MIN, 3);
    assert_round_trip(i64::MIN, 3);
    assert_round_trip(u8::MAX, 3);
    assert_round_trip(u16::MAX, 3);
    assert_round_trip(u32::MAX, 3);
    assert_round_trip(u64::MAX, 3);
    assert_round_trip(isize::MIN, 3);
    assert_round_trip(usize::MAX, 3);
    assert_round_trip(f32::MIN_POSITIVE, -1.5);
    assert_round_trip(f64::MIN_POSITIVE, -1.5);
    assert_round_trip([1u8, 2, 3], [255, 254, 253]);
    assert_round_trip([1.0f32, -2.0, 3.5], [f32::MAX, 0.0, -0.25]);
    assert_round_trip([[1u16, 2], [3, 4]], [[5, 6], [7, u16::MAX]]);
    assert_round_trip([1u64; 0], []);
}

#[test]
fn a_not_a_number_keeps_its_bits() {
    let mut data = [0.0f32];
    let bits = 0x7fc1_2345;
    with_memory(&mut data, |environment| {
        let mut place =
            accessor::<f32, 1, super::mode::ReadWrite>(ViewShape::whole(Range([1]))).bind(environment, 0);
        place.store(0, f32::from_bits(bits), &SITE);
        assert_eq!(place.load(0, &SITE).to_bits(), bits);
    });
    assert_eq!(data[0].to_bits(), bits);
}

#[test]
fn a_view_reaches_its_own_elements_and_no_others() {
    // A box of 2 x 2 x 3 elements at (1, 2, 1) of a buffer of 4 x 5 x 6.
    let view = ViewShape { dimensions: 3, extent: [2, 2, 3], stride: [30, 6, 1], base: 30 + 12 + 1 };
    let mut data: Vec<u32> = (0..120).collect();
    let failure = with_memory(&mut data, |environment| {
        let mut place = accessor::<u32, 3, super::mode::ReadWrite>(view).bind(environment, 0);
        for (plane, row, column) in [(0, 0, 0), (0, 1, 2), (1, 0, 1), (1, 1, 2)] {
            let expected = ((1 + plane) * 30 + (2 + row) * 6 + 1 + column) as u32;
            assert_eq!(place.load([plane, row, column], &SITE), expected);
            assert_eq!(place.load(Id([plane, row, column]), &SITE), expected);
        }
        for plane in 0..2 {
            for row in 0..2 {
                for column in 0..3 {
                    place.store([plane, row, column], 1000, &SITE);
                }
            }
        }
    });
    assert_eq!(failure, None);
    for (position, &value) in (0u32..).zip(&data) {
        let [plane, row, column] = [position / 30, position / 6 % 5, position % 6];
        let inside = (1..3).contains(&plane) && (2..4).contains(&row) && (1..4).contains(&column);
        assert_eq!(value, if inside { 1000 } else { position }, "at {position}");
    }
}

#[test]
fn a_view_of_two_dimensions_skips_what_lies_between_its_rows() {
    let view = ViewShape { dimensions: 2, extent: [2, 2, 1], stride: [3, 1, 1], base: 1 };
    let mut data = [0u8, 1, 2, 3, 4, 5];
    with_memory(&mut data, |environment| {
        let read = accessor::<u8, 2, super::mode::Read>(view).bind(environment, 0);
        assert_eq!([[0, 0], [0, 1], [1, 0], [1, 1]].map(|index| read.load(index, &SITE)), [1, 2, 4, 5]);
    });
}

#[test]
fn a_bad_index_is_reported_with_its_values_and_touches_nothing() {
    let mut data = [7i32; 6];
    let view = ViewShape::whole(Range([2, 3]));
    let read = with_memory(&mut data, |environment| {
        let read = accessor::<i32, 2, super::mode::Read>(view).bind(environment, 0);
        assert_eq!(read.load([0, 3], &SITE), 0);
    });
    assert_eq!(read, index_failure([0, 3], [2, 3]));
    let write = with_memory(&mut data, |environment| {
        let mut write = accessor::<i32, 2, super::mode::Write>(view).bind(environment, 0);
        write.store(Id([usize::MAX, 0]), 1, &SITE);
    });
    assert_eq!(write, index_failure([u64::MAX, 0], [2, 3]));
    assert_eq!(data, [7; 6]);
}

/// An accessor over `view` bound to `data` must neither read nor write.
fn assert_unusable<T: Element + PartialEq + Debug>(data: &mut [T], view: ViewShape) {
    let failure = with_memory(data, |environment| {
        let mut place = accessor::<T, 1, super::mode::ReadWrite>(view).bind(environment, 0);
        place.store(1, T::zeroed(), &SITE);
        assert_eq!(place.load(1, &SITE), T::zeroed());
    });
    assert_eq!(failure, index_failure([1], [0]));
}

#[test]
fn an_accessor_that_does_not_fit_its_memory_is_unusable() {
    let whole = ViewShape::whole(Range([4]));
    assert_unusable(&mut [1u32; 3], whole);
    assert_unusable(&mut [1u32; 4], ViewShape { base: 1, ..whole });
    assert_unusable(&mut [1u32; 4], ViewShape { base: usize::MAX, ..whole });
    assert_unusable(&mut [1u32; 4], ViewShape { stride: [usize::MAX / 2; 3], ..whole });
}

#[test]
fn an_accessor_that_was_never_bound_or_whose_memory_is_misaligned_is_unusable() {
    let view = ViewShape::whole(Range([2]));
    let mut bytes = [1u64; 4];
    let failure = with_memory(&mut bytes, |environment| {
        let memory = environment.views[0].as_ref().map(|view| view.pointer).unwrap();
        let views = [Some(View { pointer: memory.wrapping_add(2), size_bytes: 24 }), None];
        let environment = Environment { views: &views, trap: environment.trap, slots: &[] };
        let read = accessor::<u32, 1, super::mode::Read>(view);
        assert_eq!(read.load(1, &SITE), 0);
        assert_eq!([0, 1, 2].map(|position| read.bind(&environment, position).load(1, &SITE)), [0; 3]);
    });
    assert_eq!(failure, index_failure([1], [0]));
}

#[test]
fn an_empty_accessor_has_no_element() {
    let failure = with_memory::<u32>(&mut [], |environment| {
        let read = accessor::<u32, 1, super::mode::Read>(ViewShape::whole(Range([0]))).bind(environment, 0);
        assert_eq!(read.load(0, &SITE), 0);
    });
    assert_eq!(failure, index_failure([0], [0]));
}

macro_rules! assert_atomics {
    ($ty:ty) => {{
        let mut data: [$ty; 2] = [0, 12];
        let view = ViewShape::whole(Range([2]));
        let failure = with_memory(&mut data, |environment| {
            let place = accessor::<$ty, 1, super::mode::ReadWrite>(view).bind(environment, 0);
            let element = place.atomic(1, &SITE);
            assert_eq!(element.fetch_add(3), 12);
            assert_eq!(element.fetch_sub(1), 15);
            assert_eq!(element.fetch_min(9), 14);
            assert_eq!(element.fetch_max(10), 9);
            assert_eq!(element.fetch_and(6), 10);
            assert_eq!(element.fetch_or(5), 2);
            assert_eq!(element.fetch_xor(1), 7);
            assert_eq!(element.swap(<$ty>::MAX), 6);
            assert_eq!(element.fetch_add(1), <$ty>::MAX);
            assert_eq!(element.load(), <$ty>::MIN);
            local::<$ty, 1>(view).bind(environment, 0).atomic(Id([0]), &SITE).store(5);
        });
        assert_eq!((data, failure), ([5, <$ty>::MIN], None));
    }};
}

#[test]
fn atomic_operations_return_the_old_value_and_wrap_around() {
    assert_atomics!(i32);
    assert_atomics!(u32);
    assert_atomics!(i64);
    assert_atomics!(u64);
}

#[test]
fn an_atomic_operation_at_a_bad_index_does_nothing() {
    let mut data = [3u32; 2];
    let failure = with_memory(&mut data, |environment| {
        let place =
            accessor::<u32, 1, super::mode::ReadWrite>(ViewShape::whole(Range([2]))).bind(environment, 0);
        let nothing = place.atomic([2], &SITE);
        nothing.store(9);
        assert_eq!((nothing.fetch_add(1), nothing.swap(1), nothing.load()), (0, 0, 0));
    });
    assert_eq!((data, failure), ([3, 3], index_failure([2], [2])));
}

#[test]
fn accessors_say_what_they_are_and_how_they_travel() {
    assert_eq!(Read::<'_, f32>::describe(), accessor_type(Scalar::F32, 1, crate::kernel::AccessMode::Read));
    assert_eq!(
        Write::<'_, u8, 2>::describe(),
        accessor_type(Scalar::U8, 2, crate::kernel::AccessMode::Write)
    );
    assert_eq!(
        ReadWrite::<'_, i64, 3>::describe(),
        accessor_type(Scalar::I64, 3, crate::kernel::AccessMode::ReadWrite)
    );
    let view = ViewShape::whole(Range([3, 5]));
    let Argument::Global { group: 1, requirement: 2, view: travelled, .. } =
        accessor::<u8, 2, super::mode::Read>(view).argument()
    else {
        panic!("an accessor travels as a global argument");
    };
    assert_eq!(travelled, view);
    let Argument::Local { size_bytes, .. } = local::<u64, 2>(view).argument() else {
        panic!("a local accessor travels as local memory");
    };
    assert_eq!(size_bytes, 120);
}

fn accessor_type(element: Scalar, dimensions: usize, mode: crate::kernel::AccessMode) -> Type {
    Type::Accessor { element: Box::new(Type::Scalar(element)), dimensions, mode, space: Space::Global }
}

fn bytes(value: impl Capture) -> Vec<u8> {
    match value.argument() {
        Argument::Value(bytes) => bytes.to_vec(),
        other => panic!("not a value: {other:?}"),
    }
}

#[test]
fn numbers_travel_as_the_bytes_that_a_device_expects() {
    assert_eq!(bytes(true), [1]);
    assert_eq!(bytes(-2i16), (-2i16).to_ne_bytes());
    assert_eq!(bytes(1.5f64), 1.5f64.to_ne_bytes());
    assert_eq!(bytes(7usize), 7u64.to_ne_bytes());
    assert_eq!(bytes(-7isize), (-7i64).to_ne_bytes());
    assert_eq!(bytes([[true, false], [false, true]]), [1, 0, 0, 1]);
    assert_eq!(bytes([1u16, 2]), [1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat());
    assert_eq!(bytes(Id([3, 4])), [3u64.to_ne_bytes(), 4u64.to_ne_bytes()].concat());
    assert_eq!(bytes(Range([9])), 9u64.to_ne_bytes());
}

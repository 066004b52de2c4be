//! How values compare: `Ordering`, and the methods that give one or ask it, as device functions: what Rust's own mean.

use super::Argument;
use super::capture::{DeviceValue, ValueBytes, value_argument};
use super::instance::Instance;
use super::overload::Seen;
use super::twin::{Capture, Words};
use super::types::{DeviceType, Type, Witness};
use falx_macros::device;
use std::cmp::Ordering;

#[diagnostic::do_not_recommend]
impl DeviceType for Ordering {
    type Erased = Self;
    fn describe() -> Type {
        let variants = [("Less", -1, Vec::new()), ("Equal", 0, Vec::new()), ("Greater", 1, Vec::new())];
        Type::enumeration("Ordering", true, true, variants)
    }
    #[inline(always)]
    fn zero() -> Self {
        Ordering::Less
    }
    fn append_words(value: Self, words: &mut Words) {
        u32::append_words(position(value), words);
    }
}

/// The position of the variant among all.
fn position(value: Ordering) -> u32 {
    match value {
        Ordering::Less => 0,
        Ordering::Equal => 1,
        Ordering::Greater => 2,
    }
}

#[diagnostic::do_not_recommend]
impl DeviceValue for Ordering {
    const SIZE_BYTES: usize = u32::SIZE_BYTES;
    const ALIGNMENT: usize = u32::ALIGNMENT;
    fn append(&self, bytes: &mut ValueBytes) {
        bytes.push(&position(*self));
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the type is nothing but a value, which has no lifetime.
unsafe impl Capture for Ordering {
    fn argument(&self) -> Argument {
        value_argument(self)
    }
}

/// The methods of `Ordering`.
#[device]
pub trait OrderingMethods {
    /// `Ordering::is_eq`
    fn is_eq(self) -> bool;
    /// `Ordering::is_ne`
    fn is_ne(self) -> bool;
    /// `Ordering::is_lt`
    fn is_lt(self) -> bool;
    /// `Ordering::is_gt`
    fn is_gt(self) -> bool;
    /// `Ordering::is_le`
    fn is_le(self) -> bool;
    /// `Ordering::is_ge`
    fn is_ge(self) -> bool;
    /// `Ordering::reverse`
    fn reverse(self) -> Ordering;
    /// `Ordering::then`
    fn then(self, other: Ordering) -> Ordering;
    /// `Ordering::then_with`
    fn then_with<F: FnOnce() -> Ordering>(self, other: F) -> Ordering;
}

#[device]
impl OrderingMethods for Ordering {
    fn is_eq(self) -> bool {
        self == Ordering::Equal
    }
    fn is_ne(self) -> bool {
        self != Ordering::Equal
    }
    fn is_lt(self) -> bool {
        self == Ordering::Less
    }
    fn is_gt(self) -> bool {
        self == Ordering::Greater
    }
    fn is_le(self) -> bool {
        self != Ordering::Greater
    }
    fn is_ge(self) -> bool {
        self != Ordering::Less
    }
    fn reverse(self) -> Ordering {
        match self {
            Ordering::Less => Ordering::Greater,
            Ordering::Equal => Ordering::Equal,
            Ordering::Greater => Ordering::Less,
        }
    }
    fn then(self, other: Ordering) -> Ordering {
        if self == Ordering::Equal { other } else { self }
    }
    fn then_with<F: FnOnce() -> Ordering>(self, other: F) -> Ordering {
        if self == Ordering::Equal { other() } else { self }
    }
}

/// `one.cmp(other)`
#[device]
pub fn compared<T: DeviceValue + Ord>(one: &T, other: &T) -> Ordering {
    if *one < *other {
        Ordering::Less
    } else if *other < *one {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

/// `one.partial_cmp(other)`
#[device]
pub fn partially_compared<T: DeviceValue + PartialOrd>(one: &T, other: &T) -> Option<Ordering> {
    if *one < *other {
        Some(Ordering::Less)
    } else if *one > *other {
        Some(Ordering::Greater)
    } else if *one == *other {
        Some(Ordering::Equal)
    } else {
        None
    }
}

macro_rules! totally_compared {
    ($($name:ident $float:ident $integer:ident $unsigned:ident;)*) => { $(
        /// `one.total_cmp(other)`; on the host a kernel calls Rust's own.
        #[allow(dead_code)]
        #[device]
        pub fn $name(one: &$float, other: &$float) -> Ordering {
            // Of two negative floats the one with the larger magnitude is the smaller.
            let (one, other) = (one.to_bits() as $integer, other.to_bits() as $integer);
            let one = one ^ ((one >> ($integer::BITS - 1)) as $unsigned >> 1) as $integer;
            let other = other ^ ((other >> ($integer::BITS - 1)) as $unsigned >> 1) as $integer;
            if one < other {
                Ordering::Less
            } else if other < one {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        }

        impl TotalComparison for $float {
            type Compared = $name;
        }
    )* };
}
totally_compared! {
    totally_compared_f32 f32 i32 u32;
    totally_compared_f64 f64 i64 u64;
}

/// Ties a witness to the device function of `total_cmp`.
pub trait TotalComparison {
    /// The device function.
    type Compared;
    /// Does nothing else.
    fn total_cmp_falx(
        &self,
        _witness: Witness<Instance<Self::Compared, ()>>,
        _given: (Seen<impl Sized>, impl Sized),
        _result: &Ordering,
    ) {
    }
}

/// Ties a witness to the device function of `Ord::cmp`. Only types that have it have this, too, so that others may have a `cmp` of
/// their own.
pub trait Comparison: DeviceValue {
    /// The device function.
    fn cmp_falx(
        &self,
        _witness: Witness<Instance<compared, (Self,)>>,
        _given: (Seen<impl Sized>, impl Sized),
        _result: &Ordering,
    ) {
    }
}

/// Ties a witness to the device function of `PartialOrd::partial_cmp`.
pub trait PartialComparison: DeviceValue {
    /// The device function.
    fn partial_cmp_falx(
        &self,
        _witness: Witness<Instance<partially_compared, (Self,)>>,
        _given: (Seen<impl Sized>, impl Sized),
        _result: &Option<Ordering>,
    ) {
    }
}

impl<T: DeviceValue + PartialOrd> PartialComparison for T {}
impl<T: DeviceValue + Ord> Comparison for T {}

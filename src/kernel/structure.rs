//! The conditions that `#[device] struct` puts on its impls, and what they say where they do not hold.
//!
//! Each has a lifetime that stands for nothing: rustc checks a condition without parameters where it is written, and one
//! with a bound lifetime only where somebody relies on it.

use super::capture::DeviceValue;
use super::types::DeviceType;

/// A type that a field of a captured struct has.
pub trait FieldValue<'a>: DeviceValue {}
impl<T: DeviceValue> FieldValue<'_> for T {}

/// A struct that is a type of the kernel language.
pub trait Described<'a>: DeviceType<Erased = Self> {}
impl<T: DeviceType<Erased = T>> Described<'_> for T {}

/// As many bytes of a struct as belong to no field.
pub struct Gap<'a, const BYTES: usize>(std::marker::PhantomData<&'a ()>);

/// Holds for a gap of no bytes.
#[diagnostic::on_unimplemented(
    message = "a buffer cannot hold `{S}`, which has bytes between or behind its fields that belong to none of them",
    label = "has gaps between its fields",
    note = "sort the fields by their alignment, the largest first, and fill what is left with a field such as `_unused: [u8; 4]`"
)]
pub trait Closed<S> {}
impl<S> Closed<S> for Gap<'_, 0> {}

/// The fields of a generic struct, which have different types.
pub struct Mixed<'a>(std::marker::PhantomData<&'a ()>);

/// Holds for no struct.
#[diagnostic::on_unimplemented(
    message = "a buffer cannot hold the generic struct `{S}`, because its fields are of several types, between which there may be gaps",
    label = "a generic struct with fields of several types",
    note = "give all fields one type, or make the struct one without type parameters"
)]
pub trait Uniform<S> {}

//! Enums: how they are described, and the two of the standard library that kernels have, `Option` and `Result`.
//!
//! An enum is a struct whose first field, the tag, is the position of the variant; the fields of all variants follow. Those
//! of the other variants are zero.

use super::Argument;
use super::capture::{DeviceValue, ValueBytes, struct_alignment, struct_size, value_argument};
use super::message::{Message, Piece};
use super::tree::Site;
use super::twin::{Capture, Shown, Words, panic};
use super::types::{Aggregate, DeviceType, Member, Scalar, Type, Variant};
use std::sync::Arc;

/// A variant of an enum: its name, its discriminant, and its fields by name and type.
pub type Described = (&'static str, i128, Vec<(&'static str, Type)>);

impl Type {
    /// An enum.
    pub fn enumeration(
        name: &'static str,
        is_comparable: bool,
        is_ordered: bool,
        described: impl IntoIterator<Item = Described>,
    ) -> Type {
        let mut fields = vec![Member { name: "tag", ty: Type::Scalar(Scalar::U32) }];
        let mut variants = Vec::new();
        for (name, discriminant, own) in described {
            let positions = own.into_iter().map(|(field, ty)| {
                // What a field of one variant is called may be the name of another's field, too.
                let is_position = field.starts_with(|first: char| first.is_ascii_digit());
                fields.push(Member { name: if is_position { name } else { field }, ty });
                (field, fields.len() - 1)
            });
            let positions = positions.collect();
            variants.push(Variant { name, discriminant, fields: positions });
        }
        Type::Aggregate(Arc::new(Aggregate { name: Some(name), fields, variants, is_comparable, is_ordered }))
    }

    /// `Option<value>`
    pub fn option(value: Type) -> Type {
        Type::enumeration("Option", true, true, [("None", 0, Vec::new()), ("Some", 1, vec![("0", value)])])
    }

    /// `Result<value, error>`
    pub fn result(value: Type, error: Type) -> Type {
        Type::enumeration(
            "Result",
            true,
            true,
            [("Ok", 0, vec![("0", value)]), ("Err", 1, vec![("0", error)])],
        )
    }

    /// What an enum is made of; `None` for every other type.
    pub fn enumerated(&self) -> Option<&Aggregate> {
        match self {
            Type::Aggregate(aggregate) if !aggregate.variants.is_empty() => Some(aggregate),
            _ => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceValue> DeviceType for Option<T> {
    type Erased = Self;
    fn describe() -> Type {
        Type::option(T::describe())
    }
    #[inline(always)]
    fn zero() -> Self {
        None
    }
    fn append_words(value: Self, words: &mut Words) {
        u32::append_words(u32::from(value.is_some()), words);
        T::append_words(value.unwrap_or_else(T::zero), words);
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceValue> DeviceValue for Option<T> {
    const SIZE_BYTES: usize = struct_size(&[(4, 4), (T::SIZE_BYTES, T::ALIGNMENT)]);
    const ALIGNMENT: usize = struct_alignment(&[(4, 4), (T::SIZE_BYTES, T::ALIGNMENT)]);
    fn append(&self, bytes: &mut ValueBytes) {
        bytes.push(&u32::from(self.is_some()));
        bytes.push(&self.unwrap_or_else(T::zero));
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the type is nothing but values, which have no lifetimes.
unsafe impl<T: DeviceValue> Capture for Option<T> {
    fn argument(&self) -> Argument {
        value_argument(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceValue, E: DeviceValue> DeviceType for Result<T, E> {
    type Erased = Self;
    fn describe() -> Type {
        Type::result(T::describe(), E::describe())
    }
    #[inline(always)]
    fn zero() -> Self {
        Ok(T::zero())
    }
    fn append_words(value: Self, words: &mut Words) {
        u32::append_words(u32::from(value.is_err()), words);
        T::append_words(value.unwrap_or_else(|_| T::zero()), words);
        E::append_words(value.err().unwrap_or_else(E::zero), words);
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceValue, E: DeviceValue> DeviceValue for Result<T, E> {
    const SIZE_BYTES: usize =
        struct_size(&[(4, 4), (T::SIZE_BYTES, T::ALIGNMENT), (E::SIZE_BYTES, E::ALIGNMENT)]);
    const ALIGNMENT: usize =
        struct_alignment(&[(4, 4), (T::SIZE_BYTES, T::ALIGNMENT), (E::SIZE_BYTES, E::ALIGNMENT)]);
    fn append(&self, bytes: &mut ValueBytes) {
        bytes.push(&u32::from(self.is_err()));
        bytes.push(&self.unwrap_or_else(|_| T::zero()));
        bytes.push(&self.err().unwrap_or_else(E::zero));
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the type is nothing but values, which have no lifetimes.
unsafe impl<T: DeviceValue, E: DeviceValue> Capture for Result<T, E> {
    fn argument(&self) -> Argument {
        value_argument(self)
    }
}

/// What `unwrap` and `expect` say; the site's subject has the words.
pub static NOTHING_INSIDE: Message = Message { pieces: &[Piece::Subject] };

/// What has a value inside, or none.
pub trait Unwrap {
    /// The value.
    type Inside;
    /// The value, if there is one.
    fn inside(self) -> Option<Self::Inside>;
}

impl<T> Unwrap for Option<T> {
    type Inside = T;
    #[inline(always)]
    fn inside(self) -> Option<T> {
        self
    }
}

impl<T, E> Unwrap for Result<T, E> {
    type Inside = T;
    #[inline(always)]
    fn inside(self) -> Option<T> {
        self.ok()
    }
}

/// `value.unwrap()`
#[inline(always)]
pub fn unwrap<U: Unwrap>(value: U, site: &'static Site) -> U::Inside {
    match value.inside() {
        Some(inside) => inside,
        None => panic(site, &NOTHING_INSIDE, Shown::new()),
    }
}

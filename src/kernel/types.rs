//! Types that exist on a device, and the witnesses that learn them from rustc.
//!
//! An inference variable is shared between a function and its closures, so a [`Witness`] declared outside a kernel closure
//! and tied to a binding inside takes that binding's type, whatever decides it, and can be asked for it afterwards.
//!
//! # Types made of others
//!
//! | in Rust | as data | in OpenCL C |
//! |---|---|---|
//! | a vector, `F32x4` | [`Type::Vector`] | OpenCL's own vector, `float4`; a mask is a vector of `char`, 0 or -1 |
//! | `[T; N]` | [`Type::Array`] | `falx_T_N`, a struct around `T v[N]`, because C's own arrays are not assigned |
//! | a tuple | [`Type::Aggregate`] without a name | `falx_tuple_..`, fields `f0`, `f1`, .. |
//! | a `#[device] struct` | [`Type::Aggregate`] with its name | `struct Name`, fields under their own names |
//! | a `#[device] enum`, `Option`, `Result` | [`Type::Aggregate`] with its name and variants | `struct Name`, a `tag` and the fields of all variants |
//!
//! An aggregate is compared by what it says (name and fields), so instances of a generic struct are types of their own.
//! In lowered code a value of one is built by `Node::Components`, read by `Node::Field`, and stored into through
//! `Step::Field`, each with the field's position. [`Type::layout`] tells where the fields lie: as `#[repr(C)]` lays them
//! out, which is also OpenCL C's way. Only structs of which every byte belongs to a field are `Element`s and lie in
//! buffers; tuples, and whatever is private to a work-item, may be laid out as it pleases.
//!
//! What may be a field of a struct is a `DeviceValue`: data through and through, no accessor and no item. A type of a kind
//! of its own joins by implementing `DeviceType`, and `DeviceValue` where it may be captured or be a field.

use super::groups::Combination;
use super::instance::Callee;
use super::twin::{Arithmetic, Operation, ScalarBits, Words};
use crate::geometry::{Id, Range};
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

/// A scalar type of the kernel language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    /// `isize`: 64 bits wide on every device.
    Isize,
    /// `usize`: 64 bits wide on every device.
    Usize,
    /// Held as its bits, and computed with as `f32`.
    F16,
    F32,
    F64,
}

/// Which memory a pointer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// Seen by every work-item: buffers.
    Global,
    /// Shared by the work-items of one work-group.
    Local,
}

/// What a kernel may do through an accessor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum AccessMode {
    Read,
    Write,
    ReadWrite,
    Reduce(Reducing),
}

/// How a kernel combines values into the element of a buffer that is the work-item's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reducing {
    /// How two values become one.
    pub joining: Joining,
    /// Whether the element begins anew, as the value that changes nothing, and not as what it is.
    pub begins_anew: bool,
    /// Whether a run of neighbours may have one element together.
    pub by_runs: bool,
}

/// How many neighbouring results of a reduction become one.
pub const RUN: usize = 32;

/// How many work-items a work-group that falx chooses has at most, if they have places of their own in some memory.
pub const LARGEST_GROUP: usize = 512;

/// The rows and columns of the work-groups that falx chooses in two and three dimensions; smaller ones are those halved, any number
/// of times. One size, so that a new range never makes a driver compile again. Measured with an addition over 4096 x 4096
/// floats it is as fast as rows of 512; over a million rows of three it is four times as fast, since less is padded.
pub const TILE: [usize; 2] = [4, 64];

/// How much local memory a work-group's reductions take at most, unless a single run takes more.
const SLOTS_BYTES: usize = 16 * 1024;

/// How many work-items of a group leave their results in local memory at a time, if those of each are so large: whole runs.
pub fn n_slots(size_bytes: usize) -> usize {
    let room = (SLOTS_BYTES / size_bytes.max(1)).max(1);
    (1 << room.ilog2()).clamp(RUN, LARGEST_GROUP)
}

/// How two values of a reduction become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Joining {
    /// In a way that falx knows.
    Known(Combination),
    /// By the user's device function, which takes both.
    Function(Callee),
}

/// What a kernel's work-item parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// [`Id`]: the position alone.
    Id,
    /// `Item`: the position and the launch's range.
    Item,
    /// `NdItem`: the position in the launch and in its work-group.
    NdItem,
    /// `Group`: the work-group.
    Group,
    /// `SubGroup`: the sub-group, of one dimension.
    SubGroup,
}

/// A type of the kernel language, as data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `()`
    Unit,
    /// A number or `bool`.
    Scalar(Scalar),
    /// A short vector: the scalar and how many lanes.
    Vector(Scalar, usize),
    /// `[T; N]`
    Array(Box<Type>, usize),
    /// A tuple or a struct.
    Aggregate(Arc<Aggregate>),
    /// An [`Id`] of so many dimensions.
    Id(usize),
    /// A [`Range`] of so many dimensions.
    Range(usize),
    /// `Item` or `NdItem` of so many dimensions.
    Item(ItemKind, usize),
    /// An accessor: elements, dimensions, what may be done, where the memory is.
    Accessor {
        /// The element type.
        element: Box<Type>,
        /// The number of dimensions.
        dimensions: usize,
        /// What may be done.
        mode: AccessMode,
        /// Where the memory is.
        space: Space,
    },
    /// A specialization constant: a scalar whose value is known when the kernel is built.
    Specialized(Scalar),
    /// A reference to one element for atomic operations, as `accessor.atomic(index)` gives.
    Atomic(Scalar, Space),
    /// Some elements of an array or of an accessor.
    Slice(Box<Type>),
    /// One instance of a device function.
    Function(Callee),
}

/// A tuple or a struct as data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Aggregate {
    /// A struct's name in the source; a tuple has none.
    pub name: Option<&'static str>,
    /// What it consists of, in the order of declaration.
    pub fields: Vec<Member>,
    /// Of an enum its variants; the first field then says which one a value is, and the others hold what the variants do.
    pub variants: Vec<Variant>,
    /// Whether `==` compares its parts, as a derived `PartialEq` does.
    pub is_comparable: bool,
    /// Whether `<` compares its parts in their order, as a derived `PartialOrd` does.
    pub is_ordered: bool,
}

/// One variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Its name in the source.
    pub name: &'static str,
    /// What `as` makes of it.
    pub discriminant: i128,
    /// Its fields: their names, and their positions among those of the aggregate.
    pub fields: Vec<(&'static str, usize)>,
}

/// One field of an [`Aggregate`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its name in the source: `x`; `0` for the first of a tuple.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
}

/// A type that exists both in Rust and on a device.
///
/// At least two integer and two float types implement it, so that the bound never decides what an unsuffixed literal is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot exist on a device",
    label = "not a type of the kernel language",
    note = "kernels work on `bool`, the integers, `f16`, `f32`, `f64`, arrays and tuples of them, `#[device]` structs, ids, items and accessors"
)]
pub trait DeviceType: Copy {
    /// The same type with its lifetimes erased, so that a witness outlives what it witnessed.
    type Erased: DeviceType + 'static;
    /// Whether its operators are falx's, and not those of an impl.
    #[doc(hidden)]
    const IS_NUMBER: bool = false;
    /// The type as data.
    fn describe() -> Type;
    /// What an element reads as where there is none: all bits zero.
    fn zero() -> Self;

    /// The value's bits, zero-extended; zero for what is not a scalar.
    #[doc(hidden)]
    #[inline(always)]
    fn bits(value: Self) -> u64 {
        let _ = value;
        0
    }

    /// Appends the bits of the scalars that the value consists of, in order.
    #[doc(hidden)]
    fn append_words(value: Self, words: &mut Words) {
        words.push(Self::bits(value));
    }

    /// The scalar of these bits.
    #[doc(hidden)]
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        let _ = bits;
        Self::zero()
    }

    /// Whether the result of an operation that wraps does not fit.
    #[doc(hidden)]
    #[inline(always)]
    fn overflows(value: Self, operation: Operation<Self>) -> bool {
        let _ = (value, operation);
        false
    }

    /// The bits of a lane; a scalar has the same in every lane.
    #[doc(hidden)]
    #[inline(always)]
    fn lane_bits(value: Self, lane: usize) -> u64 {
        let _ = lane;
        Self::bits(value)
    }

    /// A value of this type as it is, or a scalar in every lane.
    #[doc(hidden)]
    #[inline(always)]
    fn widen<X: DeviceType>(value: X) -> Self {
        Self::from_bits(X::bits(value))
    }

    /// What `operation` makes of `value`; `None` for a division that has no result. Only scalars and vectors have
    /// operations: rustc rejects all others before this could be called.
    #[doc(hidden)]
    #[inline(always)]
    fn evaluate(value: Self, operation: Operation<Self>) -> Option<Self> {
        let _ = operation;
        Some(value)
    }
}

macro_rules! scalar_types {
    ($operations:ident: $($rust:ty => $scalar:ident),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl DeviceType for $rust {
            type Erased = $rust;
            const IS_NUMBER: bool = true;
            fn describe() -> Type {
                Type::Scalar(Scalar::$scalar)
            }
            #[inline(always)]
            fn zero() -> Self {
                <$rust>::default()
            }
            #[inline(always)]
            fn bits(value: Self) -> u64 {
                ScalarBits::bits(value)
            }
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                ScalarBits::from_bits(bits)
            }
            $operations!($rust);
        }
    )* };
}
macro_rules! no_operations {
    ($rust:ty) => {};
}
macro_rules! evaluated {
    ($rust:ty) => {
        #[inline(always)]
        fn evaluate(value: Self, operation: Operation<Self>) -> Option<Self> {
            Arithmetic::apply(value, operation)
        }
        #[inline(always)]
        fn overflows(value: Self, operation: Operation<Self>) -> bool {
            Arithmetic::overflows(value, operation)
        }
    };
}
scalar_types!(no_operations: bool => Bool);
scalar_types!(
    evaluated: i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32, u64 => U64,
    isize => Isize, usize => Usize, half::f16 => F16, f32 => F32, f64 => F64,
);

#[diagnostic::do_not_recommend]
impl DeviceType for () {
    type Erased = ();
    fn describe() -> Type {
        Type::Unit
    }
    fn zero() {}
    fn append_words(_value: Self, _words: &mut Words) {}
}

#[diagnostic::do_not_recommend]
impl<T: DeviceType> DeviceType for &[T] {
    type Erased = &'static [T::Erased];
    fn describe() -> Type {
        Type::Slice(Box::new(T::describe()))
    }
    fn zero() -> Self {
        &[]
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceType, const N: usize> DeviceType for [T; N] {
    type Erased = [T::Erased; N];
    fn describe() -> Type {
        Type::Array(Box::new(T::describe()), N)
    }
    #[inline(always)]
    fn zero() -> Self {
        [T::zero(); N]
    }
    fn append_words(value: Self, words: &mut Words) {
        value.into_iter().for_each(|element| T::append_words(element, words));
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> DeviceType for Id<D> {
    type Erased = Id<D>;
    fn describe() -> Type {
        Type::Id(D)
    }
    #[inline(always)]
    fn zero() -> Self {
        Id([0; D])
    }
    fn append_words(value: Self, words: &mut Words) {
        DeviceType::append_words(value.0, words);
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> DeviceType for Range<D> {
    type Erased = Range<D>;
    fn describe() -> Type {
        Type::Range(D)
    }
    #[inline(always)]
    fn zero() -> Self {
        Range([0; D])
    }
    fn append_words(value: Self, words: &mut Words) {
        DeviceType::append_words(value.0, words);
    }
}

/// Remembers the type of one binding. Zero-sized and `Copy`, so a `move` closure may take it along.
#[derive(Debug)]
pub struct Witness<T>(PhantomData<fn() -> T>);

impl<T> Clone for Witness<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Witness<T> {}

impl<T> Default for Witness<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Witness<T> {
    /// A witness that has seen nothing yet.
    pub const fn new() -> Self {
        Witness(PhantomData)
    }

    /// Ties this witness to the type of `value`. Called right after a binding, in a branch that never runs.
    #[inline(always)]
    pub fn note<V: DeviceType<Erased = T>>(self, value: &V) {
        let _ = value;
    }

    /// Ties this witness to the type of `value` and hands the value on: for literals and casts.
    #[inline(always)]
    pub fn pass<V: DeviceType<Erased = T>>(self, value: V) -> V {
        value
    }

    /// Ties this witness to a type.
    #[inline(always)]
    pub fn is<V: DeviceType<Erased = T>>(self) {}
}

/// A witness that has seen nothing yet, in few words, since there is one for nearly every token of a kernel.
pub const fn witness<T>() -> Witness<T> {
    Witness::new()
}

/// Eight at once.
#[allow(clippy::type_complexity)]
pub const fn witnesses<A, B, C, D, E, F, G, H>()
-> (Witness<A>, Witness<B>, Witness<C>, Witness<D>, Witness<E>, Witness<F>, Witness<G>, Witness<H>) {
    (witness(), witness(), witness(), witness(), witness(), witness(), witness(), witness())
}

/// The witnesses of one kernel: a witness, or a tuple of such lists. Balanced tuples keep the nesting shallow however many
/// there are.
pub trait WitnessList: Copy {
    /// All the types as one type, so that a single `TypeId` tells instances of a generic kernel apart.
    type Types: 'static;
    /// Appends the types, in order.
    fn describe(types: &mut Vec<Type>);
    /// Identifies this instance of the kernel.
    fn instance() -> TypeId {
        TypeId::of::<Self::Types>()
    }
}

impl WitnessList for () {
    type Types = ();
    fn describe(_types: &mut Vec<Type>) {}
}

impl<T: DeviceType + 'static> WitnessList for Witness<T> {
    type Types = T;
    fn describe(types: &mut Vec<Type>) {
        types.push(T::describe());
    }
}

macro_rules! lists {
    ($last:ident) => {};
    ($first:ident $($rest:ident)+) => {
        impl<$first: WitnessList, $($rest: WitnessList),+> WitnessList for ($first, $($rest),+) {
            type Types = ($first::Types, $($rest::Types),+);
            fn describe(types: &mut Vec<Type>) {
                $first::describe(types);
                $($rest::describe(types);)+
            }
        }
        lists!($($rest)+);
    };
}
lists!(A B C D E F G H);

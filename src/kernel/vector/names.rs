//! The names of all vectors, and which scalars have them.

use super::{Lane, Number, Vector};
use half::f16;

/// Alignments, by which vectors are aligned to their size.
#[doc(hidden)]
pub mod align {
    macro_rules! alignments {
        ($($name:ident $bytes:literal)*) => { $(
            #[derive(Clone, Copy)]
            #[repr(align($bytes))]
            pub struct $name;
        )* };
    }
    alignments!(A1 1 A2 2 A4 4 A8 8 A16 16 A32 32 A64 64 A128 128);
}

macro_rules! lanes {
    ($ty:ty: $zero:expr, $two:ident $four:ident $eight:ident $sixteen:ident) => {
        lanes!(@one $ty, $zero, 2, 2, $two);
        lanes!(@one $ty, $zero, 3, 4, $four);
        lanes!(@one $ty, $zero, 4, 4, $four);
        lanes!(@one $ty, $zero, 8, 8, $eight);
        lanes!(@one $ty, $zero, 16, 16, $sixteen);
    };
    (@one $ty:ty, $zero:expr, $lanes:literal, $room:literal, $align:ident) => {
        // SAFETY: an array of this type with room for the lanes, and an alignment of as many bytes as it has; the
        // constant below fails to compile otherwise.
        unsafe impl Lane<$lanes> for $ty {
            type Lanes = [$ty; $room];
            type Align = align::$align;
            const ZERO: Self::Lanes = [$zero; $room];
        }
        const _: () = assert!(
            align_of::<align::$align>() == size_of::<[$ty; $room]>()
                && size_of::<Vector<$ty, $lanes>>() == size_of::<[$ty; $room]>()
                && $room >= $lanes
        );
    };
}
lanes!(bool: false, A2 A4 A8 A16);
lanes!(i8: 0, A2 A4 A8 A16);
lanes!(u8: 0, A2 A4 A8 A16);
lanes!(i16: 0, A4 A8 A16 A32);
lanes!(u16: 0, A4 A8 A16 A32);
lanes!(i32: 0, A8 A16 A32 A64);
lanes!(u32: 0, A8 A16 A32 A64);
lanes!(f16: f16::ZERO, A4 A8 A16 A32);
lanes!(f32: 0.0, A8 A16 A32 A64);
lanes!(i64: 0, A16 A32 A64 A128);
lanes!(u64: 0, A16 A32 A64 A128);
lanes!(f64: 0.0, A16 A32 A64 A128);

macro_rules! numbers {
    ($($ty:ty)*) => { $( impl Number for $ty {} )* };
}
numbers!(i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64);

macro_rules! names {
    ($($name:ident $ty:ident $lanes:literal $what:literal;)*) => { $(
        #[doc = concat!("A vector of ", stringify!($lanes), " lanes of type `", stringify!($ty), "`, OpenCL's `", $what, stringify!($lanes), "`.")]
        pub type $name = Vector<$ty, $lanes>;
    )* };
}
names! {
    I8x2 i8 2 "char"; I8x3 i8 3 "char"; I8x4 i8 4 "char"; I8x8 i8 8 "char"; I8x16 i8 16 "char";
    U8x2 u8 2 "uchar"; U8x3 u8 3 "uchar"; U8x4 u8 4 "uchar"; U8x8 u8 8 "uchar"; U8x16 u8 16 "uchar";
    I16x2 i16 2 "short"; I16x3 i16 3 "short"; I16x4 i16 4 "short"; I16x8 i16 8 "short"; I16x16 i16 16 "short";
    U16x2 u16 2 "ushort"; U16x3 u16 3 "ushort"; U16x4 u16 4 "ushort"; U16x8 u16 8 "ushort"; U16x16 u16 16 "ushort";
    I32x2 i32 2 "int"; I32x3 i32 3 "int"; I32x4 i32 4 "int"; I32x8 i32 8 "int"; I32x16 i32 16 "int";
    U32x2 u32 2 "uint"; U32x3 u32 3 "uint"; U32x4 u32 4 "uint"; U32x8 u32 8 "uint"; U32x16 u32 16 "uint";
    I64x2 i64 2 "long"; I64x3 i64 3 "long"; I64x4 i64 4 "long"; I64x8 i64 8 "long"; I64x16 i64 16 "long";
    U64x2 u64 2 "ulong"; U64x3 u64 3 "ulong"; U64x4 u64 4 "ulong"; U64x8 u64 8 "ulong"; U64x16 u64 16 "ulong";
    F16x2 f16 2 "half"; F16x3 f16 3 "half"; F16x4 f16 4 "half"; F16x8 f16 8 "half"; F16x16 f16 16 "half";
    F32x2 f32 2 "float"; F32x3 f32 3 "float"; F32x4 f32 4 "float"; F32x8 f32 8 "float"; F32x16 f32 16 "float";
    F64x2 f64 2 "double"; F64x3 f64 3 "double"; F64x4 f64 4 "double"; F64x8 f64 8 "double"; F64x16 f64 16 "double";
}

macro_rules! masks {
    ($($name:ident $lanes:literal)*) => { $(
        #[doc = concat!("A mask of ", stringify!($lanes), " lanes: what comparing two vectors gives.")]
        pub type $name = Vector<bool, $lanes>;
    )* };
}
masks!(Boolx2 2 Boolx3 3 Boolx4 4 Boolx8 8 Boolx16 16);

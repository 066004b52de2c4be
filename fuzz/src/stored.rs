//! Buffers and local memory whose types are only known when the fuzzer runs.

use crate::program::{Scalar, Type, Value};
use falx::__private::bytemuck;
use falx::__private::{Argument, ScalarBits};
use falx::{
    Buffer, Capture, Element, F16x4, F32x2, F32x3, F32x4, F64x2, Handler, I8x16, I32x2, I64x3, Range,
    SpecConstant, U8x4, U16x8, f16,
};

/// A buffer, of one to three dimensions.
pub trait Column {
    fn read(&self, h: &Handler) -> Argument;
    fn read_write(&self, h: &Handler) -> Argument;
    fn bytes(&self) -> falx::Result<Vec<u8>>;
}

impl<T: Element, const D: usize> Column for Buffer<T, D> {
    fn read(&self, h: &Handler) -> Argument {
        Capture::argument(&Buffer::read(self, h))
    }
    fn read_write(&self, h: &Handler) -> Argument {
        Capture::argument(&Buffer::read_write(self, h))
    }
    fn bytes(&self) -> falx::Result<Vec<u8>> {
        Ok(bytemuck::cast_slice(&self.host_read()?).to_vec())
    }
}

impl dyn Column {
    /// The bits of the scalars that its elements, of that type, consist of.
    ///
    /// # Errors
    /// Why the buffer cannot be read.
    pub fn leaves(&self, element: &Type) -> falx::Result<Vec<u64>> {
        let bytes = self.bytes()?;
        let (mut rest, mut leaves) = (&bytes[..], Vec::new());
        while !rest.is_empty() {
            take(element, &mut rest, &mut leaves);
        }
        Ok(leaves)
    }
}

/// Runs `$code` with `$ty` standing for a type that lies in memory as the elements do.
macro_rules! by_element {
    ($element:expr, $ty:ident => $code:expr) => {
        by_element!(@ $element, $ty => $code;
            "i8" i8, "i16" i16, "i32" i32, "i64" i64, "u8" u8, "u16" u16, "u32" u32, "u64" u64,
            "isize" isize, "usize" usize, "f16" f16, "f32" f32, "f64" f64,
            "F32x4" F32x4, "F32x3" F32x3, "F32x2" F32x2, "I32x2" I32x2, "U8x4" U8x4, "F64x2" F64x2, "U16x8" U16x8,
            "I64x3" I64x3, "I8x16" I8x16, "F16x4" F16x4,
            "[u32; 3]" [u32; 3], "[f64; 2]" [f64; 2], "[i16; 4]" [i16; 4], "[u8; 3]" [u8; 3],
            // In the place of structs.
            "P0" [u32; 2], "P1" [u64; 2], "P2" [u16; 2], "P3" [F32x4; 2])
    };
    (@ $element:expr, $ty:ident => $code:expr; $($name:literal $of:ty),*) => {
        match $element.rust().as_str() {
            $($name => {
                type $ty = $of;
                $code
            })*
            other => unreachable!("no buffer has elements of {other}"),
        }
    };
}

/// A buffer of values.
pub fn column(element: &Type, contents: &[Value], extent: &[usize]) -> Box<dyn Column> {
    let mut bytes = Vec::new();
    contents.iter().for_each(|value| append(element, value, &mut bytes));
    by_element!(element, T => {
        let values: Vec<T> =
            bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect();
        match *extent {
            [rows, columns] => Box::new(Buffer::from_vec(values, Range([rows, columns])).expect("the extents fit")),
            [planes, rows, columns] => {
                Box::new(Buffer::from_vec(values, Range([planes, rows, columns])).expect("the extents fit"))
            }
            _ => Box::new(Buffer::from(values)),
        }
    })
}

/// A buffer of scalars by their bits.
pub fn of_scalars(scalar: Scalar, contents: &[u64], extent: &[usize]) -> Box<dyn Column> {
    let contents: Vec<Value> = contents.iter().map(|bits| Value::Bits(*bits)).collect();
    column(&Type::Scalar(scalar), &contents, extent)
}

/// Local memory.
pub fn tile(element: &Type, length: usize, h: &Handler) -> Argument {
    by_element!(element, T => Capture::argument(&h.local::<T, 1>(length)))
}

/// A specialization constant of a scalar.
pub fn constant(scalar: Scalar, bits: u64) -> Argument {
    macro_rules! by_scalar {
        ($($scalar:ident $ty:ty),*) => {
            match scalar {
                $(Scalar::$scalar => SpecConstant::new(<$ty as ScalarBits>::from_bits(bits)).argument(),)*
                Scalar::Bool => SpecConstant::new(bits != 0).argument(),
            }
        };
    }
    by_scalar!(
        I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, Isize isize, Usize usize, F16 f16, F32 f32,
        F64 f64
    )
}

/// Adds a value's bytes.
pub fn append(ty: &Type, value: &Value, bytes: &mut Vec<u8>) {
    match (ty, value) {
        (Type::Scalar(scalar), Value::Bits(bits)) => {
            bytes.extend_from_slice(&bits.to_le_bytes()[..size_of_scalar(*scalar)]);
        }
        (_, Value::List(values)) => {
            values.iter().zip(ty.parts()).for_each(|(value, ty)| append(&ty, value, bytes));
            bytes.resize(bytes.len() + padding(ty), 0);
        }
        _ => {}
    }
}

/// Takes a value's bytes, and adds the bits of its scalars.
fn take(ty: &Type, bytes: &mut &[u8], leaves: &mut Vec<u64>) {
    if let Type::Scalar(scalar) = ty {
        let (own, rest) = bytes.split_at(size_of_scalar(*scalar));
        let mut wide = [0; 8];
        wide[..own.len()].copy_from_slice(own);
        leaves.push(u64::from_le_bytes(wide));
        *bytes = rest;
        return;
    }
    ty.parts().iter().for_each(|part| take(part, bytes, leaves));
    *bytes = &bytes[padding(ty)..];
}

fn size_of_scalar(scalar: Scalar) -> usize {
    (scalar.bits() / 8).max(1) as usize
}

/// How many bytes follow its parts: vectors of three lanes are as large as those of four.
fn padding(ty: &Type) -> usize {
    match ty {
        Type::Vector(lane, 3) => size_of_scalar(*lane),
        _ => 0,
    }
}

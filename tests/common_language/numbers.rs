//! Values at which operators differ, and bits by which results are compared.

/// A number as 64 bits. All NaNs are one: which payload an operation gives is left open by Rust too.
pub trait Bits {
    fn bits(self) -> u64;
}

/// A type's values at which operators differ.
pub trait Edges: Copy + PartialEq + std::fmt::Debug {
    fn edges() -> Vec<Self>;
}

macro_rules! integers {
    ($($ty:ty)*) => { $(
        impl Bits for $ty {
            fn bits(self) -> u64 {
                self as u64
            }
        }
        impl Edges for $ty {
            fn edges() -> Vec<$ty> {
                let few: [$ty; 10] = [0, 1, 2, 3, 5, 7, 8, 31, 64, 100];
                let mut all = few.to_vec();
                all.extend(few.map(|x| (0 as $ty).wrapping_sub(x)));
                all.extend([<$ty>::MIN, <$ty>::MAX, <$ty>::MIN + 1, <$ty>::MAX - 1, <$ty>::MAX / 2, <$ty>::MAX / 3]);
                all
            }
        }
    )* };
}
integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl Bits for bool {
    fn bits(self) -> u64 {
        u64::from(self)
    }
}
impl Bits for falx::f16 {
    fn bits(self) -> u64 {
        if self.is_nan() { 1 } else { u64::from(self.to_bits()) }
    }
}
impl Bits for f32 {
    fn bits(self) -> u64 {
        if self.is_nan() { 1 } else { u64::from(self.to_bits()) }
    }
}
impl Bits for f64 {
    fn bits(self) -> u64 {
        if self.is_nan() { 1 } else { self.to_bits() }
    }
}

/// How a kernel gives a float to a table.
#[falx::device]
pub fn float32(x: f32) -> u64 {
    if x.is_nan() { 1 } else { x.to_bits() as u64 }
}

/// How a kernel gives a float to a table.
#[falx::device]
pub fn float64(x: f64) -> u64 {
    if x.is_nan() { 1 } else { x.to_bits() }
}

macro_rules! floats {
    ($($ty:ident $bits:ident [$($own:expr),*];)*) => { $(
        impl Edges for $ty {
            fn edges() -> Vec<$ty> {
                let few: Vec<$ty> = vec![
                    0.0, 0.1, 0.5, 1.0, 1.5, 2.5, 3.3333333, 126.9, 127.5, 255.5, 300.0, 32767.9, 65535.5, 8388609.0,
                    2147483500.0, 2147483647.5, 4294967000.0, 4294967295.5, 9.2e18, 9223372036854775807.0, 1.8e19,
                    18446744073709551615.0, 1e30, $ty::MAX, $ty::MIN_POSITIVE, $ty::from_bits(1),
                    $ty::MIN_POSITIVE / 3.0, $ty::EPSILON, $ty::INFINITY, $ty::NAN, $($own),*
                ];
                few.iter().flat_map(|&x| [x, -x]).collect()
            }
        }
    )* };
}
floats! {
    f32 u32 [0.99999994, 16777217.0];
    f64 u64 [0.999_999_999_999_999_9, 9007199254740993.0, 1e300];
}

impl Edges for falx::f16 {
    fn edges() -> Vec<Self> {
        let sizes = [
            0, 1, 0x155, 0x3ff, 0x400, 0x2e66, 0x3800, 0x3bff, 0x3c00, 0x3e00, 0x4200, 0x5bf8, 0x6801,
            0x7bff, 0x7c00, 0x7e00,
        ];
        sizes.iter().flat_map(|size| [*size, size | 0x8000]).map(falx::f16::from_bits).collect()
    }
}

/// How many floats lie between two, counting one end; none between two NaNs, all between a NaN and a number.
pub fn ulps32(a: f32, b: f32) -> u64 {
    let line = |x: f32| i64::from(x.to_bits() & 0x7fff_ffff) * if x.is_sign_negative() { -1 } else { 1 };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) => line(a).abs_diff(line(b)),
        _ => u64::MAX,
    }
}

/// How many floats lie between two, counting one end; none between two NaNs, all between a NaN and a number.
pub fn ulps64(a: f64, b: f64) -> u64 {
    let line = |x: f64| (x.to_bits() & (u64::MAX >> 1)) as i64 * if x.is_sign_negative() { -1 } else { 1 };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) => line(a).abs_diff(line(b)),
        _ => u64::MAX,
    }
}

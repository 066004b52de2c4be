//! Arithmetic as kernels mean it: integers wrap, shifts mask their amount, a division without a result is a trap.
//!
//! The functions take any device type, because rustc has already checked the operation itself: the macros put the native
//! operator beside each call, in a branch that never runs. It also decides the type of the result: that of the operands, or
//! the vector where a scalar is combined with one.

use super::super::current::report;
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;
use super::inexact;
use super::overflow::{
    check_add, check_multiply, check_negate, check_shift_left, check_shift_right, check_subtract,
};

/// What is done to a value; operands have its type.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Operation<T> {
    Add(T),
    Subtract(T),
    Multiply(T),
    Divide(T),
    Remainder(T),
    DivideEuclid(T),
    RemainderEuclid(T),
    /// The amount counts modulo the number of bits.
    ShiftLeft(T),
    /// The amount counts modulo the number of bits.
    ShiftRight(T),
    Negate,
    Absolute,
    Power(u32),
    /// Below the first the first, above the second the second.
    Clamp(T, T),
    WrappingDivide(T),
    WrappingRemainder(T),
    WrappingDivideEuclid(T),
    WrappingRemainderEuclid(T),
    SaturatingDivide(T),
    /// Rounded up.
    DivideCeil(T),
    NextMultiple(T),
    /// Zero where it does not fit.
    NextPowerOfTwo,
    /// Rounded down.
    SquareRoot,
    /// The logarithm to base 2, rounded down.
    Logarithm2,
    /// The logarithm to base 10, rounded down.
    Logarithm10,
    /// The logarithm to this base, rounded down.
    Logarithm(T),
    InverseSinh,
    InverseCosh,
    InverseTanh,
    PowerOfFloat(i32),
}

impl<T: Copy> Operation<T> {
    /// The same operation with a part of each operand.
    #[inline(always)]
    pub fn map<U>(self, part: impl Fn(T) -> U) -> Operation<U> {
        match self {
            Operation::Add(a) => Operation::Add(part(a)),
            Operation::Subtract(a) => Operation::Subtract(part(a)),
            Operation::Multiply(a) => Operation::Multiply(part(a)),
            Operation::Divide(a) => Operation::Divide(part(a)),
            Operation::Remainder(a) => Operation::Remainder(part(a)),
            Operation::DivideEuclid(a) => Operation::DivideEuclid(part(a)),
            Operation::RemainderEuclid(a) => Operation::RemainderEuclid(part(a)),
            Operation::ShiftLeft(a) => Operation::ShiftLeft(part(a)),
            Operation::ShiftRight(a) => Operation::ShiftRight(part(a)),
            Operation::Negate => Operation::Negate,
            Operation::Absolute => Operation::Absolute,
            Operation::Power(a) => Operation::Power(a),
            Operation::Clamp(a, b) => Operation::Clamp(part(a), part(b)),
            Operation::WrappingDivide(a) => Operation::WrappingDivide(part(a)),
            Operation::WrappingRemainder(a) => Operation::WrappingRemainder(part(a)),
            Operation::WrappingDivideEuclid(a) => Operation::WrappingDivideEuclid(part(a)),
            Operation::WrappingRemainderEuclid(a) => Operation::WrappingRemainderEuclid(part(a)),
            Operation::SaturatingDivide(a) => Operation::SaturatingDivide(part(a)),
            Operation::DivideCeil(a) => Operation::DivideCeil(part(a)),
            Operation::NextMultiple(a) => Operation::NextMultiple(part(a)),
            Operation::NextPowerOfTwo => Operation::NextPowerOfTwo,
            Operation::SquareRoot => Operation::SquareRoot,
            Operation::Logarithm2 => Operation::Logarithm2,
            Operation::Logarithm10 => Operation::Logarithm10,
            Operation::Logarithm(a) => Operation::Logarithm(part(a)),
            Operation::InverseSinh => Operation::InverseSinh,
            Operation::InverseCosh => Operation::InverseCosh,
            Operation::InverseTanh => Operation::InverseTanh,
            Operation::PowerOfFloat(a) => Operation::PowerOfFloat(a),
        }
    }
}

/// A number's operations.
pub trait Arithmetic: Sized {
    /// The result; `None` where there is none.
    fn apply(self, operation: Operation<Self>) -> Option<Self>;

    /// Whether the result of an operation that wraps does not fit.
    fn overflows(self, operation: Operation<Self>) -> bool {
        let _ = operation;
        false
    }
}

#[inline(always)]
fn clamped<T: PartialOrd>(value: T, low: T, high: T) -> T {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

macro_rules! integers {
    ($($own:ident: $($ty:ty)*;)*) => { $( $(
        impl Arithmetic for $ty {
            #[inline(always)]
            fn overflows(self, operation: Operation<Self>) -> bool {
                let fits = match operation {
                    Operation::Add(right) => self.checked_add(right),
                    Operation::Subtract(right) => self.checked_sub(right),
                    Operation::Multiply(right) => self.checked_mul(right),
                    Operation::Negate => self.checked_neg(),
                    Operation::WrappingDivide(right)
                    | Operation::WrappingRemainder(right)
                    | Operation::WrappingDivideEuclid(right)
                    | Operation::WrappingRemainderEuclid(right)
                        if right != 0 =>
                    {
                        self.checked_div(right)
                    }
                    _ => Some(self),
                };
                fits.is_none()
            }

            #[inline(always)]
            fn apply(self, operation: Operation<Self>) -> Option<Self> {
                Some(match operation {
                    Operation::Add(right) => self.wrapping_add(right),
                    Operation::Subtract(right) => self.wrapping_sub(right),
                    Operation::Multiply(right) => self.wrapping_mul(right),
                    Operation::Divide(right) => return self.checked_div(right),
                    Operation::Remainder(right) => return self.checked_rem(right),
                    Operation::DivideEuclid(right) => return self.checked_div_euclid(right),
                    Operation::RemainderEuclid(right) => return self.checked_rem_euclid(right),
                    Operation::ShiftLeft(amount) => self.wrapping_shl(amount as u32),
                    Operation::ShiftRight(amount) => self.wrapping_shr(amount as u32),
                    Operation::Negate => self.wrapping_neg(),
                    Operation::Power(exponent) => self.wrapping_pow(exponent),
                    Operation::Clamp(low, high) => clamped(self, low, high),
                    Operation::WrappingDivide(0)
                    | Operation::WrappingRemainder(0)
                    | Operation::WrappingDivideEuclid(0)
                    | Operation::WrappingRemainderEuclid(0)
                    | Operation::SaturatingDivide(0)
                    | Operation::DivideCeil(0)
                    | Operation::NextMultiple(0) => return None,
                    Operation::WrappingDivide(right) => self.wrapping_div(right),
                    Operation::WrappingRemainder(right) => self.wrapping_rem(right),
                    Operation::WrappingDivideEuclid(right) => self.wrapping_div_euclid(right),
                    Operation::WrappingRemainderEuclid(right) => self.wrapping_rem_euclid(right),
                    Operation::SaturatingDivide(right) => self.saturating_div(right),
                    Operation::Logarithm2 => self.checked_ilog2()? as $ty,
                    Operation::Logarithm10 => self.checked_ilog10()? as $ty,
                    Operation::Logarithm(base) => self.checked_ilog(base)? as $ty,
                    own => return $own!(self, own),
                })
            }
        }
    )* )* };
}
macro_rules! signed {
    ($value:expr, $operation:expr) => {
        match $operation {
            Operation::Absolute => Some($value.wrapping_abs()),
            Operation::SquareRoot => $value.checked_isqrt(),
            _ => Some($value),
        }
    };
}
macro_rules! unsigned {
    ($value:expr, $operation:expr) => {
        match $operation {
            Operation::SquareRoot => Some($value.isqrt()),
            Operation::DivideCeil(right) => Some($value.div_ceil(right)),
            Operation::NextMultiple(right) => Some(match $value % right {
                0 => $value,
                rest => $value.wrapping_add(right - rest),
            }),
            Operation::NextPowerOfTwo => Some($value.checked_next_power_of_two().unwrap_or(0)),
            _ => Some($value),
        }
    };
}
integers! {
    signed: i8 i16 i32 i64 isize;
    unsigned: u8 u16 u32 u64 usize;
}

macro_rules! floats {
    ($($ty:ty: $powi:ident)*) => { $(
        impl Arithmetic for $ty {
            #[inline(always)]
            fn apply(self, operation: Operation<Self>) -> Option<Self> {
                Some(match operation {
                    Operation::Add(right) => self + right,
                    Operation::Subtract(right) => self - right,
                    Operation::Multiply(right) => self * right,
                    Operation::Divide(right) => self / right,
                    Operation::Remainder(right) => self % right,
                    Operation::DivideEuclid(right) => self.div_euclid(right),
                    Operation::RemainderEuclid(right) => self.rem_euclid(right),
                    Operation::Negate => -self,
                    Operation::Absolute => self.abs(),
                    Operation::Clamp(low, high) => clamped(self, low, high),
                    Operation::InverseSinh => inexact::asinh(self.into()) as $ty,
                    Operation::InverseCosh => inexact::acosh(self.into()) as $ty,
                    Operation::InverseTanh => inexact::atanh(self.into()) as $ty,
                    Operation::PowerOfFloat(exponent) => inexact::$powi(self, exponent),
                    // All others are operations of integers.
                    _ => self,
                })
            }
        }
    )* };
}
floats!(f32: powi_single f64: powi);

/// Computed as `f32`, and the result rounded; as devices do it.
impl Arithmetic for half::f16 {
    #[inline(always)]
    fn apply(self, operation: Operation<Self>) -> Option<Self> {
        let result = self.to_f32().apply(operation.map(half::f16::to_f32));
        result.map(half::f16::from_f32)
    }
}

#[inline(always)]
fn total<L: DeviceType>(left: L, operation: Operation<L>) -> L {
    L::evaluate(left, operation).unwrap_or_else(L::zero)
}

#[inline(always)]
fn checked<L: DeviceType>(left: L, operation: Operation<L>, site: &'static Site) -> L {
    L::evaluate(left, operation).unwrap_or_else(|| {
        report(Failure::Division { site });
        L::zero()
    })
}

macro_rules! overflowing_functions {
    ($($(#[$doc:meta])* $name:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType>(left: L, right: R, site: &'static Site) -> (L, bool) {
            let operation = Operation::$operation(L::widen(right));
            (checked(left, operation, site), L::overflows(left, operation))
        }
    )* };
}
overflowing_functions! {
    /// `left.overflowing_div(right)`
    overflowing_div => WrappingDivide;
    /// `left.overflowing_rem(right)`
    overflowing_rem => WrappingRemainder;
    /// `left.overflowing_div_euclid(right)`
    overflowing_div_euclid => WrappingDivideEuclid;
    /// `left.overflowing_rem_euclid(right)`
    overflowing_rem_euclid => WrappingRemainderEuclid;
}

macro_rules! total_functions {
    ($($(#[$doc:meta])* $name:ident, $check:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType, O: DeviceType>(
            left: L,
            right: R,
            is_checked: bool,
            site: &'static Site,
        ) -> O {
            if is_checked {
                $check(left, right, site);
            }
            total(O::widen(left), Operation::$operation(O::widen(right)))
        }
    )* };
}
total_functions! {
    /// `left + right`
    add, check_add => Add;
    /// `left - right`
    subtract, check_subtract => Subtract;
    /// `left * right`
    multiply, check_multiply => Multiply;
    /// `left << right`, for any integer type of `right`
    shift_left, check_shift_left => ShiftLeft;
    /// `left >> right`, for any integer type of `right`
    shift_right, check_shift_right => ShiftRight;
}

macro_rules! checked_functions {
    ($($(#[$doc:meta])* $name:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType, O: DeviceType>(left: L, right: R, site: &'static Site) -> O {
            checked(O::widen(left), Operation::$operation(O::widen(right)), site)
        }
    )* };
}
checked_functions! {
    /// `left / right`
    divide => Divide;
    /// `left % right`
    remainder => Remainder;
    /// `left.div_euclid(right)`
    div_euclid => DivideEuclid;
    /// `left.rem_euclid(right)`
    rem_euclid => RemainderEuclid;
    /// `left.wrapping_div(right)`
    wrapping_div => WrappingDivide;
    /// `left.wrapping_rem(right)`
    wrapping_rem => WrappingRemainder;
    /// `left.wrapping_div_euclid(right)`
    wrapping_div_euclid => WrappingDivideEuclid;
    /// `left.wrapping_rem_euclid(right)`
    wrapping_rem_euclid => WrappingRemainderEuclid;
    /// `left.saturating_div(right)`
    saturating_div => SaturatingDivide;
    /// `left.div_ceil(right)`
    div_ceil => DivideCeil;
    /// `left.next_multiple_of(right)`, wrapping
    next_multiple_of => NextMultiple;
}

/// `-value`
#[inline(always)]
pub fn negate<T: DeviceType, O: DeviceType>(value: T, is_checked: bool, site: &'static Site) -> O {
    if is_checked {
        check_negate(value, site);
    }
    total(O::widen(value), Operation::Negate)
}

/// `value.abs()`
#[inline(always)]
pub fn abs<T: DeviceType>(value: T, is_checked: bool, site: &'static Site) -> T {
    if is_checked {
        check_negate(value, site);
    }
    total(value, Operation::Absolute)
}

/// `value.pow(exponent)`
#[inline(always)]
pub fn pow<T: DeviceType, E: DeviceType>(value: T, exponent: E) -> T {
    total(value, Operation::Power(E::bits(exponent) as u32))
}

/// `value.clamp(low, high)`, also where `low > high` or one of them is no number: below `low` it is `low`, else above `high`
/// it is `high`.
#[inline(always)]
pub fn clamp<T: DeviceType, L: DeviceType, H: DeviceType>(value: T, low: L, high: H) -> T {
    total(value, Operation::Clamp(T::widen(low), T::widen(high)))
}

/// `value.next_power_of_two()`; zero where it does not fit.
#[inline(always)]
pub fn next_power_of_two<T: DeviceType>(value: T) -> T {
    total(value, Operation::NextPowerOfTwo)
}

/// `value.isqrt()`
#[inline(always)]
pub fn isqrt<T: DeviceType>(value: T, site: &'static Site) -> T {
    checked(value, Operation::SquareRoot, site)
}

/// `value.ilog2()`
#[inline(always)]
pub fn ilog2<T: DeviceType>(value: T, site: &'static Site) -> u32 {
    T::bits(checked(value, Operation::Logarithm2, site)) as u32
}

/// `value.ilog10()`
#[inline(always)]
pub fn ilog10<T: DeviceType>(value: T, site: &'static Site) -> u32 {
    T::bits(checked(value, Operation::Logarithm10, site)) as u32
}

/// `value.ilog(base)`
#[inline(always)]
pub fn ilog<T: DeviceType, B: DeviceType>(value: T, base: B, site: &'static Site) -> u32 {
    T::bits(checked(value, Operation::Logarithm(T::widen(base)), site)) as u32
}

/// `value.asinh()`
#[inline(always)]
pub fn asinh<T: DeviceType>(value: T) -> T {
    total(value, Operation::InverseSinh)
}

/// `value.acosh()`
#[inline(always)]
pub fn acosh<T: DeviceType>(value: T) -> T {
    total(value, Operation::InverseCosh)
}

/// `value.atanh()`
#[inline(always)]
pub fn atanh<T: DeviceType>(value: T) -> T {
    total(value, Operation::InverseTanh)
}

/// `value.powi(exponent)`
#[inline(always)]
pub fn powi<T: DeviceType, E: DeviceType>(value: T, exponent: E) -> T {
    total(value, Operation::PowerOfFloat(E::bits(exponent) as i32))
}

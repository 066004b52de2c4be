//! Arithmetic as kernels mean it: integers wrap, shifts mask their amount, a division without a result is a trap.
//!
//! The functions take any device type, because rustc has already checked the operation itself: the macros put the native
//! operator beside each call, in a branch that never runs.

use super::super::current::report;
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;

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
    ShiftLeft(u32),
    /// The amount counts modulo the number of bits.
    ShiftRight(u32),
    Negate,
    Absolute,
    Power(u32),
    /// Below the first the first, above the second the second.
    Clamp(T, T),
}

/// A number's operations.
pub trait Arithmetic: Sized {
    /// The result; `None` where there is none.
    fn apply(self, operation: Operation<Self>) -> Option<Self>;
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
    ($($absolute:ident: $($ty:ty)*;)*) => { $( $(
        impl Arithmetic for $ty {
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
                    Operation::ShiftLeft(amount) => self.wrapping_shl(amount),
                    Operation::ShiftRight(amount) => self.wrapping_shr(amount),
                    Operation::Negate => self.wrapping_neg(),
                    Operation::Absolute => $absolute!(self),
                    Operation::Power(exponent) => self.wrapping_pow(exponent),
                    Operation::Clamp(low, high) => clamped(self, low, high),
                })
            }
        }
    )* )* };
}
macro_rules! wrapping {
    ($value:expr) => {
        $value.wrapping_abs()
    };
}
macro_rules! unchanged {
    ($value:expr) => {
        $value
    };
}
integers! {
    wrapping: i8 i16 i32 i64 isize;
    unchanged: u8 u16 u32 u64 usize;
}

macro_rules! floats {
    ($($ty:ty)*) => { $(
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
                    // Floats have no shifts, and `powi` instead of `pow`.
                    Operation::ShiftLeft(_) | Operation::ShiftRight(_) | Operation::Power(_) => self,
                })
            }
        }
    )* };
}
floats!(f32 f64);

/// An operand as the type it has: rustc knows that both are the same, but not here.
#[inline(always)]
fn same<L: DeviceType, R: DeviceType>(right: R) -> L {
    L::from_bits(R::bits(right))
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

macro_rules! total_functions {
    ($($(#[$doc:meta])* $name:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType>(left: L, right: R) -> L {
            total(left, Operation::$operation(same(right)))
        }
    )* };
}
total_functions! {
    /// `left + right`
    add => Add;
    /// `left - right`
    subtract => Subtract;
    /// `left * right`
    multiply => Multiply;
}

macro_rules! checked_functions {
    ($($(#[$doc:meta])* $name:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType>(left: L, right: R, site: &'static Site) -> L {
            checked(left, Operation::$operation(same(right)), site)
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
}

/// `left << right`, for any integer type of `right`.
#[inline(always)]
pub fn shift_left<L: DeviceType, R: DeviceType>(left: L, right: R) -> L {
    total(left, Operation::ShiftLeft(R::bits(right) as u32))
}

/// `left >> right`, for any integer type of `right`.
#[inline(always)]
pub fn shift_right<L: DeviceType, R: DeviceType>(left: L, right: R) -> L {
    total(left, Operation::ShiftRight(R::bits(right) as u32))
}

/// `-value`
#[inline(always)]
pub fn negate<T: DeviceType>(value: T) -> T {
    total(value, Operation::Negate)
}

/// `value.abs()`
#[inline(always)]
pub fn abs<T: DeviceType>(value: T) -> T {
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
    total(value, Operation::Clamp(same(low), same(high)))
}

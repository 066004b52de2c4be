//! Functions of the standard library, as device functions: what Rust's own mean.

use super::DeviceValue;
use falx_macros::device;

/// `core::mem::swap`
#[device]
pub fn swap<T: DeviceValue>(one: &mut T, other: &mut T) {
    let kept = *one;
    *one = *other;
    *other = kept;
}

/// `core::mem::replace`
#[device]
pub fn replace<T: DeviceValue>(place: &mut T, value: T) -> T {
    let kept = *place;
    *place = value;
    kept
}

/// `core::mem::take`
#[device]
pub fn take<T: DeviceValue + Default>(place: &mut T) -> T {
    let kept = *place;
    *place = T::default();
    kept
}

/// `core::cmp::min`
#[device]
pub fn min<T: DeviceValue + Ord>(one: T, other: T) -> T {
    if other < one { other } else { one }
}

/// `core::cmp::max`
#[device]
pub fn max<T: DeviceValue + Ord>(one: T, other: T) -> T {
    if other < one { one } else { other }
}

//! The methods of `Option`, `Result` and `bool` that take closures, as device functions: what Rust's own mean.
//!
//! A kernel calls Rust's own methods; through these traits, which only kernels have in scope, it finds what stands for them on
//! a device.

use super::DeviceValue;
use falx_macros::device;

/// Those of `Option`.
#[device]
pub trait OptionMethods<T> {
    /// `Option::map`
    fn map<U: DeviceValue, F: FnOnce(T) -> U>(self, f: F) -> Option<U>;
    /// `Option::and_then`
    fn and_then<U: DeviceValue, F: FnOnce(T) -> Option<U>>(self, f: F) -> Option<U>;
    /// `Option::or_else`
    fn or_else<F: FnOnce() -> Option<T>>(self, f: F) -> Option<T>;
    /// `Option::filter`
    fn filter<P: FnOnce(&T) -> bool>(self, predicate: P) -> Option<T>;
    /// `Option::is_some_and`
    fn is_some_and<P: FnOnce(T) -> bool>(self, predicate: P) -> bool;
    /// `Option::is_none_or`
    fn is_none_or<P: FnOnce(T) -> bool>(self, predicate: P) -> bool;
    /// `Option::map_or`
    fn map_or<U: DeviceValue, F: FnOnce(T) -> U>(self, default: U, f: F) -> U;
    /// `Option::map_or_else`
    fn map_or_else<U: DeviceValue, D: FnOnce() -> U, F: FnOnce(T) -> U>(self, default: D, f: F) -> U;
    /// `Option::unwrap_or_else`
    fn unwrap_or_else<F: FnOnce() -> T>(self, f: F) -> T;
    /// `Option::ok_or_else`
    fn ok_or_else<E: DeviceValue, F: FnOnce() -> E>(self, error: F) -> Result<T, E>;
}

#[device]
impl<T: DeviceValue> OptionMethods<T> for Option<T> {
    fn map<U: DeviceValue, F: FnOnce(T) -> U>(self, f: F) -> Option<U> {
        match self {
            Some(value) => Some(f(value)),
            None => None,
        }
    }
    fn and_then<U: DeviceValue, F: FnOnce(T) -> Option<U>>(self, f: F) -> Option<U> {
        match self {
            Some(value) => f(value),
            None => None,
        }
    }
    fn or_else<F: FnOnce() -> Option<T>>(self, f: F) -> Option<T> {
        match self {
            Some(value) => Some(value),
            None => f(),
        }
    }
    fn filter<P: FnOnce(&T) -> bool>(self, predicate: P) -> Option<T> {
        match self {
            Some(value) if predicate(&value) => Some(value),
            _ => None,
        }
    }
    fn is_some_and<P: FnOnce(T) -> bool>(self, predicate: P) -> bool {
        match self {
            Some(value) => predicate(value),
            None => false,
        }
    }
    fn is_none_or<P: FnOnce(T) -> bool>(self, predicate: P) -> bool {
        match self {
            Some(value) => predicate(value),
            None => true,
        }
    }
    fn map_or<U: DeviceValue, F: FnOnce(T) -> U>(self, default: U, f: F) -> U {
        match self {
            Some(value) => f(value),
            None => default,
        }
    }
    fn map_or_else<U: DeviceValue, D: FnOnce() -> U, F: FnOnce(T) -> U>(self, default: D, f: F) -> U {
        match self {
            Some(value) => f(value),
            None => default(),
        }
    }
    fn unwrap_or_else<F: FnOnce() -> T>(self, f: F) -> T {
        match self {
            Some(value) => value,
            None => f(),
        }
    }
    fn ok_or_else<E: DeviceValue, F: FnOnce() -> E>(self, error: F) -> Result<T, E> {
        match self {
            Some(value) => Ok(value),
            None => Err(error()),
        }
    }
}

/// Those of `Result`.
#[device]
pub trait ResultMethods<T, E> {
    /// `Result::map`
    fn map<U: DeviceValue, F: FnOnce(T) -> U>(self, f: F) -> Result<U, E>;
    /// `Result::map_err`
    fn map_err<G: DeviceValue, F: FnOnce(E) -> G>(self, f: F) -> Result<T, G>;
    /// `Result::and_then`
    fn and_then<U: DeviceValue, F: FnOnce(T) -> Result<U, E>>(self, f: F) -> Result<U, E>;
    /// `Result::or_else`
    fn or_else<G: DeviceValue, F: FnOnce(E) -> Result<T, G>>(self, f: F) -> Result<T, G>;
    /// `Result::is_ok_and`
    fn is_ok_and<P: FnOnce(T) -> bool>(self, predicate: P) -> bool;
    /// `Result::is_err_and`
    fn is_err_and<P: FnOnce(E) -> bool>(self, predicate: P) -> bool;
    /// `Result::map_or`
    fn map_or<U: DeviceValue, F: FnOnce(T) -> U>(self, default: U, f: F) -> U;
    /// `Result::map_or_else`
    fn map_or_else<U: DeviceValue, D: FnOnce(E) -> U, F: FnOnce(T) -> U>(self, default: D, f: F) -> U;
    /// `Result::unwrap_or_else`
    fn unwrap_or_else<F: FnOnce(E) -> T>(self, f: F) -> T;
}

#[device]
impl<T: DeviceValue, E: DeviceValue> ResultMethods<T, E> for Result<T, E> {
    fn map<U: DeviceValue, F: FnOnce(T) -> U>(self, f: F) -> Result<U, E> {
        match self {
            Ok(value) => Ok(f(value)),
            Err(error) => Err(error),
        }
    }
    fn map_err<G: DeviceValue, F: FnOnce(E) -> G>(self, f: F) -> Result<T, G> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(f(error)),
        }
    }
    fn and_then<U: DeviceValue, F: FnOnce(T) -> Result<U, E>>(self, f: F) -> Result<U, E> {
        match self {
            Ok(value) => f(value),
            Err(error) => Err(error),
        }
    }
    fn or_else<G: DeviceValue, F: FnOnce(E) -> Result<T, G>>(self, f: F) -> Result<T, G> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => f(error),
        }
    }
    fn is_ok_and<P: FnOnce(T) -> bool>(self, predicate: P) -> bool {
        match self {
            Ok(value) => predicate(value),
            Err(_) => false,
        }
    }
    fn is_err_and<P: FnOnce(E) -> bool>(self, predicate: P) -> bool {
        match self {
            Ok(_) => false,
            Err(error) => predicate(error),
        }
    }
    fn map_or<U: DeviceValue, F: FnOnce(T) -> U>(self, default: U, f: F) -> U {
        match self {
            Ok(value) => f(value),
            Err(_) => default,
        }
    }
    fn map_or_else<U: DeviceValue, D: FnOnce(E) -> U, F: FnOnce(T) -> U>(self, default: D, f: F) -> U {
        match self {
            Ok(value) => f(value),
            Err(error) => default(error),
        }
    }
    fn unwrap_or_else<F: FnOnce(E) -> T>(self, f: F) -> T {
        match self {
            Ok(value) => value,
            Err(error) => f(error),
        }
    }
}

/// Those of `bool`.
#[device]
pub trait BoolMethods {
    /// `bool::then`
    fn then<T: DeviceValue, F: FnOnce() -> T>(self, f: F) -> Option<T>;
    /// `bool::then_some`
    fn then_some<T: DeviceValue>(self, value: T) -> Option<T>;
}

#[device]
impl BoolMethods for bool {
    fn then<T: DeviceValue, F: FnOnce() -> T>(self, f: F) -> Option<T> {
        if self { Some(f()) } else { None }
    }
    fn then_some<T: DeviceValue>(self, value: T) -> Option<T> {
        if self { Some(value) } else { None }
    }
}

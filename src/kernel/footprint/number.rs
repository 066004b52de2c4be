//! `Number`: a number of a launch that knows how it came of the launch's own numbers.
//!
//! What is computed with numbers, and each comparison of them, is noted on the [tape](super::tape). So no code may look at
//! what a number is but by comparing it, or with [`Number::pinned`].

use super::tape::{self, Node, Operation, ZERO};
use crate::kernel::types::Scalar;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Neg, Sub};

/// A number of 128 bits: a node of the tape and what is added to that, which is known of all launches.
#[derive(Clone, Copy, Default)]
pub(super) struct Number {
    value: i128,
    node: Node,
}

impl Number {
    pub const ZERO: Number = Number::new(0);
    pub const MIN: Number = Number::new(i128::MIN);
    pub const MAX: Number = Number::new(i128::MAX);

    /// One that is the same in all launches.
    pub const fn new(value: i128) -> Self {
        Number { value, node: ZERO }
    }

    /// One of the launch's numbers by its position among them.
    pub fn given(value: i128, position: usize, scalar: Scalar) -> Self {
        Number { value, node: tape::node(Operation::Given(position, scalar), Some(value)) }
    }

    /// What it is, from here on in every launch that follows the same tape.
    pub fn pinned(self) -> i128 {
        tape::note_equality(self.parts(), (self.value, ZERO));
        self.value
    }

    /// What it is in the launch at hand: for messages, not to decide by.
    pub fn shown(self) -> i128 {
        self.value
    }

    /// The node it differs from by a number that is known, and what it is.
    pub fn parts(self) -> (i128, Node) {
        (self.value, self.node)
    }

    fn is_known(self) -> bool {
        self.node == ZERO
    }

    /// `None`, here and below, where a number leaves 128 bits.
    pub fn checked_add(self, other: impl Into<Number>) -> Option<Self> {
        let other = other.into();
        let value = tape::unless_too_large(self.value.checked_add(other.value), [self.node, other.node])?;
        Some(Number { value, node: tape::sum(self.node, other.node) })
    }

    pub fn checked_sub(self, other: impl Into<Number>) -> Option<Self> {
        let other = other.into();
        let value = tape::unless_too_large(self.value.checked_sub(other.value), [self.node, other.node])?;
        Some(Number { value, node: tape::difference(self.node, other.node) })
    }

    pub fn checked_mul(self, other: impl Into<Number>) -> Option<Self> {
        let other = other.into();
        let value = tape::unless_too_large(product(self.value, other.value), [self.node, other.node])?;
        let node = match (self.is_known(), other.is_known()) {
            (true, true) => ZERO,
            (false, true) => tape::multiple(self.node, other.value),
            (true, false) => tape::multiple(other.node, self.value),
            (false, false) => {
                let [one, two] = [self, other].map(|number| tape::exact(number.parts()));
                tape::node(Operation::Product(one.min(two), one.max(two)), Some(value))
            }
        };
        Some(Number { value, node })
    }

    pub fn checked_neg(self) -> Option<Self> {
        Number::ZERO.checked_sub(self)
    }

    pub fn checked_abs(self) -> Option<Self> {
        if self < 0 { self.checked_neg() } else { Some(self) }
    }

    /// The quotient by a positive number, rounded down.
    pub fn floor(self, divisor: impl Into<Number>) -> Self {
        let divisor = divisor.into();
        tape::note_order((0, ZERO), divisor.parts());
        let value = quotient(self.value, divisor.value).unwrap_or_default();
        if divisor.is_known() && (self.is_known() || divisor.value == 1) {
            return Number { value, node: self.node };
        }
        let [over, under] = [self, divisor].map(|number| tape::exact(number.parts()));
        Number { value, node: tape::node(Operation::Quotient(over, under), Some(value)) }
    }

    /// The quotient by a positive number, rounded up.
    pub fn ceiling(self, divisor: impl Into<Number>) -> Option<Self> {
        self.checked_neg()?.floor(divisor).checked_neg()
    }

    pub fn min(self, other: impl Into<Number>) -> Self {
        let other = other.into();
        if other < self { other } else { self }
    }

    pub fn max(self, other: impl Into<Number>) -> Self {
        let other = other.into();
        if self < other { other } else { self }
    }
}

/// A product, without the cost of 128 bits where 64 do.
pub(super) fn product(one: i128, two: i128) -> Option<i128> {
    match (i64::try_from(one), i64::try_from(two)) {
        (Ok(one), Ok(two)) => Some(i128::from(one) * i128::from(two)),
        _ => one.checked_mul(two),
    }
}

/// A quotient by a positive number, rounded down; the same.
pub(super) fn quotient(over: i128, under: i128) -> Option<i128> {
    match (i64::try_from(over), i64::try_from(under)) {
        (Ok(over), Ok(under @ 1..)) => Some(i128::from(over.div_euclid(under))),
        _ => over.checked_div_euclid(under),
    }
}

impl From<i128> for Number {
    fn from(value: i128) -> Self {
        Number::new(value)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Number::new(value.into())
    }
}

impl<T: Into<Number>> Add<T> for Number {
    type Output = Number;

    /// Of numbers that are far from the ends of 128 bits, as those of the types of kernels are.
    fn add(self, other: T) -> Number {
        self.checked_add(other).unwrap_or(Number::MAX)
    }
}

impl<T: Into<Number>> Sub<T> for Number {
    type Output = Number;

    fn sub(self, other: T) -> Number {
        self.checked_sub(other).unwrap_or(Number::MIN)
    }
}

impl Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        self.checked_neg().unwrap_or(Number::MAX)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        tape::note_equality(self.parts(), other.parts());
        self.value == other.value
    }
}

impl Eq for Number {}

impl PartialEq<i128> for Number {
    fn eq(&self, other: &i128) -> bool {
        *self == Number::new(*other)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(match (self == other, self < other) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        })
    }

    fn lt(&self, other: &Self) -> bool {
        tape::note_order(self.parts(), other.parts());
        self.value < other.value
    }

    fn le(&self, other: &Self) -> bool {
        !other.lt(self)
    }

    fn gt(&self, other: &Self) -> bool {
        other.lt(self)
    }

    fn ge(&self, other: &Self) -> bool {
        !self.lt(other)
    }
}

impl PartialOrd<i128> for Number {
    fn partial_cmp(&self, other: &i128) -> Option<Ordering> {
        self.partial_cmp(&Number::new(*other))
    }

    fn lt(&self, other: &i128) -> bool {
        *self < Number::new(*other)
    }

    fn le(&self, other: &i128) -> bool {
        *self <= Number::new(*other)
    }

    fn gt(&self, other: &i128) -> bool {
        *self > Number::new(*other)
    }

    fn ge(&self, other: &i128) -> bool {
        *self >= Number::new(*other)
    }
}

/// Nothing goes into the hash, so that equality is asked of all that could be equal in another launch.
impl Hash for Number {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

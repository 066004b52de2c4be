//! Operators.

use super::{SiteRef, TypeRef};
use proc_macro2::Span;

/// An operator where it is used.
pub struct Operation {
    /// Which.
    pub operator: BinaryOperator,
    /// Its tokens: `+` or `+=`.
    pub tokens: syn::BinOp,
    /// Where it stands.
    pub span: Span,
    /// For `/` and `%`.
    pub site: Option<SiteRef>,
    /// The witness of the device function that the user has made of it, where there may be one.
    pub callee: Option<TypeRef>,
}

/// `-` and `!`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// `&&` and `||`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogicOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// The operators that evaluate both operands, by their names in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl BinaryOperator {
    /// The function of falx that gives it its meaning; `None` where Rust's own never panics.
    pub fn defined(self) -> Option<&'static str> {
        Some(match self {
            BinaryOperator::Add => "add",
            BinaryOperator::Subtract => "subtract",
            BinaryOperator::Multiply => "multiply",
            BinaryOperator::Divide => "divide",
            BinaryOperator::Remainder => "remainder",
            BinaryOperator::ShiftLeft => "shift_left",
            BinaryOperator::ShiftRight => "shift_right",
            _ => return None,
        })
    }

    /// The operator that users define for it, if they may: `!=` is what `==` is not.
    pub fn definable(self) -> Option<Self> {
        use BinaryOperator::*;
        match self {
            Less | LessOrEqual | Greater | GreaterOrEqual => None,
            NotEqual => Some(Equal),
            own => Some(own),
        }
    }

    /// Whether it may fail in every mode, not only where overflow is looked for.
    pub fn may_fail(self) -> bool {
        matches!(self, BinaryOperator::Divide | BinaryOperator::Remainder)
    }
}

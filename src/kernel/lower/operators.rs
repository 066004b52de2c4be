//! Operators: wrapping where Rust wraps in release builds, guarded where Rust panics in every build.

use super::builder::Builder;
use super::ir::*;
use super::method::describe;
use super::*;
use crate::kernel::tree::{BinaryOperator, Expression, UnaryOperator};
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    pub fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: &'static Expression,
        site: Option<&'static Site>,
        line: u32,
    ) -> Result<Value> {
        let value = self.value(operand)?;
        if value.is_never() {
            return Ok(value);
        }
        if let Type::Vector(..) = value.ty {
            return self.unary_vector(operator, value, line);
        }
        if value.scalar().is_none() {
            return Err(self.error_at(
                line,
                format!(
                    "kernels have no operator for a value of type `{}`; use its parts",
                    describe(&value.ty)
                ),
            ));
        }
        let value = match site {
            Some(site) if operator == UnaryOperator::Negate => self.check_smallest(value, site),
            _ => value,
        };
        let ty = value.ty.clone();
        Ok(Value::new(Node::Unary(operator, Box::new(value)), ty))
    }

    pub fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'static Expression,
        right: &'static Expression,
        site: Option<&'static Site>,
        line: u32,
    ) -> Result<Value> {
        let Some(mut values) = self.operands(&[left, right])? else { return Ok(Value::never()) };
        match (values.pop(), values.pop()) {
            (Some(right), Some(left)) => self.combine(operator, left, right, site, line),
            _ => Ok(Value::never()),
        }
    }

    /// `left operator right`, with the check that a division needs.
    pub fn combine(
        &mut self,
        operator: BinaryOperator,
        left: Value,
        right: Value,
        site: Option<&'static Site>,
        line: u32,
    ) -> Result<Value> {
        if matches!(left.ty, Type::Vector(..)) || matches!(right.ty, Type::Vector(..)) {
            return self.combine_vectors(operator, left, right, site, line);
        }
        if operator.compares() && left.scalar().is_none() {
            let compared = self.compared(operator, &left, &right);
            return compared.ok_or_else(|| self.error_at(line, no_comparison(&left, &right)));
        }
        let Some((scalar, _)) = left.scalar().zip(right.scalar()) else {
            return Err(self.error_at(line, no_operator(&left, &right)));
        };
        let divides = matches!(operator, BinaryOperator::Divide | BinaryOperator::Remainder);
        if !divides || !scalar.is_integer() {
            return Ok(match site {
                Some(site) if self.shared.overflow == Overflow::Traps => {
                    self.check_overflow(operator, left, right, site)
                }
                _ => Value::binary(operator, left, right),
            });
        }
        let Some(site) = site else {
            return Err(self.error_at(line, "the kernel's tree has a division without a site"));
        };
        Ok(self.divide(scalar, left, right, site, true, |left, right| Value::binary(operator, left, right)))
    }

    /// An integer division: zero after a report when the divisor is zero, or (if `overflows`) when the result does not fit.
    pub fn divide(
        &mut self,
        scalar: Scalar,
        left: Value,
        right: Value,
        site: &'static Site,
        overflows: bool,
        quotient: impl FnOnce(Value, Value) -> Value,
    ) -> Value {
        let overflows = overflows && scalar.is_signed();
        if let Node::Literal(bits) = right.node
            && bits != 0
            && !(overflows && bits == scalar.mask())
        {
            return quotient(left, right);
        }
        let (left, right) = (self.atom(left), self.atom(right));
        let condition = divides(scalar, &left, &right, overflows);
        self.guarded(condition, site, quotient(left, right))
    }

    /// `value` where `condition` holds; elsewhere zero, after a report.
    pub fn guarded(&mut self, condition: Value, site: &'static Site, value: Value) -> Value {
        let result = self.zeroed(value.ty.clone());
        let place = Place { root: Root::Variable(result), path: Vec::new() };
        let code = self.shared.code(site);
        let check = Check { index: Vec::new(), length: Vec::new(), tested: Vec::new(), code };
        let trap = self.trap(&check);
        self.code.push(Statement::If(condition, vec![Statement::Store(place, value)], vec![trap]));
        self.read(result)
    }
}

/// Whether a division has a result.
pub(super) fn divides(scalar: Scalar, left: &Value, right: &Value, overflows: bool) -> Value {
    let condition = different(right, 0);
    if !overflows || !scalar.is_signed() {
        return condition;
    }
    let fits = different(left, scalar.minimum_bits());
    let harmless = different(right, scalar.mask());
    let either = Node::Logic(tree::LogicOperator::Or, Box::new([harmless, fits]));
    Value::and(condition, Value::new(either, Type::Scalar(Scalar::Bool)))
}

fn different(value: &Value, bits: u64) -> Value {
    let other = Value::new(Node::Literal(bits), value.ty.clone());
    Value::binary(BinaryOperator::NotEqual, value.clone(), other)
}

/// What is said of an operator whose operands are more than scalars; rustc knows some that kernels do not, such as the
/// `==` of tuples.
fn no_comparison(left: &Value, right: &Value) -> String {
    let (left, right) = (describe(&left.ty), describe(&right.ty));
    format!(
        "kernels cannot compare `{left}` with `{right}`; write `#[derive(PartialEq)]`, for `<` also `PartialOrd`, between \
         `#[device]` and the type, or `#[device]` before its impl of `PartialEq`, or compare their parts one by one"
    )
}

pub(super) fn no_operator(left: &Value, right: &Value) -> String {
    let (left, right) = (describe(&left.ty), describe(&right.ty));
    format!(
        "kernels have no operator between `{left}` and `{right}`; compare or combine their parts one by one"
    )
}

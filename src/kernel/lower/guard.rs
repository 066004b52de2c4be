//! Checks of indices: each is a comparison in the code, or a mark that says what a launch has to show.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::tree::BinaryOperator;

impl Builder<'_, '_> {
    /// An index into an array, with the check it needs.
    pub(super) fn array_index(
        &mut self,
        index: Value,
        length: u64,
        site: &'static Site,
        checks: &mut Vec<Check>,
    ) -> Value {
        self.one_below(index, Value::usize(length), site, checks)
    }

    /// An index of one component that must stay below `length`, with the check it needs.
    pub(super) fn one_below(
        &mut self,
        index: Value,
        length: Value,
        site: &'static Site,
        checks: &mut Vec<Check>,
    ) -> Value {
        let mut components = self.below(vec![index], vec![length], site, checks);
        components.pop().unwrap_or(Value::unit())
    }

    /// The components of an index, each of which must stay below its length: some are checked, and of the others the launch
    /// has to show it.
    pub(super) fn below(
        &mut self,
        index: Vec<Value>,
        length: Vec<Value>,
        site: &'static Site,
        checks: &mut Vec<Check>,
    ) -> Vec<Value> {
        let is_open = |d: &usize| !is_below(&index[*d], &length[*d]);
        let open = (0..index.len()).filter(is_open);
        let (tested, shown): (Vec<usize>, Vec<usize>) = open.partition(|d| self.shared.is_tested(site, *d));
        let index = match tested.is_empty() {
            true => index,
            false => index.into_iter().map(|component| self.atom(component)).collect(),
        };
        if !tested.is_empty() {
            let code = self.shared.code(site);
            checks.push(Check { index: index.clone(), length: length.clone(), tested, code });
        }
        let component = |(d, (component, length)): (usize, (Value, Value))| match shown.contains(&d) {
            true => {
                let (number, ty) = (self.shared.left_out(site, d, Asks::Index), component.ty.clone());
                Value::new(Node::Below(number, Box::new([component, length])), ty)
            }
            false => component,
        };
        index.into_iter().zip(length).enumerate().map(component).collect()
    }

    /// The components of an accessor's index, with the check they need.
    pub fn accessor_index(
        &mut self,
        accessor: AccessorId,
        index: Value,
        site: &'static Site,
        checks: &mut Vec<Check>,
        line: u32,
    ) -> Result<Vec<Value>> {
        let dimensions = self.accessors[accessor].dimensions;
        self.context.parameters = true;
        let index = match &index.ty {
            Type::Scalar(_) if dimensions == 1 => vec![index],
            Type::Id(n) | Type::Array(_, n) if *n == dimensions => self.components(index, dimensions),
            other => {
                return Err(
                    self.error_at(line, format!("an index of type {other:?} into {dimensions} dimensions"))
                );
            }
        };
        let length = (0..dimensions).map(|d| self.extent(accessor, d)).collect();
        Ok(self.below(index, length, site, checks))
    }

    /// Runs `inner` if all checks hold, else reports the first that does not.
    pub fn guard(&mut self, checks: &[Check], mut inner: Code) {
        for check in checks.iter().rev() {
            if let Some(condition) = holds(check) {
                inner = vec![Statement::If(condition, inner, vec![self.trap(check)])];
            }
        }
        self.code.extend(inner);
    }
}

/// Whether a constant is below a constant: the one check that needs no launch.
fn is_below(index: &Value, length: &Value) -> bool {
    matches!((&index.node, &length.node), (Node::Literal(index), Node::Literal(length)) if index < length)
}

pub(super) fn holds(check: &Check) -> Option<Value> {
    let compare =
        |&d: &usize| Value::binary(BinaryOperator::Less, check.index[d].clone(), check.length[d].clone());
    check.tested.iter().map(compare).reduce(Value::and)
}

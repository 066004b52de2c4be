//! Slices: they exist only while a kernel is lowered, as the way to the elements, with two numbers. So one function takes
//! slices of every address space.

use super::access::{Access, Base, has_storage};
use super::builder::Builder;
use super::ir::*;
use super::pattern::element_type;
use super::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::twin::RANGE_OUTSIDE;
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// `&base[start..end]` and its kin.
    pub fn slice(&mut self, slice: &'static tree::Slice, line: u32) -> Result<Value> {
        let Some((access, _)) = self.access(slice.base, None)? else { return Ok(Value::never()) };
        if slice.mutable && !is_changeable(&access) {
            return Err(self.error_at(
                line,
                "a slice of this cannot be changed in a kernel, as every work-item has its own copy",
            ));
        }
        let (whole, element) = self.window(access);
        let parts: Vec<_> = slice.row.into_iter().chain(slice.start).chain(slice.end).collect();
        let Some(mut parts) = self.operands(&parts)? else { return Ok(Value::never()) };
        let end = slice.end.and_then(|_| parts.pop());
        let start = slice.start.and_then(|_| parts.pop());
        let whole = match parts.pop() {
            Some(row) => self.row_of(whole, row, slice.site),
            None => whole,
        };
        let window = self.narrowed(whole, start, end, slice.site);
        Ok(Value::new(Node::Slice(Box::new(window)), Type::Slice(Box::new(element))))
    }

    /// What a parameter that is a reference to a slice stands for: of a whole array all its elements.
    pub fn lent(&mut self, value: Value) -> Value {
        if value.stands_for_code() || !matches!(value.ty, Type::Array(..)) {
            return value;
        }
        let ty = value.ty.clone();
        let access = Access { base: Base::Value(value), path: Vec::new(), checks: Vec::new(), ty };
        let (window, element) = self.window(access);
        Value::new(Node::Slice(Box::new(window)), Type::Slice(Box::new(element)))
    }

    /// All elements of an array, accessor or slice, and their type.
    fn window(&mut self, mut access: Access) -> (Window, Type) {
        self.make_repeatable(&mut access);
        let (path, ty) = (access.path.clone(), access.ty.clone());
        let base = match access {
            Access { base: Base::Value(Value { node: Node::Slice(window), ty }), .. } if path.is_empty() => {
                return (*window, slice_element(&ty));
            }
            Access { base: Base::Value(base), checks, .. } if checks.is_empty() => base,
            access => {
                let loaded = self.load_checked(access);
                return self.window_of(loaded, Vec::new(), &ty);
            }
        };
        self.window_of(base, path, &ty)
    }

    fn window_of(&mut self, base: Value, path: Vec<Step>, ty: &Type) -> (Window, Type) {
        let (length, element) = match (&base.node, ty) {
            (Node::Accessor(accessor), _) => {
                let element = self.accessors[*accessor].element.clone();
                (self.extent(*accessor, 0), element)
            }
            (_, Type::Array(_, length)) => (Value::usize(*length as u64), element_type(ty)),
            _ => (Value::usize(0), element_type(ty)),
        };
        let stays = matches!(base.node, Node::Accessor(_) | Node::Variable(_))
            || has_storage(&base) && self.is_stable(&base);
        let base = if stays { base } else { self.spill(base) };
        (Window { base, row: Vec::new(), path, start: Value::usize(0), length }, element)
    }

    /// A part of a slice; one that does not lie inside ends the work-item. Where work-items that have ended go on to a
    /// barrier, it has no elements.
    fn narrowed(
        &mut self,
        whole: Window,
        start: Option<Value>,
        end: Option<Value>,
        site: &'static Site,
    ) -> Window {
        if start.is_none() && end.is_none() {
            return whole;
        }
        let first = self.atom(start.unwrap_or(Value::usize(0)));
        let beyond = self.atom(end.unwrap_or(whole.length.clone()));
        let length = difference(&beyond, &first);
        let length = match self.outside(&first, &beyond, &whole.length) {
            None => self.atom(length),
            Some(outside) => {
                let checked = self.late(Type::Scalar(Scalar::Usize));
                self.code.push(Statement::Declare(checked, Some(length)));
                let empty = Place { root: Root::Variable(checked), path: Vec::new() };
                let values = vec![first.clone(), beyond, whole.length];
                let panic = self.own_panic(site, &RANGE_OUTSIDE, values);
                let failed = vec![Statement::Store(empty, Value::usize(0)), panic];
                self.code.push(Statement::If(outside, failed, Code::new()));
                self.read(checked)
            }
        };
        let start = self.atom(sum(whole.start, first));
        Window { start, length, ..whole }
    }

    /// A row of an accessor of several dimensions; where there is none, the work-item ends. Where work-items that have ended go
    /// on to a barrier, it has no elements.
    fn row_of(&mut self, whole: Window, row: Value, site: &'static Site) -> Window {
        let Node::Accessor(accessor) = whole.base.node else { return whole };
        let last = self.accessors[accessor].dimensions - 1;
        let row = self.components(row, last);
        let extents = (0..last).map(|dimension| self.extent(accessor, dimension)).collect();
        let mut checks = Vec::new();
        let row = self.below(row, extents, site, &mut checks);
        // Where the launch shows that there is such a row, it does so here: the row may have no elements.
        let row = row.into_iter().map(|index| self.spilled_unless_atom(index)).collect();
        let mut length = self.extent(accessor, last);
        for check in checks {
            if let Some(exists) = self.require_check(&check) {
                let ty = Type::Scalar(Scalar::Usize);
                length = Value::new(Node::Select(Box::new([exists, length, Value::usize(0)])), ty);
            }
        }
        Window { row, length: self.atom(length), ..whole }
    }

    fn spilled_unless_atom(&mut self, index: Value) -> Value {
        if matches!(index.node, Node::Below(..)) { self.spill(index) } else { self.atom(index) }
    }

    /// When a range does not lie inside; `None` if it is known to.
    fn outside(&mut self, start: &Value, end: &Value, length: &Value) -> Option<Value> {
        let greater = |left: &Value, right: &Value| {
            let is_known = left == right
                || matches!((&left.node, &right.node), (Node::Literal(a), Node::Literal(b)) if a <= b)
                || matches!(left.node, Node::Literal(0));
            (!is_known).then(|| Value::binary(BinaryOperator::Greater, left.clone(), right.clone()))
        };
        let conditions = [greater(start, end), greater(end, length)];
        conditions.into_iter().flatten().reduce(|one, other| {
            Value::new(
                Node::Logic(tree::LogicOperator::Or, Box::new([one, other])),
                Type::Scalar(Scalar::Bool),
            )
        })
    }

    /// The index into what a slice is of, with the check it needs.
    pub fn slice_index(
        &mut self,
        window: &Window,
        index: Value,
        site: &'static Site,
        checks: &mut Vec<Check>,
    ) -> Value {
        if matches!(window.base.node, Node::Accessor(_)) {
            self.context.parameters = true;
        }
        let index = self.one_below(index, window.length.clone(), site, checks);
        sum(window.start.clone(), index)
    }
}

/// An element of a slice, by its index into what the slice is of.
pub(super) fn element_of_slice(window: Window, slice: &Type, index: Value, checks: Vec<Check>) -> Access {
    let (ty, mut path) = (slice_element(slice), window.path);
    if let Node::Accessor(accessor) = window.base.node {
        let mut indices = window.row;
        indices.push(index);
        return Access { base: Base::Element(accessor, indices, ty.clone()), path, checks, ty };
    }
    path.push(Step::Index(index));
    Access { base: Base::Value(window.base), path, checks, ty }
}

/// Whether what is meant can be stored to.
fn is_changeable(access: &Access) -> bool {
    match &access.base {
        Base::Element(..) => true,
        Base::Value(base) => matches!(base.node, Node::Variable(_) | Node::Accessor(_) | Node::Slice(_)),
    }
}

fn slice_element(ty: &Type) -> Type {
    match ty {
        Type::Slice(element) => (**element).clone(),
        other => element_type(other),
    }
}

fn sum(left: Value, right: Value) -> Value {
    match (&left.node, &right.node) {
        (Node::Literal(0), _) => right,
        (_, Node::Literal(0)) => left,
        (Node::Literal(a), Node::Literal(b)) => Value::usize(a.wrapping_add(*b)),
        _ => Value::binary(BinaryOperator::Add, left, right),
    }
}

fn difference(left: &Value, right: &Value) -> Value {
    match (&left.node, &right.node) {
        (_, Node::Literal(0)) => left.clone(),
        (Node::Literal(a), Node::Literal(b)) => Value::usize(a.wrapping_sub(*b)),
        _ => Value::binary(BinaryOperator::Subtract, left.clone(), right.clone()),
    }
}

//! Which values decide, and what of the others has to be looked at all the same.

use super::write::Writer;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::types::{Space, Type};

/// Whether something may be known of values of a type: of floats nothing is.
pub(super) fn tells(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) | Type::Vector(scalar, _) => !scalar.is_float(),
        Type::Array(element, _) => tells(element),
        Type::Aggregate(aggregate) => aggregate.fields.iter().any(|field| tells(&field.ty)),
        Type::Unit => false,
        _ => true,
    }
}

impl Writer<'_> {
    /// A value that decides.
    pub fn need(&mut self, value: &Value) -> Value {
        self.has_questions |= self.asks(value);
        self.mark(value);
        self.trimmed(value)
    }

    /// A value that does not decide: only the questions in it are asked.
    pub fn ask(&mut self, value: &Value) {
        let mut found = Vec::new();
        self.questions(value, &mut found);
        for question in found {
            let question = self.need(question);
            self.act(super::Act::Ask(question));
        }
    }

    pub fn ask_all<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        values.into_iter().for_each(|value| self.ask(value));
    }

    /// Whether a value, or something inside, is a question or touches a buffer.
    pub fn asks(&self, value: &Value) -> bool {
        value.any(&mut |value| match &value.node {
            Node::Below(..) | Node::Divisor(..) => true,
            Node::Load(accessor, _) | Node::Atomic(_, accessor, ..) => self.is_buffer(*accessor),
            Node::Call(function, _) => self.called[*function].asks,
            _ => false,
        })
    }

    pub fn is_buffer(&self, accessor: AccessorId) -> bool {
        self.function.accessors[accessor].space == Space::Global
    }

    /// The parts of a value that are looked at although it does not decide, each under what it is evaluated under.
    fn questions<'v>(&self, value: &'v Value, found: &mut Vec<&'v Value>) {
        let is_whole = match &value.node {
            Node::Below(..) | Node::Divisor(..) => true,
            Node::Load(accessor, _) | Node::Atomic(_, accessor, ..) => self.is_buffer(*accessor),
            Node::Call(function, _) => self.called[*function].asks,
            Node::Logic(_, pair) => self.asks(&pair[1]),
            Node::Select(three) => self.asks(&three[1]) || self.asks(&three[2]),
            _ => false,
        };
        if is_whole {
            return found.push(value);
        }
        for child in value.children() {
            self.questions(child, found);
        }
    }

    /// Notes what a value depends on that decides, or that has questions in it.
    fn mark(&mut self, value: &Value) {
        match &value.node {
            Node::Variable(variable) => self.decides[*variable] |= tells(&value.ty),
            Node::Parameter(Content::Value(argument)) => _ = self.captured.insert(*argument),
            Node::Below(_, pair) => self.mark_all(&**pair),
            Node::Divisor(_, divisor) => self.mark(divisor),
            Node::Load(accessor, index) => self.mark_element(*accessor, index),
            Node::Atomic(_, accessor, index, operands) => {
                self.mark_element(*accessor, index);
                operands.iter().for_each(|operand| self.mark_questions(operand));
            }
            Node::Call(function, arguments) => self.mark_call(*function, arguments),
            // What stands in the others is evaluated if the first says so.
            Node::Logic(..) | Node::Select(..) => self.mark_all(value.children()),
            _ if tells(&value.ty) => self.mark_all(value.children()),
            _ => value.children().into_iter().for_each(|child| self.mark_questions(child)),
        }
    }

    fn mark_all<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        values.into_iter().for_each(|value| self.mark(value));
    }

    fn mark_questions(&mut self, value: &Value) {
        let mut found = Vec::new();
        self.questions(value, &mut found);
        self.mark_all(found);
    }

    fn mark_element(&mut self, accessor: AccessorId, index: &[Value]) {
        match self.is_buffer(accessor) {
            true => self.mark_all(index),
            false => index.iter().for_each(|index| self.mark_questions(index)),
        }
    }

    fn mark_call(&mut self, function: usize, arguments: &[Value]) {
        let given = arguments.iter().filter(|argument| !matches!(argument.node, Node::Item | Node::Unit));
        for (position, argument) in given.enumerate() {
            match self.called[function].decides.get(position) {
                Some(false) => self.mark_questions(argument),
                _ => self.mark(argument),
            }
        }
    }

    /// A value that decides without what is not known of it anyway.
    fn trimmed(&self, value: &Value) -> Value {
        if self.is_unknown(value) {
            return unknown(&value.ty);
        }
        let node = match &value.node {
            Node::Logic(operator, pair) => {
                Node::Logic(*operator, Box::new(pair.each_ref().map(|side| self.trimmed(side))))
            }
            Node::Unary(operator, inner) => Node::Unary(*operator, Box::new(self.trimmed(inner))),
            Node::Cast(inner) => Node::Cast(Box::new(self.trimmed(inner))),
            node => node.clone(),
        };
        Value::new(node, value.ty.clone())
    }

    /// Whether nothing but its type is known of a value, whatever the launch, and nothing in it is to be asked.
    fn is_unknown(&self, value: &Value) -> bool {
        let is_made_of_unknown = match &value.node {
            Node::Load(..) => true,
            Node::Binary(_, pair) => !tells(&pair[0].ty) && !tells(&pair[1].ty),
            Node::Cast(inner) | Node::Reinterpret(inner) => !tells(&inner.ty),
            _ => !tells(&value.ty),
        };
        is_made_of_unknown && !self.asks(value)
    }
}

/// A value of which nothing is known but its type.
fn unknown(ty: &Type) -> Value {
    Value::new(Node::Never, ty.clone())
}

/// Whether nothing is known of a value.
pub(super) fn is_unknown(value: &Value) -> bool {
    value.node == Node::Never
}

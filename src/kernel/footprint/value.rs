//! What is known of values.

use super::form::Form;
use super::knowledge::{Bounds, Forms, Truth};
use super::launch::{integer, limits};
use super::number::Number;
use super::touch::Access;
use super::walk::{Held, Walk};
use crate::kernel::lower::ir::*;
use crate::kernel::tree::{BinaryOperator, LogicOperator, UnaryOperator};
use crate::kernel::types::{Scalar, Type};
use smallvec::smallvec;
use std::rc::Rc;

impl Walk<'_> {
    /// What is known of a value. Looks at everything in it, each part where it is evaluated.
    pub fn value(&mut self, value: &Value) -> Held {
        if !self.count() {
            return self.anything(&value.ty);
        }
        let held = self.node(value);
        match (&held, value.scalar()) {
            // So that the same value is the same symbol wherever it is read.
            (Held::Anything, Some(scalar)) if scalar.is_integer() => Held::Number(self.fresh(scalar)),
            _ => held,
        }
    }

    fn node(&mut self, value: &Value) -> Held {
        let scalar = value.scalar();
        match &value.node {
            Node::Variable(variable) => self.frame.values[*variable].clone(),
            Node::Zero | Node::Literal(_) => constant(value),
            Node::Parameter(content) => {
                let known = scalar.and_then(|scalar| self.launch.parameter(*content, scalar));
                match (known, scalar) {
                    (Some(known), Some(Scalar::Bool)) => Held::bool(known != 0),
                    (Some(known), _) => Held::number(known),
                    (None, _) => Held::Anything,
                }
            }
            Node::Query(query) => Held::Number(self.launch.query(*query, &mut self.knowledge)),
            Node::Extent(accessor, dimension) => {
                let argument = self.frame.accessors[*accessor];
                let extent = argument.and_then(|argument| self.launch.extent(argument, *dimension));
                extent.map_or(Held::Anything, Held::number)
            }
            Node::Unary(operator, inner) => self.unary(*operator, inner),
            Node::Binary(operator, pair) => self.binary(*operator, &pair[0], &pair[1]),
            Node::Logic(operator, pair) => self.logic(*operator, &pair[0], &pair[1]),
            Node::Select(three) => self.select(three, scalar),
            Node::Cast(inner) => self.cast(inner, scalar),
            Node::Method(method, operands) => self.method(method.name, operands, scalar),
            Node::Components(parts) => Held::Parts(parts.iter().map(|part| self.value(part)).collect()),
            Node::Element(pair) => self.element(&pair[0], &pair[1]),
            Node::Field(whole, position) => match self.value(whole) {
                Held::Parts(parts) => parts.get(*position).cloned().unwrap_or(Held::Anything),
                _ => Held::Anything,
            },
            Node::Below(check, pair) => {
                let (index, length) = (self.integer(&pair[0]), self.integer(&pair[1]));
                self.show(*check, &index, &length);
                Held::Number(index)
            }
            Node::Divisor(check, inner) => {
                let divisor = self.integer(inner);
                self.show_divisor(*check, &divisor);
                Held::Number(divisor)
            }
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Load(accessor, index) => {
                self.touch(*accessor, index, Access::Read);
                Held::Anything
            }
            Node::Atomic(_, accessor, index, arguments) => {
                self.touch(*accessor, index, Access::Both);
                self.all(arguments);
                Held::Anything
            }
            _ => {
                for child in value.children() {
                    self.value(child);
                }
                Held::Anything
            }
        }
    }

    /// A value that is an integer, as a number that does not wrap.
    pub fn integer(&mut self, value: &Value) -> Form {
        let held = self.value(value);
        self.number(&held, value.scalar().unwrap_or(Scalar::U64))
    }

    fn unary(&mut self, operator: UnaryOperator, inner: &Value) -> Held {
        match (operator, self.value(inner)) {
            (UnaryOperator::Negate, Held::Number(form)) => form.times(-1).into(),
            (UnaryOperator::Not, Held::Number(form)) => {
                form.times(-1).and_then(|form| form.plus_number(-1)).into()
            }
            (UnaryOperator::Not, Held::Truth(truth)) => Held::truth(truth.fails.clone(), truth.holds.clone()),
            _ => Held::Anything,
        }
    }

    fn logic(&mut self, operator: LogicOperator, left: &Value, right: &Value) -> Held {
        let left_held = self.value(left);
        let decides = operator == LogicOperator::And;
        let right = self.apart(|walk| {
            walk.assume_held(&left_held, decides);
            walk.value(right)
        });
        both(decides, &left_held, &right)
    }

    fn select(&mut self, three: &[Value; 3], scalar: Option<Scalar>) -> Held {
        let condition = self.condition(&three[0]);
        let side = |outcome: bool, value: &Value, walk: &mut Self| {
            walk.apart(|walk| {
                walk.assume_once(&three[0], condition.as_ref(), outcome);
                let held = walk.value(value);
                let bounds = scalar.filter(|scalar| scalar.is_integer()).map(|scalar| {
                    let number = walk.number(&held, scalar);
                    walk.bounds(&number, scalar)
                });
                (!walk.knowledge.is_impossible()).then_some((held, bounds))
            })
        };
        match (side(true, &three[1], self), side(false, &three[2], self)) {
            (Some((held, _)), None) | (None, Some((held, _))) => held,
            (Some((yes, _)), Some((no, _))) if yes == no => yes,
            (Some((_, Some(one))), Some((_, Some(two)))) => {
                Held::Number(Form::symbol(self.knowledge.fresh(one.hull(two))))
            }
            _ => Held::Anything,
        }
    }

    fn cast(&mut self, inner: &Value, target: Option<Scalar>) -> Held {
        let held = self.value(inner);
        let (Some(source), Some(target)) = (inner.scalar(), target) else { return Held::Anything };
        match held {
            // The low bits of a sum are the sum of the low bits.
            Held::Number(form) if target.bits() <= source.bits() && target.is_integer() => Held::Number(form),
            Held::Number(_) if target.is_integer() => Held::Number(self.number(&held, source)),
            Held::Truth(truth) if target.is_integer() => {
                Held::Number(Form::symbol(self.knowledge.flag(truth)))
            }
            _ if source == Scalar::Bool && target.is_integer() => {
                Held::Number(Form::symbol(self.knowledge.fresh(limits(Scalar::Bool))))
            }
            _ => Held::Anything,
        }
    }

    fn element(&mut self, array: &Value, index: &Value) -> Held {
        let (whole, index) = (self.value(array), self.value(index));
        if let (Held::Parts(parts), Held::Number(index)) = (&whole, &index) {
            let position = index.as_number().and_then(|index| usize::try_from(index.pinned()).ok());
            return position.and_then(|position| parts.get(position)).cloned().unwrap_or(Held::Anything);
        }
        self.smallest_and_largest(array)
            .map_or(Held::Anything, |bounds| Held::Number(Form::symbol(self.knowledge.fresh(bounds))))
    }

    /// The bounds of the numbers in a constant array.
    fn smallest_and_largest(&self, array: &Value) -> Option<Bounds> {
        match &array.node {
            Node::Element(pair) => self.smallest_and_largest(&pair[0]),
            Node::Table(table) => {
                let table = &self.module.tables[*table];
                let mut ty = &table.ty;
                while let Type::Array(element, _) = ty {
                    ty = element;
                }
                let Type::Scalar(scalar) = ty else { return None };
                let numbers = table.bits.iter().map(|bits| integer(*scalar, *bits));
                let bounds = numbers.map(|number| number.map(|number| Bounds::new(number, number)));
                bounds.reduce(|one, two| Some(one?.hull(two?)))?
            }
            _ => None,
        }
    }

    fn comparison(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Held {
        if !left.scalar().is_some_and(Scalar::is_integer) || !right.scalar().is_some_and(Scalar::is_integer) {
            self.value(left);
            self.value(right);
            return Held::Anything;
        }
        let (left, right) = (self.integer(left), self.integer(right));
        self.compared(operator, &left, &right).unwrap_or(Held::Anything)
    }

    fn compared(&self, operator: BinaryOperator, left: &Form, right: &Form) -> Option<Held> {
        use BinaryOperator::*;
        let at_least = |one: &Form, two: &Form| one.minus(two);
        let beyond = |one: &Form, two: &Form| one.minus(two)?.plus_number(-1);
        let (holds, fails) = match operator {
            Less => (beyond(right, left)?, at_least(left, right)?),
            LessOrEqual => (at_least(right, left)?, beyond(left, right)?),
            Greater => (beyond(left, right)?, at_least(right, left)?),
            GreaterOrEqual => (at_least(left, right)?, beyond(right, left)?),
            _ => return self.equal(operator, left, right),
        };
        Some(Held::truth(smallvec![holds], smallvec![fails]))
    }

    fn equal(&self, operator: BinaryOperator, left: &Form, right: &Form) -> Option<Held> {
        let (over, under) = (left.minus(right)?, right.minus(left)?);
        // Unequal numbers of which one is never the smaller one.
        let differ: Forms = if self.knowledge.is_never_negative(Some(over.clone())) {
            smallvec![over.plus_number(-1)?]
        } else if self.knowledge.is_never_negative(Some(under.clone())) {
            smallvec![under.plus_number(-1)?]
        } else {
            Forms::new()
        };
        let same = smallvec![over, under];
        match operator {
            BinaryOperator::Equal => Some(Held::truth(same, differ)),
            BinaryOperator::NotEqual => Some(Held::truth(differ, same)),
            _ => None,
        }
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Held {
        if operator.compares() {
            return self.comparison(operator, left, right);
        }
        let (one, two) = (self.value(left), self.value(right));
        match (left.scalar(), right.scalar()) {
            (Some(Scalar::Bool), _) => match operator {
                BinaryOperator::And => both(true, &one, &two),
                BinaryOperator::Or => both(false, &one, &two),
                _ => Held::Anything,
            },
            (Some(scalar), Some(other)) if scalar.is_integer() && other.is_integer() => {
                self.operation(operator, [one, two], [scalar, other])
            }
            _ => Held::Anything,
        }
    }

    /// Takes for known that a condition has an outcome, after looking at everything in it.
    pub fn assume(&mut self, condition: &Value, outcome: bool) {
        match &condition.node {
            Node::Unary(UnaryOperator::Not, inner) if inner.scalar() == Some(Scalar::Bool) => {
                self.assume(inner, !outcome);
            }
            Node::Logic(operator, pair) if (*operator == LogicOperator::And) == outcome => {
                self.assume(&pair[0], outcome);
                self.assume(&pair[1], outcome);
            }
            _ => {
                let held = self.value(condition);
                self.assume_held(&held, outcome);
            }
        }
    }

    /// What is known of a condition, unless a part of it is looked at under another: then each outcome is looked at by itself.
    pub fn condition(&mut self, condition: &Value) -> Option<Held> {
        match &condition.node {
            Node::Unary(..) | Node::Logic(..) => None,
            _ => Some(self.value(condition)),
        }
    }

    /// Takes for known that a condition has an outcome, by what [`Walk::condition`] found.
    pub fn assume_once(&mut self, condition: &Value, found: Option<&Held>, outcome: bool) {
        match found {
            Some(held) => self.assume_held(held, outcome),
            None => self.assume(condition, outcome),
        }
    }

    fn assume_held(&mut self, held: &Held, outcome: bool) {
        let Held::Truth(truth) = held else { return };
        self.knowledge.learn_all(if outcome { &truth.holds } else { &truth.fails });
    }
}

/// Two conditions of which both hold (or both fail): what follows from either does; from the opposite nothing.
fn both(hold: bool, left: &Held, right: &Held) -> Held {
    let of = |held: &Held| match held {
        Held::Truth(truth) => {
            if hold {
                truth.holds.clone()
            } else {
                truth.fails.clone()
            }
        }
        _ => Forms::new(),
    };
    let mut all = of(left);
    all.extend(of(right));
    if hold { Held::truth(all, Forms::new()) } else { Held::truth(Forms::new(), all) }
}

fn constant(value: &Value) -> Held {
    let bits = match value.node {
        Node::Literal(bits) => bits,
        _ => 0,
    };
    match value.scalar() {
        Some(Scalar::Bool) => Held::bool(bits != 0),
        Some(scalar) => integer(scalar, bits).map_or(Held::Anything, Held::number),
        None => Held::Anything,
    }
}

impl Held {
    pub fn number(number: impl Into<Number>) -> Self {
        Held::Number(Form::number(number))
    }

    pub fn truth(holds: Forms, fails: Forms) -> Self {
        Held::Truth(Rc::new(Truth { holds, fails }))
    }

    /// A condition with a known outcome: from the other one anything follows.
    fn bool(outcome: bool) -> Self {
        let never = smallvec![Form::number(-1)];
        if outcome { Held::truth(Forms::new(), never) } else { Held::truth(never, Forms::new()) }
    }
}

impl From<Option<Form>> for Held {
    fn from(form: Option<Form>) -> Self {
        form.map_or(Held::Anything, Held::Number)
    }
}

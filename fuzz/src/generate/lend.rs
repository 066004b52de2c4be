//! Random things that a function is lent: variables and their parts by reference, and slices of arrays and accessors.

use super::aggregate::{Part, Step, parts_of};
use super::{Generator, Variable};
use crate::program::{
    BinaryOperator, Expression, Function, Kind, Local, POSITION, POSITION_IN_GROUP, Scalar, Statement, Type,
};
use std::rc::Rc;

/// What is lent for a parameter.
#[derive(Clone)]
pub enum Lent {
    /// A variable.
    Variable(Local),
    /// A part of a variable.
    Part(Local, Rc<Part>),
    /// Any value, to be read.
    Value,
    /// Some elements of an accessor.
    Accessor(usize),
}

impl Generator {
    /// Elements that slices can have.
    pub fn element_of_views(&mut self, mutable: bool) -> Type {
        let inputs = self.program.inputs.iter().map(|input| input.element.clone()).filter(|_| !mutable);
        let known: Vec<Type> =
            inputs.chain(self.program.outputs.clone()).chain(self.program.tile.clone()).collect();
        match self.random.chance(75) {
            true => self.random.pick(&known).clone(),
            false => Type::Scalar(self.scalar_that(|scalar| scalar != Scalar::Bool)),
        }
    }

    /// Chooses what is lent for each reference and slice, in order; variables that there are not yet are declared.
    pub fn lend(&mut self, function: &Function, depth: usize) -> (Vec<Statement>, Vec<Lent>) {
        let (mut declarations, mut all) = (Vec::new(), Vec::new());
        for (_, ty) in &function.parameters {
            let (Type::Reference(..) | Type::View(..)) = ty else { continue };
            let lent = self.lent_as(ty, depth, &mut declarations);
            if let Lent::Variable(local) | Lent::Part(local, _) = lent {
                self.lent.push(local);
            }
            all.push(lent);
        }
        (declarations, all)
    }

    fn lent_as(&mut self, wanted: &Type, depth: usize, declarations: &mut Vec<Statement>) -> Lent {
        let accessors = self.accessors_as(wanted);
        if !accessors.is_empty() && self.random.chance(70) {
            return Lent::Accessor(*self.random.pick(&accessors));
        }
        if matches!(wanted, Type::Reference(to, false) if !matches!(**to, Type::Slice(_)))
            && self.random.chance(25)
        {
            return Lent::Value;
        }
        if self.random.chance(40)
            && let Some(part) = self.lent_part(wanted)
        {
            return part;
        }
        let known: Vec<Local> =
            self.visible().filter(|variable| fits(variable, wanted)).map(|variable| variable.local).collect();
        if !known.is_empty() && self.random.chance(80) {
            return Lent::Variable(*self.random.pick(&known));
        }
        let (ty, mutable) = self.lendable(wanted);
        let value = Some(self.expression(&ty, depth + 1));
        let local = self.declare(&ty, mutable);
        declarations.push(Statement::Let { local, ty, mutable, value });
        Lent::Variable(local)
    }

    /// A type whose variables can be lent, and whether they have to be mutable.
    fn lendable(&mut self, wanted: &Type) -> (Type, bool) {
        match wanted {
            Type::View(element, mutable) => {
                (Type::Array(element.clone(), self.random.between(1, 5)), *mutable)
            }
            Type::Reference(to, mutable) => match &**to {
                Type::Slice(element) => (Type::Array(element.clone(), self.random.between(1, 5)), *mutable),
                other => (other.clone(), *mutable),
            },
            other => (other.clone(), false),
        }
    }

    /// A part of a variable that a reference can lead to, if there is one.
    fn lent_part(&mut self, wanted: &Type) -> Option<Lent> {
        let Type::Reference(to, mutable) = wanted else { return None };
        let mut found = Vec::new();
        for variable in self.visible().filter(|variable| variable.mutable || !mutable) {
            let mut parts = Vec::new();
            parts_of(&variable.ty, &mut Vec::new(), &mut parts);
            let fitting = parts.into_iter().filter(|part| part.ty == **to && is_lendable(&variable.ty, part));
            found.extend(fitting.map(|part| (variable.local, part)));
        }
        if found.is_empty() {
            return None;
        }
        let (local, part) = found.swap_remove(self.random.below(found.len()));
        Some(Lent::Part(local, Rc::new(part)))
    }

    /// The accessors of which slices of a type can be taken here.
    fn accessors_as(&self, wanted: &Type) -> Vec<usize> {
        let Type::View(element, mutable) = wanted else { return Vec::new() };
        let inputs = self.inputs.iter().filter(|(_, of, _)| of == &**element && !mutable);
        let inputs = inputs.map(|(accessor, ..)| *accessor);
        let outputs = self.outputs.iter().filter(|(_, of)| of == &**element).map(|(accessor, _)| *accessor);
        let tile = self.program.tile.iter().filter(|of| *of == &**element && !self.in_function);
        // Of what others read meanwhile nothing is written.
        let tile = tile.filter(|_| self.tile_is_shared != *mutable);
        inputs.chain(outputs).chain(tile.map(|_| self.tile())).collect()
    }

    /// The accessor of the kernel's local memory.
    fn tile(&self) -> usize {
        self.program.inputs.len() + self.program.outputs.len()
    }

    /// What a parameter that is a reference or a slice is given.
    pub fn lent_argument(&mut self, ty: &Type, lent: &Lent, depth: usize) -> Expression {
        match lent {
            Lent::Accessor(accessor) => self.slice_of_accessor(*accessor, ty, depth),
            Lent::Value => {
                let Type::Reference(to, _) = ty else { return self.leaf(ty) };
                let value = self.expression(to, depth);
                Expression::new(Kind::Borrow(Box::new(value)), ty.clone())
            }
            Lent::Variable(local) => match self.variable(*local) {
                Some(variable) if is_slice(ty) => self.part(variable, ty),
                Some(variable) => Expression::new(Kind::Borrow(Box::new(variable)), ty.clone()),
                None => self.leaf(ty),
            },
            Lent::Part(local, part) => {
                let Some(whole) = self.variable(*local) else { return self.leaf(ty) };
                let steps = part.steps.iter().map(Step::copied);
                let part = steps.fold(whole, |base, step| self.step(base, step, depth));
                Expression::new(Kind::Borrow(Box::new(part)), ty.clone())
            }
        }
    }

    fn variable(&self, local: Local) -> Option<Expression> {
        let known = self.scope.iter().find(|variable| variable.local == local)?;
        Some(Expression::local(local, known.ty.clone()))
    }

    /// `&base[start..end]` and its kin, which is hardly ever empty.
    fn part(&mut self, base: Expression, ty: &Type) -> Expression {
        let (start, end) = match base.ty {
            Type::Array(_, length) => self.range_in(length),
            _ if self.random.chance(80) => (0, 1),
            _ => return self.cut(base, None, [None, None], ty),
        };
        let ends = [start, end].map(Expression::usize);
        let ends = ends.map(|end| self.random.chance(50).then_some(end));
        self.cut(base, None, ends, ty)
    }

    /// A part of so many elements; seldom one that does not lie inside.
    fn range_in(&mut self, length: usize) -> (usize, usize) {
        let length = if self.random.chance(2) { length + 1 } else { length };
        let start = self.random.below(length);
        (start, self.random.between(start + 1, length + 1))
    }

    fn cut(
        &mut self,
        base: Expression,
        row: Option<Expression>,
        [start, end]: [Option<Expression>; 2],
        ty: &Type,
    ) -> Expression {
        let [row, start, end] = [row, start, end].map(|it| it.map(Box::new));
        let part = Kind::Part { base: Box::new(base), row, start, end, site: self.site() };
        Expression::new(part, ty.clone())
    }

    /// Any elements of an input or of local memory that all may read; of others the work-item's own.
    fn slice_of_accessor(&mut self, accessor: usize, ty: &Type, depth: usize) -> Expression {
        let whole = Expression::new(Kind::Whole(accessor), ty.clone());
        let input = self.inputs.iter().find(|(number, ..)| *number == accessor).map(|it| it.2.clone());
        let is_tile = !self.in_function && self.program.tile.is_some() && accessor == self.tile();
        let extent = match input {
            None if is_tile && self.tile_is_shared => Some(vec![self.program.shape.group()]),
            input => input,
        };
        match extent.as_deref() {
            Some([rows, columns]) => {
                let row = self.index_of_array(*rows, depth);
                let ends = self.ends(*columns, depth);
                self.cut(whole, Some(row), ends, ty)
            }
            Some([length, ..]) => {
                let ends = self.ends(*length, depth);
                self.cut(whole, None, ends, ty)
            }
            _ => self.own_slice(whole, is_tile, ty),
        }
    }

    /// The ends of a range in so many elements.
    fn ends(&mut self, length: usize, depth: usize) -> [Option<Expression>; 2] {
        if self.random.chance(40) {
            let start = self.index_of_array(length, depth);
            return [Some(start), None];
        }
        let (start, end) = self.range_in(length);
        [start, end].map(|end| self.random.chance(60).then(|| Expression::usize(end)))
    }

    /// `a.slice_mut(i..i + 1)`, or the same of a row.
    fn own_slice(&mut self, whole: Expression, is_tile: bool, ty: &Type) -> Expression {
        let usize = Type::Scalar(Scalar::Usize);
        let place = if is_tile { POSITION_IN_GROUP } else { POSITION };
        let position = Expression::local(place, usize);
        let (row, start) = match self.program.shape.extent()[..] {
            [_, columns] if !is_tile => {
                let row = self.with_number(BinaryOperator::Divide, position.clone(), columns);
                (Some(row), self.with_number(BinaryOperator::Remainder, position, columns))
            }
            _ => (None, position),
        };
        let end = self.with_number(BinaryOperator::Add, start.clone(), 1);
        self.cut(whole, row, [Some(start), Some(end)], ty)
    }

    fn with_number(&mut self, operator: BinaryOperator, left: Expression, right: usize) -> Expression {
        let pair = Box::new([left, Expression::usize(right)]);
        Expression::scalar(Kind::Binary(operator, pair, self.site()), Scalar::Usize)
    }

    /// A store to an element of a slice of falx's, or to a part of one, if there is one in scope that can be changed.
    pub fn store_in_view(&mut self, depth: usize) -> Option<Statement> {
        let views = self.visible().filter(|variable| matches!(variable.ty, Type::View(_, true)));
        let views: Vec<Variable> = views.cloned().collect();
        if views.is_empty() {
            return None;
        }
        let view = self.random.pick(&views).clone();
        let element = self.element_of_view(&view, depth);
        let place = self.part_of_place(element, depth);
        Some(Statement::Expression(self.assignment(place, depth)))
    }

    /// An element of a slice of falx's.
    pub fn element_of_view(&mut self, view: &Variable, depth: usize) -> Expression {
        let element = match &view.ty {
            Type::View(element, _) => (**element).clone(),
            other => other.clone(),
        };
        let base = Expression::local(view.local, view.ty.clone());
        let (index, site) = (self.index_of_slice(base.clone(), depth), self.site());
        Expression::new(Kind::Element(Box::new([base, index]), site), element)
    }
}

fn is_slice(ty: &Type) -> bool {
    match ty {
        Type::Reference(to, _) => matches!(**to, Type::Slice(_)),
        ty => matches!(ty, Type::View(..)),
    }
}

/// Whether a variable as a whole can be lent as `wanted`.
fn fits(variable: &Variable, wanted: &Type) -> bool {
    match (wanted, &variable.ty) {
        (Type::View(wanted, mutable), Type::Array(element, length)) => {
            wanted == element && *length > 0 && (variable.mutable || !mutable)
        }
        (Type::View(wanted, mutable), Type::View(element, changes)) => {
            wanted == element && (*changes || !mutable)
        }
        (Type::Reference(to, mutable), ty) => {
            let fits = match (&**to, ty) {
                (Type::Slice(wanted), Type::Array(element, length)) => wanted == element && *length > 0,
                (to, ty) => to == ty,
            };
            fits && (variable.mutable || !mutable)
        }
        _ => false,
    }
}

/// Whether the way to a part leads through no vector: lanes are not lent.
fn is_lendable(whole: &Type, part: &Part) -> bool {
    let mut ty = whole.clone();
    for step in &part.steps {
        ty = match (step, &ty) {
            (Step::Index(_), Type::Array(element, _)) => (**element).clone(),
            (Step::Field(position), Type::Tuple(fields)) => fields[*position].clone(),
            (Step::Field(position), Type::Declared(of)) => of.variants[0].fields[*position].clone(),
            _ => return false,
        };
    }
    true
}

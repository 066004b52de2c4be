//! `#[device] fn`s that compute an index, or read at one.

use super::Maker;
use crate::footprints::program::{
    BinaryOperator, Expression, Function, Index, Kind, Role, Scalar, Statement,
};
use crate::footprints::tree::FUNCTION_LIMIT;

/// The parameter.
const AT: u16 = 0;

impl Maker<'_> {
    /// Makes some.
    pub fn functions(&mut self) {
        for _ in 0..self.random.between(1, FUNCTION_LIMIT + 1) {
            let function = match self.random.chance(60) {
                true => self.reading(),
                false => self.computing(),
            };
            self.program.functions.push(function);
        }
    }

    /// `fn f(a: Read<T>, at: usize) -> u32 { if at < a.range()[0] { a[at] as u32 } else { 0 } }` and its kin.
    fn reading(&mut self) -> Function {
        let inputs = self.accessors(Role::Input);
        let accessor = &self.program.accessors[*self.random.pick(&inputs)];
        let (scalar, dimensions) = (accessor.scalar, accessor.extent.len());
        let at = Expression::local(AT, Scalar::Usize);
        let length = Expression::extent(0, dimensions - 1);
        let compare = |operator, right: Expression| Expression::binary(operator, at.clone(), right);
        let mut components: Vec<Expression> = (1..dimensions).map(|_| Expression::usize(0)).collect();
        let mut body = Vec::new();
        match self.random.below(4) {
            0 => body.push(Statement::If(
                compare(BinaryOperator::GreaterOrEqual, length),
                vec![Statement::Return(Some(Expression::literal(Scalar::U32, 0)))],
                Vec::new(),
            )),
            1 => {
                let site = self.site();
                body.push(Statement::Assert(compare(BinaryOperator::Less, length), site));
            }
            _ => {}
        }
        let shift = self.random.chance(25);
        let one = Expression::usize(1);
        components.push(if shift { compare(BinaryOperator::Subtract, one) } else { at.clone() });
        let site = self.site();
        let element = Expression::new(Kind::Load(0, Index::At(components), site), scalar).cast(Scalar::U32);
        let parameters = vec![(AT, Scalar::Usize)];
        Function { accessors: vec![(scalar, dimensions)], parameters, body, value: element, n_locals: 1 }
    }

    /// `fn f(at: usize) -> usize { .. }`
    fn computing(&mut self) -> Function {
        let at = || Expression::local(AT, Scalar::Usize);
        let by = Expression::usize(self.random.between(1, 4) as u64);
        let operator = *self.random.pick(&[
            BinaryOperator::Divide,
            BinaryOperator::Remainder,
            BinaryOperator::Add,
            BinaryOperator::Subtract,
        ]);
        let is_zero = Expression::binary(BinaryOperator::Equal, at(), Expression::usize(0));
        let leaves = Statement::If(is_zero, vec![Statement::Return(Some(Expression::usize(0)))], Vec::new());
        Function {
            accessors: Vec::new(),
            parameters: vec![(AT, Scalar::Usize)],
            body: if self.random.chance(60) { vec![leaves] } else { Vec::new() },
            value: Expression::binary(operator, at(), by),
            n_locals: 1,
        }
    }

    /// A call of a function that computes an index, if there is one.
    pub fn called(&mut self, argument: Expression) -> Expression {
        let functions = self.program.functions.iter();
        match functions.into_iter().position(|function| function.accessors.is_empty()) {
            Some(number) => Expression::new(Kind::Call(number, Vec::new(), vec![argument]), Scalar::Usize),
            None => argument,
        }
    }

    /// A call of a function that reads, and what must hold; if there is one, and an accessor for it.
    pub fn read_by_call(&mut self) -> Option<(Expression, Vec<Expression>)> {
        let functions = self.program.functions.iter().enumerate();
        let reading: Vec<usize> = functions
            .filter(|(_, function)| !function.accessors.is_empty())
            .map(|(number, _)| number)
            .collect();
        if reading.is_empty() {
            return None;
        }
        let number = *self.random.pick(&reading);
        let wanted = self.program.functions[number].accessors[0];
        let mut accessors = self.accessors(Role::Input);
        accessors.retain(|accessor| {
            let accessor = &self.program.accessors[*accessor];
            (accessor.scalar, accessor.extent.len()) == wanted
        });
        let accessor = *self.random.pick(&accessors);
        let last = wanted.1 - 1;
        let extent = self.program.accessors[accessor].extent[last] as u64;
        let made = self.component(extent, &Expression::extent(accessor, last));
        let call = Kind::Call(number, vec![accessor], vec![made.value]);
        Some((Expression::new(call, Scalar::U32), made.guards))
    }
}

//! Panics and output: their values, down to the scalars that a record holds.

use super::builder::Builder;
use super::ir::*;
use super::method::describe;
use super::*;
use crate::kernel::message::{Message, n_words};
use crate::kernel::print::LINE_WORDS;
use crate::kernel::trap::VALUES;
use crate::kernel::tree::Expression;

impl Builder<'_, '_> {
    /// `panic!`
    pub fn panic(
        &mut self,
        site: &'static Site,
        message: &'static Message,
        arguments: &'static [Expression],
        line: u32,
    ) -> Result<Value> {
        let Some((code, values)) = self.said(site, message, arguments, VALUES, line)? else {
            return Ok(Value::never());
        };
        self.context.join(Context { parameters: true, traps: true, halts: true, ..Context::default() });
        self.code.push(Statement::Trap { code, values, halts: true });
        Ok(Value::never())
    }

    /// A panic of the language itself, whose message has these numbers.
    pub fn own_panic(
        &mut self,
        site: &'static Site,
        message: &'static Message,
        values: Vec<Value>,
    ) -> Statement {
        self.context.join(Context { parameters: true, traps: true, halts: true, ..Context::default() });
        let types = values.iter().map(|value| value.ty.clone()).collect();
        let code = self.shared.code_of(Report { site, message: Some((message, types)), given: Vec::new() });
        Statement::Trap { code, values, halts: true }
    }

    /// `print!`
    pub fn print(
        &mut self,
        site: &'static Site,
        message: &'static Message,
        arguments: &'static [Expression],
        line: u32,
    ) -> Result<Value> {
        let Some((code, values)) = self.said(site, message, arguments, LINE_WORDS, line)? else {
            return Ok(Value::never());
        };
        self.context.join(Context { parameters: true, prints: true, ..Context::default() });
        self.code.push(Statement::Print { code, values });
        Ok(Value::unit())
    }

    /// What is done in checked mode only.
    pub fn debug(&mut self, inner: &'static Expression) -> Result<Value> {
        match self.shared.overflow {
            Overflow::Traps => self.value(inner),
            Overflow::Wraps => Ok(Value::unit()),
        }
    }

    /// The code of a message, and the scalars in it.
    fn said(
        &mut self,
        site: &'static Site,
        message: &'static Message,
        arguments: &'static [Expression],
        limit: usize,
        line: u32,
    ) -> Result<Option<(usize, Vec<Value>)>> {
        let arguments: Vec<_> = arguments.iter().collect();
        let Some(arguments) = self.operands(&arguments)? else { return Ok(None) };
        let types: Vec<Type> = arguments.iter().map(|value| value.ty.clone()).collect();
        let mut count = 0;
        for ty in &types {
            let words = n_words(ty).ok_or_else(|| {
                self.error_at(line, format!("a kernel cannot show a value of type `{}`", describe(ty)))
            })?;
            count += words;
        }
        if count > limit {
            let text = format!(
                "this shows {count} numbers, but a kernel shows at most {limit} at once; show parts of it"
            );
            return Err(self.error_at(line, text));
        }
        let mut values = Vec::with_capacity(count);
        for argument in arguments {
            self.scalars(argument, &mut values);
        }
        Ok(Some((
            self.shared.code_of(Report { site, message: Some((message, types)), given: Vec::new() }),
            values,
        )))
    }

    /// Appends what a value consists of.
    fn scalars(&mut self, value: Value, scalars: &mut Vec<Value>) {
        match value.ty.clone() {
            Type::Scalar(_) => scalars.push(value),
            Type::Array(_, length) | Type::Id(length) | Type::Range(length) => {
                let whole = self.whole(value);
                for index in 0..length {
                    let element = self.element(whole.clone(), Value::usize(index as u64));
                    self.scalars(element, scalars);
                }
            }
            Type::Aggregate(aggregate) => {
                let whole = self.whole(value);
                for position in 0..aggregate.fields.len() {
                    let field = self.field(whole.clone(), position);
                    self.scalars(field, scalars);
                }
            }
            _ => self.evaluate(value),
        }
    }

    /// A value that can be taken apart.
    fn whole(&mut self, value: Value) -> Value {
        match value.node {
            Node::Components(_) if !value.has_effect() => value,
            _ => self.atom(value),
        }
    }
}

//! Calls of device functions, each lowered once for each set of types.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::tree::Expression;

impl Builder<'_, '_> {
    pub fn call(
        &mut self,
        function: &'static tree::Function,
        arguments: &'static [Expression],
        line: u32,
    ) -> Result<Value> {
        let arguments: Vec<_> = arguments.iter().collect();
        let Some(values) = self.operands(&arguments)? else { return Ok(Value::never()) };
        let number = self.function(function, line)?;
        let callee = &self.shared.functions[number];
        let context = callee.context;
        self.has_barrier |= callee.has_barrier;
        let result = callee.result.clone();
        self.context.join(context);
        let call = Value::new(Node::Call(number, values), result);
        if !context.halts {
            return Ok(call);
        }
        let result = self.spill(call);
        self.code.push(Statement::LeaveIfHalted);
        Ok(if result.ty == Type::Unit { Value::unit() } else { result })
    }

    fn function(&mut self, function: &'static tree::Function, line: u32) -> Result<usize> {
        let types = (function.types)();
        let is_same = |known: *const tree::Function, known_types: &[Type]| {
            std::ptr::eq(known, function) && known_types == types
        };
        if let Some((_, _, number)) = self.shared.done.iter().find(|(f, t, _)| is_same(*f, t)) {
            return Ok(*number);
        }
        if let Some(first) = self.shared.stack.iter().position(|(f, t, _)| is_same(*f, t)) {
            let mut cycle: Vec<&str> = self.shared.stack[first..].iter().map(|(_, _, name)| *name).collect();
            cycle.push(function.name);
            let cycle = cycle.join("` -> `");
            return Err(self.error_at(
                line,
                format!("device functions cannot be recursive: `{cycle}`; write it as a loop"),
            ));
        }
        self.shared.stack.push((function, types.clone(), function.name));
        let lowered = lower_function(self.shared, function, &types)?;
        self.shared.stack.pop();
        self.shared.functions.push(lowered);
        let number = self.shared.functions.len() - 1;
        self.shared.done.push((function, types, number));
        Ok(number)
    }
}

fn lower_function(shared: &mut Shared, tree: &'static tree::Function, types: &[Type]) -> Result<Function> {
    let name = shared.function_names.fresh(tree.name);
    let mut builder = Builder::new(shared, types, tree.file, Type::Unit);
    if let Some(result) = tree.result {
        builder.result = builder.type_of(result)?;
    }
    let mut parameters = Vec::new();
    for parameter in tree.parameters {
        builder.parameter(parameter, tree.name, &mut parameters)?;
    }
    let value = builder.block(&tree.body)?;
    if !value.is_never() {
        builder.return_from(value);
    }
    Ok(Function {
        name,
        parameters,
        result: builder.result,
        variables: builder.variables,
        accessors: builder.accessors,
        body: builder.code,
        file: tree.file,
        line: tree.line,
        context: builder.context,
        has_barrier: builder.has_barrier,
    })
}

impl Builder<'_, '_> {
    fn parameter(
        &mut self,
        parameter: &'static tree::Parameter,
        function: &str,
        parameters: &mut Vec<Parameter>,
    ) -> Result<()> {
        let ty = self.type_of(parameter.ty)?;
        let value = match &ty {
            Type::Accessor { element, dimensions, mode, space } => {
                let accessor = Accessor {
                    name: self.names.fresh(parameter.name),
                    element: (**element).clone(),
                    dimensions: *dimensions,
                    mode: *mode,
                    space: *space,
                    argument: None,
                };
                self.accessors.push(accessor);
                parameters.push(Parameter::Accessor(self.accessors.len() - 1));
                Value::new(Node::Accessor(self.accessors.len() - 1), ty)
            }
            Type::Item(..) => Value::new(Node::Item, ty),
            Type::Unit => Value::unit(),
            Type::Atomic(..) => {
                return Err(error(format!(
                    "device function `{function}` takes an atomic reference as `{}`; take the accessor instead",
                    parameter.name
                )));
            }
            _ => {
                // Whether the parameter is `mut` is not known here.
                let variable = self.variable(parameter.name, ty, true, None);
                parameters.push(Parameter::Variable(variable));
                self.read(variable)
            }
        };
        self.bindings.insert(parameter.local, value);
        Ok(())
    }
}

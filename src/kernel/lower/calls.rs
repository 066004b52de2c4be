//! Calls of device functions, each lowered once for each instance.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::instance::Definition;
use crate::kernel::tree::{Expression, TypeRef};

impl Builder<'_, '_> {
    pub fn call(&mut self, function: TypeRef, arguments: &'static [Expression], line: u32) -> Result<Value> {
        let Type::Function(callee) = self.type_of(function)? else {
            return Err(self.error_at(line, "the kernel's tree calls what is no device function"));
        };
        let arguments: Vec<_> = arguments.iter().collect();
        let Some(values) = self.operands(&arguments)? else { return Ok(Value::never()) };
        self.call_with(callee, values, line)
    }

    /// A call whose arguments are known. Where work-items meet it depends on the call who comes there, so such functions have
    /// no text of their own.
    pub fn call_with(&mut self, callee: Callee, values: Vec<Value>, line: u32) -> Result<Value> {
        if values.iter().any(Value::has_code) || self.shared.has_no_text(callee) {
            return self.inline(callee, (callee.definition)(), values, line);
        }
        let number = self.function(callee, line)?;
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

    fn function(&mut self, callee: Callee, line: u32) -> Result<usize> {
        if let Some((_, number)) = self.shared.done.iter().find(|(known, _)| *known == callee) {
            return Ok(*number);
        }
        let definition = (callee.definition)();
        self.refuse_recursion(callee, definition.tree, line)?;
        self.shared.stack.push((callee, definition.tree));
        // Its checks are the same whoever calls it.
        let path = std::mem::replace(&mut self.shared.path, CallPath::default().through(callee.id));
        let lowered = lower_function(self.shared, &definition)?;
        self.shared.path = path;
        self.shared.stack.pop();
        self.shared.functions.push(lowered);
        let number = self.shared.functions.len() - 1;
        self.shared.done.push((callee, number));
        Ok(number)
    }

    pub fn refuse_recursion(&self, callee: Callee, tree: &'static tree::Function, line: u32) -> Result<()> {
        let Some(first) = self.shared.stack.iter().position(|(known, _)| *known == callee) else {
            return Ok(());
        };
        let place = |tree: &tree::Function| format!("`{}` ({}:{})", tree.name, tree.file, tree.line);
        let cycle = self.shared.stack[first..].iter().map(|(_, tree)| place(tree));
        let cycle: Vec<_> = cycle.chain([format!("`{}`", tree.name)]).collect();
        let cycle = cycle.join(" -> ");
        Err(self.error_at(line, format!("device functions cannot be recursive: {cycle}; write it as a loop")))
    }
}

fn lower_function(shared: &mut Shared, definition: &Definition) -> Result<Function> {
    let tree = definition.tree;
    let name = shared.function_name(tree.name);
    let mut builder = Builder::new(shared, &definition.types, tree.file, Type::Unit);
    if let Some(result) = tree.result {
        builder.result = builder.type_of(result)?;
    }
    builder.bind_constants(tree.constants, &definition.constants)?;
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

impl Shared {
    /// Whether a function is lowered in the place of each call, whatever it is given: because work-items meet in it, or in
    /// one that it calls, or because it takes references.
    fn has_no_text(&mut self, callee: Callee) -> bool {
        self.nature(callee).has_no_text
    }

    fn nature(&mut self, callee: Callee) -> Nature {
        if let Some(known) = self.natures.get(&callee) {
            return *known;
        }
        // Recursion is reported elsewhere.
        self.natures.insert(callee, Nature::default());
        let definition = (callee.definition)();
        let mut called = definition.types.iter().filter_map(|ty| match ty {
            Type::Function(callee) => Some(*callee),
            _ => None,
        });
        let meets = definition.tree.has_barrier || called.any(|callee| self.nature(callee).meets);
        let nature = Nature { meets, has_no_text: meets || definition.tree.takes_references() };
        self.natures.insert(callee, nature);
        nature
    }
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
                    name: self.fresh_name(parameter.name),
                    element: (**element).clone(),
                    dimensions: *dimensions,
                    mode: *mode,
                    space: *space,
                    argument: None,
                    extents: None,
                    is_scratch: false,
                };
                self.accessors.push(accessor);
                parameters.push(Parameter::Accessor(self.accessors.len() - 1));
                Value::new(Node::Accessor(self.accessors.len() - 1), ty)
            }
            Type::Item(..) => Value::new(Node::Item, ty),
            Type::Unit => Value::unit(),
            Type::Specialized(_) => {
                return Err(error(format!(
                    "device function `{function}` takes a specialization constant as `{}`; take a plain number and pass \
                     `constant.get()`, which is compiled in all the same",
                    parameter.name
                )));
            }
            Type::Atomic(..) => {
                return Err(error(format!(
                    "device function `{function}` takes an atomic reference as `{}`; take the accessor instead",
                    parameter.name
                )));
            }
            _ => {
                // Whether the parameter is `mut` is not known here.
                let variable = self.variable(parameter.name, ty, true);
                parameters.push(Parameter::Variable(variable));
                self.read(variable)
            }
        };
        self.bindings.insert(parameter.local, value);
        Ok(())
    }
}

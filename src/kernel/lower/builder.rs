//! `Builder`: one function on its way from tree to statements.

use super::inline::{ClosureValue, Frames};
use super::sequence::Sequence;
use super::*;
use crate::kernel::lower::ir::*;
use crate::kernel::tree::{LocalRef, LoopRef, TypeRef};
use crate::kernel::types::{ItemKind, Scalar};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A loop or a labelled block around the current place.
pub(super) struct LoopFrame {
    pub id: LoopRef,
    pub number: usize,
    /// Whether it is a block, which C's `break` does not leave.
    pub is_block: bool,
    /// Where `break` with a value leaves it.
    pub result: Option<VariableId>,
    pub is_left: bool,
    pub break_label: Option<Label>,
    pub continue_label: Option<Label>,
    /// Whether it is a part of the loop around it that has the same number: `continue` goes on with this one, and `break` leaves that.
    pub is_inner: bool,
}

impl LoopFrame {
    pub fn new(id: LoopRef, number: usize, is_block: bool) -> Self {
        LoopFrame {
            id,
            number,
            is_block,
            result: None,
            is_left: false,
            break_label: None,
            continue_label: None,
            is_inner: false,
        }
    }
}

pub(super) struct Builder<'s, 't> {
    pub shared: &'s mut Shared,
    pub types: Cow<'t, [Type]>,
    pub file: &'static str,
    /// What `return` gives.
    pub result: Type,
    /// What each binding of the tree stands for.
    pub bindings: FxHashMap<LocalRef, Value>,
    pub variables: Vec<Variable>,
    pub accessors: Vec<Accessor>,
    pub names: Names,
    /// The statements so far, of the innermost scope.
    pub code: Code,
    pub loops: Vec<LoopFrame>,
    pub n_loops: usize,
    pub n_labels: usize,
    /// What belongs to the accessors that are reductions.
    pub reducers: FxHashMap<AccessorId, super::reducer::Reducer>,
    pub context: Context,
    pub has_barrier: bool,
    /// Bodies that are not being lowered now, because one inside them is.
    pub frames: Frames<'t>,
    pub closures: Vec<ClosureValue>,
    /// The sequences that closures gave, until they are gone through.
    pub sequences: Vec<Option<Sequence>>,
}

impl<'s, 't> Builder<'s, 't> {
    pub fn new(shared: &'s mut Shared, types: &'t [Type], file: &'static str, result: Type) -> Self {
        Builder {
            shared,
            types: Cow::Borrowed(types),
            file,
            result,
            bindings: FxHashMap::default(),
            variables: Vec::new(),
            accessors: Vec::new(),
            names: Names::default(),
            code: Code::new(),
            loops: Vec::new(),
            n_loops: 0,
            n_labels: 0,
            reducers: FxHashMap::default(),
            context: Context::default(),
            has_barrier: false,
            frames: Frames::default(),
            closures: Vec::new(),
            sequences: Vec::new(),
        }
    }

    pub fn type_of(&self, ty: TypeRef) -> Result<Type> {
        self.types.get(usize::from(ty)).cloned().ok_or_else(|| {
            error(format!(
                "kernel in {}: its tree names type {ty} but has {} types",
                self.file,
                self.types.len()
            ))
        })
    }

    /// A name that nothing else of this function has, nor any function: in C a variable would hide it.
    pub fn fresh_name(&mut self, wanted: &str) -> String {
        loop {
            let name = self.names.fresh(wanted);
            if !self.shared.function_names.has(&name) {
                self.shared.variable_names.reserve(&name);
                return name;
            }
        }
    }

    /// An error at a line of this function.
    pub fn error_at(&self, line: u32, text: impl std::fmt::Display) -> Error {
        error(format!("{}:{line}: {text}", self.file))
    }

    /// The value that a captured argument stands for.
    pub fn captured(
        &mut self,
        argument: usize,
        name: &str,
        ty: Type,
        values: &mut Vec<(usize, String, Type)>,
    ) -> Value {
        let spelled = self.fresh_name(name);
        if let Type::Accessor { element, dimensions, mode, space } = &ty {
            let (element, argument) = ((**element).clone(), Some(argument));
            let accessor = Accessor {
                name: spelled,
                element,
                dimensions: *dimensions,
                mode: *mode,
                space: *space,
                argument,
                extents: None,
                is_scratch: false,
            };
            self.accessors.push(accessor);
            return Value::new(Node::Accessor(self.accessors.len() - 1), ty);
        }
        values.push((argument, spelled, ty.clone()));
        self.context.parameters = true;
        Value::new(Node::Parameter(Content::Value(argument)), ty)
    }

    /// The whole body of a kernel.
    pub fn kernel_body(&mut self, tree: &'static tree::Kernel) -> Result<Code> {
        if self.reduces_by_runs() {
            self.reducing_body(tree)?;
        } else {
            self.bind_item(tree)?;
            self.open_reducers();
            let value = self.block(&tree.body)?;
            self.evaluate(value);
            self.shared.meets = self.has_barrier;
        }
        Ok(std::mem::take(&mut self.code))
    }

    /// Binds the work-item parameter.
    pub fn bind_item(&mut self, tree: &'static tree::Kernel) -> Result<()> {
        let item_type = self.type_of(tree.item_type)?;
        let item = self.item_value(item_type);
        self.bind(&tree.item, item)
    }

    /// The work-item parameter as a value.
    fn item_value(&mut self, ty: Type) -> Value {
        let query =
            |component| Value::new(Node::Query(Query::GlobalId(component)), Type::Scalar(Scalar::Usize));
        match ty {
            Type::Item(ItemKind::Item | ItemKind::NdItem, _) => Value::new(Node::Item, ty),
            Type::Id(n) | Type::Array(_, n) | Type::Item(ItemKind::Id, n) => {
                Value::new(Node::Components((0..n).map(query).collect()), ty)
            }
            Type::Scalar(_) => query(0),
            _ => Value::unit(),
        }
    }

    /// Runs `work` with its statements kept apart.
    pub fn scoped<R>(&mut self, work: impl FnOnce(&mut Self) -> Result<R>) -> Result<(Code, R)> {
        let outer = std::mem::take(&mut self.code);
        let result = work(self);
        let mut inner = std::mem::replace(&mut self.code, outer);
        if inner.iter().all(|statement| matches!(statement, Statement::Line(_))) {
            inner.clear();
        }
        Ok((inner, result?))
    }

    /// Says where what follows comes from.
    pub fn note_line(&mut self, number: u32) {
        self.code.push(Statement::Line(Line { file: self.file, number }));
    }

    pub fn variable(&mut self, name: &str, ty: Type, mutable: bool) -> VariableId {
        let name = self.fresh_name(name);
        self.variables.push(Variable { name, ty, mutable, late: false });
        self.variables.len() - 1
    }

    /// A variable that later statements give its value, before anything reads it.
    pub fn late(&mut self, ty: Type) -> VariableId {
        let variable = self.variable("t", ty, false);
        self.variables[variable].late = true;
        variable
    }

    pub fn read(&self, variable: VariableId) -> Value {
        Value::new(Node::Variable(variable), self.variables[variable].ty.clone())
    }

    /// Puts a value into a temporary that never changes.
    pub fn spill(&mut self, value: Value) -> Value {
        if value.ty == Type::Unit {
            self.evaluate(value.clone());
            return value;
        }
        if !value.ty.is_data() {
            return self.spill_parts(value);
        }
        let variable = self.variable("t", value.ty.clone(), false);
        self.code.push(Statement::Declare(variable, Some(value)));
        self.read(variable)
    }

    /// What holds something that is no data stays in its parts, of which those that are data get temporaries.
    pub fn spill_parts(&mut self, value: Value) -> Value {
        match value.node {
            Node::Components(parts) => {
                let parts = parts.into_iter().map(|part| self.atom(part)).collect();
                Value::new(Node::Components(parts), value.ty)
            }
            _ => {
                self.evaluate(value.clone());
                value
            }
        }
    }

    /// The value in a form that costs nothing to write twice and never changes.
    pub fn atom(&mut self, value: Value) -> Value {
        let stays = value.stands_for_code() || value.is_atom() && self.is_stable(&value);
        if stays { value } else { self.spill(value) }
    }

    /// A temporary that starts as zero and is assigned later.
    pub fn zeroed(&mut self, ty: Type) -> VariableId {
        let variable = self.late(ty.clone());
        self.code.push(Statement::Declare(variable, Some(Value::new(Node::Zero, ty))));
        variable
    }

    pub fn assign(&mut self, variable: VariableId, value: Value) {
        self.code.push(Statement::Store(Place { root: Root::Variable(variable), path: Vec::new() }, value));
    }

    /// Keeps the effects of a value that nobody wants.
    pub fn evaluate(&mut self, value: Value) {
        if value.has_effect() {
            self.code.push(Statement::Evaluate(value));
        }
    }

    /// Whether a value is the same wherever it is evaluated in this function.
    pub fn is_stable(&self, value: &Value) -> bool {
        !value.any(&mut |part| match &part.node {
            Node::Variable(variable) => self.variables[*variable].mutable,
            Node::Load(..) | Node::Atomic(..) | Node::Call(..) => true,
            _ => false,
        })
    }

    /// Evaluates expressions from left to right; `None` if one of them never ends normally.
    pub fn operands(&mut self, expressions: &[&'static tree::Expression]) -> Result<Option<Vec<Value>>> {
        let mut parts = Vec::with_capacity(expressions.len());
        for expression in expressions {
            parts.push(self.scoped(|builder| builder.value(expression))?);
        }
        let Some(last) = parts.iter().rposition(|(code, value)| !code.is_empty() || value.has_effect())
        else {
            return Ok(finished(parts.into_iter().map(|(_, value)| value).collect()));
        };
        let later_reads = parts[last + 1..].iter().any(|(_, value)| !self.is_stable(value));
        let mut values = Vec::with_capacity(parts.len());
        for (position, (code, value)) in parts.into_iter().enumerate() {
            self.code.extend(code);
            // What comes later may change what this one reads, or end the work-item before it is asked what this one asks.
            let must_spill = position < last && (!self.is_stable(&value) || value.asks());
            let must_run = position == last && value.has_effect() && later_reads;
            values.push(if must_spill || must_run { self.spill(value) } else { value });
        }
        Ok(finished(values))
    }

    pub fn trap(&mut self, check: &Check) -> Statement {
        self.context.traps = true;
        self.context.parameters = true;
        let values = check.index.iter().chain(&check.length).cloned().collect();
        Statement::Trap { code: check.code, values, halts: false }
    }
}

fn finished(values: Vec<Value>) -> Option<Vec<Value>> {
    (!values.iter().any(Value::is_never)).then_some(values)
}

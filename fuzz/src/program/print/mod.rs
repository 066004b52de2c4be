//! Prints a program as the Rust that a user would write: device functions, and a function that launches the kernel.

mod dress;
mod launch;
mod types;

pub use dress::{Dress, GENERIC};

use super::{
    Adaptor, BinaryOperator, Block, Ending, Expression, Function, Index, Kind, Local, LogicOperator,
    POSITION, POSITION_IN_GROUP, Parts, Program, Role, Scalar, Scan, Sequence, Shape, Source, Statement,
    Type, UnaryOperator,
};
use types::literal;

/// As Rust writes it.
pub fn token(operator: BinaryOperator) -> &'static str {
    use BinaryOperator::*;
    match operator {
        Add => "+",
        Subtract => "-",
        Multiply => "*",
        Divide => "/",
        Remainder => "%",
        And => "&",
        Or => "|",
        Xor => "^",
        ShiftLeft => "<<",
        ShiftRight => ">>",
        Equal => "==",
        NotEqual => "!=",
        Less => "<",
        LessOrEqual => "<=",
        Greater => ">",
        GreaterOrEqual => ">=",
    }
}

/// Prints one function, or the kernel.
#[derive(Clone)]
struct Printer<'p> {
    program: &'p Program,
    /// How it is written, if not as plainly as possible.
    dress: Option<&'p Dress>,
    /// The variable that is called `self`.
    receiver: Option<Local>,
    /// Whether what is printed has to stay a place.
    is_place: bool,
    /// The function; none for the kernel, whose accessors are named by number.
    function: Option<&'p Function>,
    text: String,
    indent: usize,
}

impl<'p> Printer<'p> {
    fn new(program: &'p Program, dress: Option<&'p Dress>, function: Option<&'p Function>) -> Self {
        Printer { program, dress, receiver: None, is_place: false, function, text: String::new(), indent: 0 }
    }
}

impl Printer<'_> {
    fn line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push_str("    ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            let text = self.statement(statement);
            self.line(&text);
        }
    }

    fn statement(&self, statement: &Statement) -> String {
        match statement {
            Statement::Let { local, ty, mutable, value } => {
                let mutable = if *mutable { "mut " } else { "" };
                let head = format!("let {mutable}{}: {}", name(*local), ty.rust());
                match value {
                    Some(value) => format!("{head} = {};", self.expression(value)),
                    None => format!("{head};"),
                }
            }
            Statement::LetPattern { pattern, value } => {
                format!("let {}: {} = {};", pattern.rust(), value.ty.rust(), self.expression(value))
            }
            Statement::LetElse { pattern, value, otherwise } => {
                let (ty, value) = (value.ty.rust(), self.operand(value));
                format!("let {}: {ty} = {value} else {};", pattern.one(), self.block(otherwise))
            }
            Statement::Expression(expression) => match expression.kind {
                Kind::If(..)
                | Kind::While(..)
                | Kind::Loop(..)
                | Kind::For { .. }
                | Kind::ForEach(..)
                | Kind::Block(_)
                | Kind::Match(..)
                | Kind::Labelled(..)
                    if expression.ty == Type::Unit =>
                {
                    self.expression(expression)
                }
                _ => format!("{};", self.expression(expression)),
            },
        }
    }

    fn inner(&self) -> Printer<'_> {
        Printer { text: String::new(), indent: self.indent + 1, ..*self }
    }

    /// `{ .. }` over several lines.
    fn block(&self, block: &Block) -> String {
        let mut inner = self.inner();
        inner.statements(&block.statements);
        if let Some(value) = &block.value {
            let text = inner.expression(value);
            inner.line(&text);
        }
        format!("{{\n{}{}}}", inner.text, "    ".repeat(self.indent))
    }

    /// Whether a variable is a reference to a value, which `*` follows. Slices are indexed as they are.
    fn is_followed(&self, variable: &Expression) -> bool {
        let Kind::Local(local) = variable.kind else { return false };
        !matches!(variable.ty, Type::Slice(_)) && self.function.is_some_and(|it| it.is_reference(local))
    }

    fn operand(&self, expression: &Expression) -> String {
        match expression.kind {
            Kind::Local(_) if self.is_followed(expression) => format!("({})", self.expression(expression)),
            Kind::If(..)
            | Kind::Block(_)
            | Kind::Loop(..)
            | Kind::Match(..)
            | Kind::Labelled(..)
            | Kind::Make(..)
            | Kind::Binary(..)
            | Kind::Logic(..)
            | Kind::Cast(..)
            | Kind::Unary(..) => format!("({})", self.expression(expression)),
            _ => self.expression(expression),
        }
    }

    /// The printer of something that has to stay a place.
    fn as_place(&self) -> Printer<'_> {
        Printer { text: String::new(), is_place: true, ..*self }
    }

    fn place(&self, place: &Expression) -> String {
        self.as_place().expression(place)
    }

    fn variable(&self, local: Local) -> String {
        if self.receiver == Some(local) { "self".to_owned() } else { name(local) }
    }

    fn list(&self, list: &[Expression]) -> String {
        let texts: Vec<String> = list.iter().map(|expression| self.expression(expression)).collect();
        texts.join(", ")
    }

    fn expression(&self, expression: &Expression) -> String {
        match &expression.kind {
            Kind::Literal(bits) => literal(expression.ty.scalar().unwrap_or(Scalar::Bool), *bits),
            Kind::Local(local) if self.is_followed(expression) => format!("*{}", self.variable(*local)),
            Kind::Local(local) => self.variable(*local),
            Kind::Constant(local) => format!("{}.get()", name(*local)),
            Kind::Unary(UnaryOperator::Negate, value) => format!("-{}", self.operand(value)),
            Kind::Unary(UnaryOperator::Not, value) => format!("!{}", self.operand(value)),
            Kind::Binary(operator, pair, _) => {
                let call = self.operator_call(*operator, pair).or_else(|| self.standard_call(expression));
                call.unwrap_or_else(|| {
                    let (left, right) = (self.operand(&pair[0]), self.right_operand(*operator, pair));
                    format!("{left} {} {right}", token(*operator))
                })
            }
            Kind::Logic(operator, pair) => {
                let token = if *operator == LogicOperator::And { "&&" } else { "||" };
                format!("{} {token} {}", self.operand(&pair[0]), self.operand(&pair[1]))
            }
            Kind::Assign(pair) => format!("{} = {}", self.place(&pair[0]), self.expression(&pair[1])),
            Kind::AssignOperation(operator, pair, _) => {
                format!("{} {}= {}", self.place(&pair[0]), token(*operator), self.expression(&pair[1]))
            }
            Kind::Element(pair, _) => self
                .element_call(pair)
                .unwrap_or_else(|| format!("{}[{}]", self.operand(&pair[0]), self.expression(&pair[1]))),
            Kind::Access(accessor, index, _) => {
                format!("{}[{}]", self.accessor(*accessor), self.index(index))
            }
            Kind::Field(whole, position) => {
                format!("{}.{}", self.operand(whole), whole.ty.field_name(*position))
            }
            Kind::Make(variant, fields) => self.make(&expression.ty, *variant, fields),
            Kind::Cast(value) if is_half(&value.ty) || is_half(&expression.ty) => {
                let types = [&value.ty, &expression.ty].map(Type::rust).join(", ");
                format!("converted::<{types}>({})", self.expression(value))
            }
            Kind::Cast(value) => self
                .standard_call(expression)
                .unwrap_or_else(|| format!("{} as {}", self.operand(value), expression.ty.rust())),
            Kind::Array(list) => format!("[{}]", self.list(list)),
            Kind::Vector(lanes) => {
                let function = if lanes.len() == 1 { "splat" } else { "new" };
                format!("{}::{function}({})", expression.ty.rust(), self.list(lanes))
            }
            Kind::Repeat(value, length) => self
                .filled_call(value, *length)
                .unwrap_or_else(|| format!("[{}; {length}]", self.expression(value))),
            Kind::Method(name, operands, _) => {
                self.standard_call(expression).unwrap_or_else(|| self.method(name, operands, &expression.ty))
            }
            _ => self.call(expression),
        }
    }

    fn method(&self, name: &str, operands: &[Expression], ty: &Type) -> String {
        match name {
            "from_bits" => format!("{}::from_bits({})", ty.rust(), self.list(operands)),
            "div_euclid" | "rem_euclid" if is_half(ty) => format!("half_{name}({})", self.list(operands)),
            _ => format!("{}.{name}({})", self.operand(&operands[0]), self.list(&operands[1..])),
        }
    }

    /// A tuple, a struct or an enum.
    fn make(&self, ty: &Type, variant: usize, fields: &[Expression]) -> String {
        let texts: Vec<String> = fields.iter().map(|field| self.expression(field)).collect();
        match ty {
            Type::Declared(of) if of.is_option() && texts.is_empty() => {
                format!("None::<{}>", of.variants[1].fields[0].rust())
            }
            Type::Declared(of) => of.with(variant, &texts),
            _ => format!("({})", texts.join(", ")),
        }
    }

    /// Calls, and what only they are given.
    fn call(&self, expression: &Expression) -> String {
        match &expression.kind {
            Kind::Call(function, accessors, arguments) => self.function_call(*function, accessors, arguments),
            Kind::Borrow(value) if matches!(expression.ty, Type::Reference(_, true)) => {
                format!("&mut {}", self.as_place().operand(value))
            }
            Kind::Borrow(value) => format!("&{}", self.operand(value)),
            Kind::Part { base, row, start, end, .. } => {
                let end_of = |end: &Option<Box<Expression>>| end.as_ref().map(|end| self.operand(end));
                let range = [start, end].map(|end| end_of(end).unwrap_or_default()).join("..");
                let base = match base.kind {
                    Kind::Local(local) => self.variable(local),
                    Kind::Whole(accessor) => self.accessor(accessor),
                    _ => return String::new(),
                };
                let row = row.as_ref().map(|row| format!("[{}], ", self.expression(row))).unwrap_or_default();
                match &expression.ty {
                    Type::View(_, true) => format!("{base}.slice_mut({row}{range})"),
                    Type::View(_, false) => format!("{base}.slice({row}{range})"),
                    reference => format!("{}{base}[{range}]", borrows(reference)),
                }
            }
            Kind::Closure(parameters, value) => {
                let parameters =
                    parameters.iter().map(|(local, ty)| format!("{}: {}", name(*local), ty.rust()));
                format!("|{}| {}", parameters.collect::<Vec<_>>().join(", "), self.operand(value))
            }
            Kind::Apply(closure, arguments) => format!("{}({})", name(*closure), self.list(arguments)),
            Kind::Atomic(method, accessor, pair, _) => {
                let (index, value) = (self.expression(&pair[0]), self.expression(&pair[1]));
                format!("{}.atomic({index}).{method}({value})", self.accessor(*accessor))
            }
            Kind::Ended(_, sequence, ending) => self.ended(sequence, ending, &expression.ty),
            Kind::Barrier => "it.barrier()".to_owned(),
            Kind::Group(group, operands, _) => {
                let of = if group.is_of_sub_group { "sub_group" } else { "group" };
                format!("it.{of}().{}({})", group.method, self.list(operands))
            }
            other => self.control(other),
        }
    }

    /// The right side of an operator; a literal without its type where the left side gives it one.
    fn right_operand(&self, operator: BinaryOperator, pair: &[Expression; 2]) -> String {
        let text = self.operand(&pair[1]);
        let is_shift = matches!(operator, BinaryOperator::ShiftLeft | BinaryOperator::ShiftRight);
        let leads = !matches!(pair[0].kind, Kind::Literal(_)) && pair[0].ty.vector().is_none();
        match (&pair[1].kind, pair[1].ty.scalar()) {
            (Kind::Literal(_), Some(scalar))
                if leads && !is_shift && !matches!(scalar, Scalar::Bool | Scalar::F16) =>
            {
                text.replace(scalar.rust_name(), "")
            }
            _ => text,
        }
    }

    fn control(&self, kind: &Kind) -> String {
        match kind {
            Kind::If(condition, then, otherwise) => {
                let head = format!("if {} {}", self.condition(condition), self.block(then));
                match otherwise {
                    Some(otherwise) => format!("{head} else {}", self.block(otherwise)),
                    None => head,
                }
            }
            Kind::Block(block) => self.block(block),
            Kind::Labelled(id, block) => format!("'l{id}: {}", self.block(block)),
            Kind::Match(value, arms) => {
                let mut inner = self.inner();
                for arm in arms {
                    let guard = arm.guard.as_ref().map(|guard| format!(" if {}", inner.operand(guard)));
                    let head = format!("{}{} => ", arm.pattern.rust(), guard.unwrap_or_default());
                    let body = inner.operand(&arm.body);
                    inner.line(&format!("{head}{body},"));
                }
                format!("match {} {{\n{}{}}}", self.operand(value), inner.text, "    ".repeat(self.indent))
            }
            Kind::While(id, condition, body) => {
                format!("'l{id}: while {} {}", self.condition(condition), self.block(body))
            }
            Kind::Loop(id, body) => format!("'l{id}: loop {}", self.block(body)),
            Kind::For { id, local, bounds, inclusive, body } => {
                let (start, end) = (self.operand(&bounds[0]), self.operand(&bounds[1]));
                let dots = if *inclusive { "..=" } else { ".." };
                format!("'l{id}: for {} in {start}{dots}{end} {}", name(*local), self.block(body))
            }
            Kind::ForEach(id, pattern, sequence, body) => {
                format!("'l{id}: for {} in {} {}", pattern.rust(), self.sequence(sequence), self.block(body))
            }
            Kind::Break(id, None) => format!("break 'l{id}"),
            Kind::Break(id, Some(value)) => format!("break 'l{id} {}", self.operand(value)),
            Kind::Continue(id) => format!("continue 'l{id}"),
            Kind::Return(None) => "return".to_owned(),
            Kind::Return(Some(value)) => format!("return {}", self.expression(value)),
            _ => "()".to_owned(),
        }
    }

    fn sequence(&self, sequence: &Sequence) -> String {
        self.sequence_with(sequence, "")
    }

    /// A sequence with `moves` before its closures.
    fn sequence_with(&self, sequence: &Sequence, moves: &str) -> String {
        let is_cut = matches!(sequence.adaptors.first(), Some(Adaptor::Parts(..)));
        let mut text = match &sequence.source {
            Source::Range(pair) => format!("({}..{})", self.operand(&pair[0]), self.operand(&pair[1])),
            Source::Array(array) => format!("{}.into_iter()", self.operand(array)),
            Source::Lent(array) if is_cut => self.operand(array),
            Source::Lent(array) => format!("{}.iter().copied()", self.operand(array)),
            Source::Accessor(accessor) => format!("{}.iter()", self.accessor(*accessor)),
            Source::Row(accessor, row, _) => {
                format!("{}.row({})", self.accessor(*accessor), self.expression(row))
            }
        };
        for adaptor in &sequence.adaptors {
            text.push_str(&self.adaptor(adaptor, moves));
        }
        text
    }

    fn adaptor(&self, adaptor: &Adaptor, moves: &str) -> String {
        let map = |method: &str, local: &Local, ty: &Type, value: &Expression| {
            format!(".{method}({moves}{})", self.map(*local, ty, &self.operand(value)))
        };
        let test = |method: &str, local: &Local, ty: &Type, value: &Expression| {
            format!(".{method}({moves}{})", self.test(*local, ty, value))
        };
        match adaptor {
            Adaptor::Reverse => ".rev()".to_owned(),
            Adaptor::StepBy(by) => format!(".step_by({by})"),
            Adaptor::Enumerate => ".enumerate()".to_owned(),
            Adaptor::Skip(n) => format!(".skip({})", self.expression(n)),
            Adaptor::Take(n) => format!(".take({})", self.expression(n)),
            Adaptor::Zip(other) => format!(".zip({})", self.sequence_with(other, moves)),
            Adaptor::Chain(other) => format!(".chain({})", self.sequence_with(other, moves)),
            Adaptor::Filter(local, ty, value) => test("filter", local, ty, value),
            Adaptor::TakeWhile(local, ty, value) => test("take_while", local, ty, value),
            Adaptor::SkipWhile(local, ty, value) => test("skip_while", local, ty, value),
            Adaptor::FilterMap(local, ty, value) => map("filter_map", local, ty, value),
            Adaptor::MapWhile(local, ty, value) => map("map_while", local, ty, value),
            Adaptor::Map(local, ty, value) => map("map", local, ty, value),
            Adaptor::Parts(parts, n, _) => format!(".{}({n})", parts_name(*parts)),
            Adaptor::Cycle => ".cycle()".to_owned(),
            Adaptor::Scan(scan) => {
                format!(".scan({}, {moves}{})", self.expression(&scan.start), self.scan(scan))
            }
            Adaptor::Flatten => ".flatten()".to_owned(),
            Adaptor::FlatMap(local, ty, inner) => {
                let inner = match (&inner.source, inner.adaptors.as_slice()) {
                    (Source::Array(array), []) => self.operand(array),
                    _ => self.sequence_with(inner, "move "),
                };
                format!(".flat_map({moves}{})", self.map(*local, ty, &inner))
            }
        }
    }

    /// `sequence.fold(start, |sum, x| value)` and its kin.
    fn ended(&self, sequence: &Sequence, ending: &Ending, ty: &Type) -> String {
        let (sequence, name_of) = (self.sequence(sequence), ending.name());
        let end = match ending {
            Ending::Sum(_) | Ending::Product(_) => format!(".{name_of}::<{}>()", ty.rust()),
            Ending::Min | Ending::Max | Ending::Count | Ending::Last => {
                format!(".{name_of}()")
            }
            Ending::Fold(start, parameters, value) => {
                let parameters =
                    parameters.iter().map(|(local, ty)| format!("{}: {}", name(*local), passed(ty)));
                let parameters = parameters.collect::<Vec<_>>().join(", ");
                format!(".fold({}, |{parameters}| {})", self.expression(start), self.operand(value))
            }
            Ending::Find(local, ty, value) => format!(".find({})", self.test(*local, ty, value)),
            Ending::Any(local, ty, value)
            | Ending::All(local, ty, value)
            | Ending::Position(local, ty, value) => {
                format!(".{name_of}({})", self.map(*local, ty, &self.operand(value)))
            }
        };
        format!("{sequence}{end}")
    }

    /// `|x: T| value`
    fn map(&self, local: Local, ty: &Type, value: &str) -> String {
        format!("|{}: {}| {value}", name(local), passed(ty))
    }

    /// `|r, x| { let s = *r; *r = next; gives }`
    fn scan(&self, scan: &Scan) -> String {
        let (reference, (state, of_state), (item, of_item)) = (name(scan.reference), &scan.state, &scan.item);
        format!(
            "|{reference}: &mut {state_type}, {}: {}| {{ let {}: {state_type} = *{reference}; *{reference} = {}; {} }}",
            name(*item),
            passed(of_item),
            name(*state),
            self.expression(&scan.next),
            self.expression(&scan.gives),
            state_type = of_state.rust(),
        )
    }

    /// `|&x: &T| value`
    fn test(&self, local: Local, ty: &Type, value: &Expression) -> String {
        format!("|&{}: &{}| {}", name(local), passed(ty), self.operand(value))
    }

    /// A condition: no parentheses may stand around a `let`.
    fn condition(&self, condition: &Expression) -> String {
        match &condition.kind {
            Kind::Let(pattern, value) => format!("let {} = {}", pattern.one(), self.operand(value)),
            Kind::Logic(LogicOperator::And, pair) if has_let(condition) => {
                format!("{} && {}", self.condition(&pair[0]), self.condition(&pair[1]))
            }
            _ => self.operand(condition),
        }
    }

    fn accessor(&self, accessor: usize) -> String {
        if self.function.is_some() {
            return format!("a{accessor}");
        }
        kernel_accessor(self.program, accessor)
    }

    fn index(&self, index: &Index) -> String {
        match (index, self.program.shape) {
            (Index::Own, Shape::Plain(_)) => name(POSITION),
            (Index::Own, Shape::Id(_)) => "it".to_owned(),
            (Index::Own, Shape::Item(_)) => "it.id()".to_owned(),
            (Index::Own, Shape::Groups(..) | Shape::Grid(..)) => "it.global_id()".to_owned(),
            (Index::At(list), _) if list.len() == 1 => self.list(list),
            (Index::At(list), _) => format!("[{}]", self.list(list)),
        }
    }
}

/// The type of a value on its way: of a slice a reference.
fn passed(ty: &Type) -> String {
    format!("{}{}", if matches!(ty, Type::Slice(_)) { "&" } else { "" }, ty.rust())
}

fn parts_name(parts: Parts) -> &'static str {
    match parts {
        Parts::Windows => "windows",
        Parts::Chunks => "chunks",
        Parts::ChunksExact => "chunks_exact",
    }
}

fn has_let(condition: &Expression) -> bool {
    match &condition.kind {
        Kind::Let(..) => true,
        Kind::Logic(LogicOperator::And, pair) => pair.iter().any(has_let),
        _ => false,
    }
}

fn is_half(ty: &Type) -> bool {
    ty.scalar() == Some(Scalar::F16)
}

/// What stands before what is lent.
fn borrows(ty: &Type) -> &'static str {
    if matches!(ty, Type::Reference(_, true)) { "&mut " } else { "&" }
}

fn kernel_accessor(program: &Program, accessor: usize) -> String {
    match program.role(accessor) {
        Some(Role::Input(input)) => format!("in{input}"),
        Some(Role::Output(output)) => format!("out{output}"),
        Some(Role::Tile) | None => "tile".to_owned(),
        Some(Role::Cells) => "cells".to_owned(),
    }
}

fn name(local: Local) -> String {
    match local {
        POSITION => "i".to_owned(),
        POSITION_IN_GROUP => "own".to_owned(),
        other => format!("v{other}"),
    }
}

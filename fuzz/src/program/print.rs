//! Prints a program as the Rust that a user would write: device functions, and a function that launches the kernel.

use super::{
    Accessor, BinaryOperator, Block, Declaration, Expression, Function, Index, Kind, Local, LogicOperator,
    POSITION, POSITION_IN_GROUP, Pattern, Program, Scalar, Shape, Statement, Type, UnaryOperator, Value,
};
use std::fmt::Write;

/// How a scalar is written, with its type: what is no literal becomes an expression.
pub fn literal(scalar: Scalar, bits: u64) -> String {
    let name = scalar.rust_name();
    match scalar {
        Scalar::Bool => (bits != 0).to_string(),
        Scalar::F32 => {
            float(f64::from(f32::from_bits(bits as u32)), format!("{:?}", f32::from_bits(bits as u32)), name)
        }
        Scalar::F64 => float(f64::from_bits(bits), format!("{:?}", f64::from_bits(bits)), name),
        _ => {
            let number = signed(scalar, bits);
            if number < 0 { format!("({number}{name})") } else { format!("{number}{name}") }
        }
    }
}

fn float(value: f64, digits: String, name: &str) -> String {
    match value {
        _ if value.is_nan() => format!("(0.0{name} / 0.0)"),
        _ if value.is_infinite() => format!("({}1.0{name} / 0.0)", if value < 0.0 { "-" } else { "" }),
        _ if value.is_sign_negative() => format!("({digits}{name})"),
        _ => format!("{digits}{name}"),
    }
}

fn signed(scalar: Scalar, bits: u64) -> i128 {
    let is_negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    if is_negative { i128::from((bits | !scalar.mask()) as i64) } else { i128::from(bits) }
}

impl Type {
    /// As Rust spells it.
    pub fn rust(&self) -> String {
        match self {
            Type::Unit => "()".to_owned(),
            Type::Scalar(scalar) => scalar.rust_name().to_owned(),
            Type::Array(element, length) => format!("[{}; {length}]", element.rust()),
            Type::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(Type::rust).collect();
                format!("({})", fields.join(", "))
            }
            Type::Declared(declaration) => declaration.name.clone(),
        }
    }
}

impl Declaration {
    /// The item.
    fn rust(&self) -> String {
        let list = |fields: &[Type]| fields.iter().map(Type::rust).collect::<Vec<_>>().join(", ");
        let head = "#[device]\n#[derive(Clone, Copy, Debug)]\npub";
        if self.is_option() {
            return String::new();
        }
        if !self.is_enum {
            let fields = self.variants[0].fields.iter().enumerate();
            let fields: Vec<_> =
                fields.map(|(number, ty)| format!("    pub f{number}: {},\n", ty.rust())).collect();
            return format!("{head} struct {} {{\n{}}}\n\n", self.name, fields.concat());
        }
        let variants = self.variants.iter().map(|variant| match variant.fields.as_slice() {
            [] => format!("    {},\n", variant.name),
            fields => format!("    {}({}),\n", variant.name, list(fields)),
        });
        format!("{head} enum {} {{\n{}}}\n\n", self.name, variants.collect::<String>())
    }

    /// A variant or a struct with what is inside.
    fn with(&self, variant: usize, inside: &[String]) -> String {
        let path = self.path(variant);
        match inside {
            [] => path,
            _ if self.is_enum => format!("{path}({})", inside.join(", ")),
            _ => {
                let fields = inside.iter().enumerate().map(|(number, text)| format!("f{number}: {text}"));
                format!("{path} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Pattern {
    fn rust(&self) -> String {
        let number = |scalar: Scalar, bits| match literal(scalar, bits) {
            text if text.starts_with('(') => text[1..text.len() - 1].to_owned(),
            text => text,
        };
        let list = |parts: &[Pattern]| parts.iter().map(Pattern::rust).collect::<Vec<_>>();
        match self {
            Pattern::Wild => "_".to_owned(),
            Pattern::Bind(local, _) => name(*local),
            Pattern::Scalar(scalar, bits) => number(*scalar, *bits),
            Pattern::Range(scalar, low, high) => {
                format!("{}..={}", number(*scalar, *low), number(*scalar, *high))
            }
            Pattern::Or(cases) => list(cases).join(" | "),
            Pattern::At(local, _, inner) => match **inner {
                Pattern::Or(_) => format!("{} @ ({})", name(*local), inner.rust()),
                _ => format!("{} @ {}", name(*local), inner.rust()),
            },
            Pattern::Array(parts) => format!("[{}]", list(parts).join(", ")),
            Pattern::Tuple(parts) => format!("({})", list(parts).join(", ")),
            Pattern::Variant(of, number, parts) => of.with(*number, &list(parts)),
        }
    }
}

impl Value {
    fn rust(&self, ty: &Type) -> String {
        match (self, ty) {
            (Value::Bits(bits), Type::Scalar(scalar)) => literal(*scalar, *bits),
            (Value::List(values), Type::Array(element, _)) => {
                let values: Vec<String> = values.iter().map(|value| value.rust(element)).collect();
                format!("[{}]", values.join(", "))
            }
            _ => "()".to_owned(),
        }
    }
}

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
struct Printer<'p> {
    program: &'p Program,
    /// Its accessors by name; none in the kernel, where they are named by number.
    own: &'p str,
    text: String,
    indent: usize,
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
            Statement::Expression(expression) => match expression.kind {
                Kind::If(..)
                | Kind::While(..)
                | Kind::Loop(..)
                | Kind::For { .. }
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

    /// `{ .. }` over several lines.
    fn block(&self, block: &Block) -> String {
        let mut inner =
            Printer { program: self.program, own: self.own, text: String::new(), indent: self.indent + 1 };
        inner.statements(&block.statements);
        if let Some(value) = &block.value {
            let text = inner.expression(value);
            inner.line(&text);
        }
        format!("{{\n{}{}}}", inner.text, "    ".repeat(self.indent))
    }

    fn operand(&self, expression: &Expression) -> String {
        match expression.kind {
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

    fn list(&self, list: &[Expression]) -> String {
        let texts: Vec<String> = list.iter().map(|expression| self.expression(expression)).collect();
        texts.join(", ")
    }

    fn expression(&self, expression: &Expression) -> String {
        match &expression.kind {
            Kind::Literal(bits) => literal(expression.ty.scalar().unwrap_or(Scalar::Bool), *bits),
            Kind::Local(local) => name(*local),
            Kind::Unary(UnaryOperator::Negate, value) => format!("-{}", self.operand(value)),
            Kind::Unary(UnaryOperator::Not, value) => format!("!{}", self.operand(value)),
            Kind::Binary(operator, pair, _) => {
                format!(
                    "{} {} {}",
                    self.operand(&pair[0]),
                    token(*operator),
                    self.right_operand(*operator, pair)
                )
            }
            Kind::Logic(operator, pair) => {
                let token = if *operator == LogicOperator::And { "&&" } else { "||" };
                format!("{} {token} {}", self.operand(&pair[0]), self.operand(&pair[1]))
            }
            Kind::Assign(pair) => format!("{} = {}", self.expression(&pair[0]), self.expression(&pair[1])),
            Kind::AssignOperation(operator, pair, _) => {
                format!("{} {}= {}", self.expression(&pair[0]), token(*operator), self.expression(&pair[1]))
            }
            Kind::Element(pair, _) => format!("{}[{}]", self.operand(&pair[0]), self.expression(&pair[1])),
            Kind::Access(accessor, index, _) => {
                format!("{}[{}]", self.accessor(*accessor), self.index(index))
            }
            Kind::Field(whole, position) => match &whole.ty {
                Type::Declared(_) => format!("{}.f{position}", self.operand(whole)),
                _ => format!("{}.{position}", self.operand(whole)),
            },
            Kind::Make(variant, fields) => {
                let texts: Vec<String> = fields.iter().map(|field| self.expression(field)).collect();
                match &expression.ty {
                    Type::Declared(of) => of.with(*variant, &texts),
                    _ => format!("({})", texts.join(", ")),
                }
            }
            Kind::Cast(value) => format!("{} as {}", self.operand(value), expression.ty.rust()),
            Kind::Array(list) => format!("[{}]", self.list(list)),
            Kind::Repeat(value, length) => format!("[{}; {length}]", self.expression(value)),
            Kind::Method("from_bits", operands, _) => {
                format!("{}::from_bits({})", expression.ty.rust(), self.list(operands))
            }
            Kind::Method(name, operands, _) => {
                format!("{}.{name}({})", self.operand(&operands[0]), self.list(&operands[1..]))
            }
            Kind::Call(function, accessors, arguments) => {
                let accessors = accessors.iter().map(|accessor| self.accessor(*accessor));
                let arguments = arguments.iter().map(|argument| self.expression(argument));
                let list: Vec<String> = accessors.chain(arguments).collect();
                format!("f{function}({})", list.join(", "))
            }
            Kind::Barrier => "it.barrier()".to_owned(),
            Kind::Group(group, value) => {
                let of = if group.is_of_sub_group { "sub_group" } else { "group" };
                format!("it.{of}().{}({})", group.method, self.expression(value))
            }
            other => self.control(other),
        }
    }

    /// The right side of an operator; a literal without its type where the left side gives it one.
    fn right_operand(&self, operator: BinaryOperator, pair: &[Expression; 2]) -> String {
        let text = self.operand(&pair[1]);
        let is_shift = matches!(operator, BinaryOperator::ShiftLeft | BinaryOperator::ShiftRight);
        let leads = !matches!(pair[0].kind, Kind::Literal(_));
        match (&pair[1].kind, pair[1].ty.scalar()) {
            (Kind::Literal(_), Some(scalar)) if leads && !is_shift && scalar != Scalar::Bool => {
                text.replace(scalar.rust_name(), "")
            }
            _ => text,
        }
    }

    fn control(&self, kind: &Kind) -> String {
        match kind {
            Kind::If(condition, then, otherwise) => {
                let head = format!("if {} {}", self.operand(condition), self.block(then));
                match otherwise {
                    Some(otherwise) => format!("{head} else {}", self.block(otherwise)),
                    None => head,
                }
            }
            Kind::Block(block) => self.block(block),
            Kind::Labelled(id, block) => format!("'l{id}: {}", self.block(block)),
            Kind::Match(value, arms) => {
                let mut inner = Printer {
                    program: self.program,
                    own: self.own,
                    text: String::new(),
                    indent: self.indent + 1,
                };
                for arm in arms {
                    let guard = arm.guard.as_ref().map(|guard| format!(" if {}", inner.operand(guard)));
                    let head = format!("{}{} => ", arm.pattern.rust(), guard.unwrap_or_default());
                    let body = inner.operand(&arm.body);
                    inner.line(&format!("{head}{body},"));
                }
                format!("match {} {{\n{}{}}}", self.operand(value), inner.text, "    ".repeat(self.indent))
            }
            Kind::While(id, condition, body) => {
                format!("'l{id}: while {} {}", self.operand(condition), self.block(body))
            }
            Kind::Loop(id, body) => format!("'l{id}: loop {}", self.block(body)),
            Kind::For { id, local, bounds, inclusive, body } => {
                let (start, end) = (self.operand(&bounds[0]), self.operand(&bounds[1]));
                let dots = if *inclusive { "..=" } else { ".." };
                format!("'l{id}: for {} in {start}{dots}{end} {}", name(*local), self.block(body))
            }
            Kind::Break(id, None) => format!("break 'l{id}"),
            Kind::Break(id, Some(value)) => format!("break 'l{id} {}", self.operand(value)),
            Kind::Continue(id) => format!("continue 'l{id}"),
            Kind::Return(None) => "return".to_owned(),
            Kind::Return(Some(value)) => format!("return {}", self.expression(value)),
            _ => "()".to_owned(),
        }
    }

    fn accessor(&self, accessor: usize) -> String {
        if !self.own.is_empty() {
            return format!("{}{accessor}", self.own);
        }
        kernel_accessor(self.program, accessor)
    }

    fn index(&self, index: &Index) -> String {
        match (index, self.program.shape) {
            (Index::Own, Shape::Plain(_)) => name(POSITION),
            (Index::Own, Shape::Id(_)) => "it".to_owned(),
            (Index::Own, Shape::Item(_)) => "it.id()".to_owned(),
            (Index::Own, Shape::Groups(..)) => "it.global_id()".to_owned(),
            (Index::At(list), _) if list.len() == 1 => self.list(list),
            (Index::At(list), _) => format!("[{}]", self.list(list)),
        }
    }
}

fn kernel_accessor(program: &Program, accessor: usize) -> String {
    match accessor.checked_sub(program.inputs.len()) {
        None => format!("in{accessor}"),
        Some(output) if output < program.outputs.len() => format!("out{output}"),
        Some(_) => "tile".to_owned(),
    }
}

fn name(local: Local) -> String {
    match local {
        POSITION => "i".to_owned(),
        POSITION_IN_GROUP => "own".to_owned(),
        other => format!("v{other}"),
    }
}

/// The device functions, in order.
fn functions(program: &Program) -> String {
    let mut text = String::new();
    for (number, function) in program.functions.iter().enumerate() {
        text.push_str(&device_function(program, number, function));
    }
    text
}

fn device_function(program: &Program, number: usize, function: &Function) -> String {
    let printer = Printer { program, own: "a", text: String::new(), indent: 0 };
    let accessors = function.accessors.iter().enumerate().map(|(position, accessor)| match accessor {
        Accessor::Input(scalar) => format!("a{position}: Read<{}>", scalar.rust_name()),
        Accessor::Output(scalar) => format!("a{position}: ReadWrite<{}>", scalar.rust_name()),
    });
    let parameters = function.parameters.iter().map(|(local, ty)| format!("{}: {}", name(*local), ty.rust()));
    let list: Vec<String> = accessors.chain(parameters).collect();
    let result = match &function.result {
        Type::Unit => String::new(),
        other => format!(" -> {}", other.rust()),
    };
    format!("#[device]\nfn f{number}({}){result} {}\n\n", list.join(", "), printer.block(&function.body))
}

impl Program {
    /// The device functions, and `run`, which launches the kernel on a queue and gives the outputs' bits, or the error.
    pub fn rust(&self) -> String {
        let mut text: String = self.declarations.iter().map(|declaration| declaration.rust()).collect();
        text.push_str(&functions(self));
        text.push_str("pub fn run(queue: &Queue) -> Result<Vec<Vec<u64>>, String> {\n");
        for (number, input) in self.inputs.iter().enumerate() {
            let values: Vec<String> =
                input.contents.iter().map(|bits| literal(input.scalar, *bits)).collect();
            let _ = writeln!(
                text,
                "    let in{number} = Buffer::<{}, {}>::from_vec(vec![{}], {:?}).unwrap();",
                input.scalar.rust_name(),
                input.extent.len(),
                values.join(", "),
                input.extent
            );
        }
        let extent = self.shape.extent();
        for (number, scalar) in self.outputs.iter().enumerate() {
            let (scalar, n) = (scalar.rust_name(), self.shape.n_items());
            let _ = writeln!(
                text,
                "    let out{number} = Buffer::<{scalar}, {}>::from_vec(vec![Default::default(); {n}], {extent:?}).unwrap();",
                extent.len()
            );
        }
        for (local, ty, value) in &self.captures {
            let _ = writeln!(text, "    let {}: {} = {};", name(*local), ty.rust(), value.rust(ty));
        }
        text.push_str(&self.launch());
        text.push_str("    event.wait().map_err(|error| error.to_string())?;\n    Ok(vec![");
        for (number, scalar) in self.outputs.iter().enumerate() {
            let bits = match scalar {
                Scalar::F32 | Scalar::F64 => "x.to_bits() as u64".to_owned(),
                Scalar::Bool => "x as u64".to_owned(),
                other => format!("x as {} as u64", other.unsigned().rust_name()),
            };
            let _ = write!(text, "out{number}.host_read().unwrap().iter().map(|&x| {bits}).collect(), ");
        }
        text.push_str("])\n}\n");
        text
    }

    /// The command group and the kernel inside.
    fn launch(&self) -> String {
        let mut text = String::from("    let event = queue.submit(|h| {\n");
        for number in 0..self.inputs.len() {
            let _ = writeln!(text, "        let in{number} = in{number}.read(h);");
        }
        for number in 0..self.outputs.len() {
            let _ = writeln!(text, "        let out{number} = out{number}.read_write(h);");
        }
        if let Some(scalar) = self.tile {
            let _ = writeln!(
                text,
                "        let tile = h.local::<{}, 1>({});",
                scalar.rust_name(),
                self.shape.group()
            );
        }
        let (range, parameter, prelude): (String, &str, &[&str]) = match self.shape {
            Shape::Plain(n) => (n.to_string(), "i: usize", &[]),
            Shape::Id(n) => (n.to_string(), "it: Id<1>", &["let i = it[0];"]),
            Shape::Item(extent) => (format!("{extent:?}"), "it: Item<2>", &["let i = it.linear_id();"]),
            Shape::Groups(global, local) => (
                format!("NdRange::new({global}, {local})"),
                "it: NdItem<1>",
                &["let i = it.global_linear_id();", "let own = it.local_linear_id();"],
            ),
        };
        let _ = writeln!(text, "        h.parallel_for({range}, kernel!(move |{parameter}| {{");
        let mut printer = Printer { program: self, own: "", text, indent: 3 };
        prelude.iter().for_each(|line| printer.line(line));
        printer.statements(&self.body);
        let mut text = printer.text;
        text.push_str("        }));\n    }).map_err(|error| error.to_string())?;\n");
        text
    }
}

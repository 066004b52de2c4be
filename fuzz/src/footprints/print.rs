//! Prints a program as the Rust that a user would write, with what it is launched over as comments.

use super::program::{
    Adaptor, Captured, Expression, Function, Index, ItemKind, Kind, LogicOperator, MARK, Program, Query,
    RESULT_SITE, Role, Scalar, Shape, Site, Statement, UnaryOperator, Way,
};
use crate::program::token;
use std::fmt::Write;

impl Program {
    /// The functions, the launch's values and the kernel. A line with checks ends in their sites.
    pub fn rust(&self) -> String {
        let mut text = String::new();
        let context =
            Context { shape: &self.shape, roles: self.accessors.iter().map(|it| it.role).collect() };
        for (number, function) in self.functions.iter().enumerate() {
            function.rust(&mut text, number, &self.shape);
        }
        let Shape { item, global, local } = &self.shape;
        let _ = writeln!(text, "// over {global:?}, groups of {local:?}, as {item:?}");
        for (number, accessor) in self.accessors.iter().enumerate() {
            let (role, name) = (accessor.role, accessor.scalar.rust_name());
            let _ = writeln!(
                text,
                "// a{number}: {role:?} of {name} {:?} {:?}",
                accessor.extent, accessor.contents
            );
        }
        for capture in &self.captures {
            let (local, name) = (capture.local, capture.scalar.rust_name());
            let value = match &capture.value {
                Captured::Number(bits) => literal(capture.scalar, *bits),
                Captured::Specialized(bits) => {
                    format!("SpecConstant::new({})", literal(capture.scalar, *bits))
                }
                Captured::Table(values) => {
                    let values: Vec<_> = values.iter().map(|bits| literal(capture.scalar, *bits)).collect();
                    format!("[{}]", values.join(", "))
                }
            };
            let _ = writeln!(text, "let v{local} = {value}; // {name}");
        }
        let d = self.shape.n_dimensions();
        let item = match self.shape.item {
            ItemKind::Id => format!("Id<{d}>"),
            ItemKind::Item => format!("Item<{d}>"),
            ItemKind::Groups => format!("NdItem<{d}>"),
        };
        let _ = writeln!(text, "kernel!(move |it: {item}| {{\n    let mut sum = 0u32;");
        context.block(&self.body, 1, &mut text);
        let _ = writeln!(text, "    result[{}] = sum; // {RESULT_SITE}\n}})", context.own());
        text
    }
}

impl Function {
    fn rust(&self, text: &mut String, number: usize, shape: &Shape) {
        let context = Context { shape, roles: vec![Role::Input; self.accessors.len()] };
        let accessors = self.accessors.iter().enumerate();
        let accessors =
            accessors.map(|(number, (scalar, d))| format!("a{number}: Read<{}, {d}>", scalar.rust_name()));
        let numbers = self.parameters.iter().map(|(local, ty)| format!("v{local}: {}", ty.rust_name()));
        let parameters: Vec<String> = accessors.chain(numbers).collect();
        let result = self.value.scalar.rust_name();
        let _ = writeln!(text, "#[device]\nfn f{number}({}) -> {result} {{", parameters.join(", "));
        context.block(&self.body, 1, text);
        let _ = writeln!(text, "    {}\n}}", context.of(&self.value));
    }
}

fn literal(scalar: Scalar, bits: u64) -> String {
    match scalar {
        Scalar::Bool => (bits != 0).to_string(),
        _ => {
            let number = super::evaluate::number(scalar, bits);
            let name = scalar.rust_name();
            if number < 0 { format!("({number}{name})") } else { format!("{number}{name}") }
        }
    }
}

/// What the spelling of an expression depends on.
struct Context<'p> {
    shape: &'p Shape,
    /// Those of the accessors.
    roles: Vec<Role>,
}

impl Context<'_> {
    fn block(&self, statements: &[Statement], depth: usize, text: &mut String) {
        statements.iter().for_each(|statement| self.statement(statement, depth, text));
    }

    fn statement(&self, statement: &Statement, depth: usize, text: &mut String) {
        let indent = "    ".repeat(depth);
        let line = match statement {
            Statement::Let { local, mutable, value } => {
                let mutable = if *mutable { "mut " } else { "" };
                format!("let {mutable}v{local}: {} = {};", value.scalar.rust_name(), self.of(value))
            }
            Statement::Array { local, scalar, length } => {
                format!("let mut v{local} = [{}; {length}];", literal(*scalar, 0))
            }
            Statement::Assign(local, value) => format!("v{local} = {};", self.of(value)),
            Statement::Update(local, operator, value, _) => {
                format!("v{local} {}= {};", token(*operator), self.of(value))
            }
            Statement::Store { accessor, index, way, site } => self.store(*accessor, index, *way, *site),
            Statement::Slice { local, accessor, bounds, .. } => {
                format!("let v{local} = a{accessor}.slice({}..{});", self.of(&bounds[0]), self.of(&bounds[1]))
            }
            Statement::Row { local, accessor, row, site, .. } => {
                let row = self.of(row);
                format!("for v{local} in a{accessor}.row({row}) {{ sum += v{local} as u32; }} // {site}")
            }
            Statement::StoreElement { array, index, value, site, .. } => {
                format!("v{array}[{}] = {}; // {site}", self.of(index), self.of(value))
            }
            Statement::Sum(value) => format!("sum += {} as u32;", self.of(value)),
            Statement::If(condition, then, otherwise) => {
                let _ = writeln!(text, "{indent}if {} {{", self.of(condition));
                self.block(then, depth + 1, text);
                if !otherwise.is_empty() {
                    let _ = writeln!(text, "{indent}}} else {{");
                    self.block(otherwise, depth + 1, text);
                }
                "}".to_owned()
            }
            Statement::For { id, local, bounds, inclusive, adaptors, body } => {
                let dots = if *inclusive { "..=" } else { ".." };
                let mut sequence = format!("({}{dots}{})", self.of(&bounds[0]), self.of(&bounds[1]));
                adaptors.iter().for_each(|adaptor| sequence.push_str(&self.adaptor(adaptor)));
                let _ = writeln!(text, "{indent}'l{id}: for v{local} in {sequence} {{");
                self.block(body, depth + 1, text);
                "}".to_owned()
            }
            Statement::While { id, condition, body } => {
                let _ = writeln!(text, "{indent}'l{id}: while {} {{", self.of(condition));
                self.block(body, depth + 1, text);
                "}".to_owned()
            }
            Statement::Break(id) => format!("break 'l{id};"),
            Statement::Continue(id) => format!("continue 'l{id};"),
            Statement::Return(None) => "return;".to_owned(),
            Statement::Return(Some(value)) => format!("return {};", self.of(value)),
            Statement::Assert(condition, _) => format!("assert!({});", self.of(condition)),
            Statement::Barrier => "it.barrier();".to_owned(),
        };
        let _ = writeln!(text, "{indent}{line}");
    }

    fn store(&self, accessor: usize, index: &Index, way: Way, site: Site) -> String {
        let index = self.index(index);
        match way {
            Way::Set => format!("a{accessor}[{index}] = {MARK}; // {site}"),
            Way::Or => format!("a{accessor}[{index}] |= {MARK}; // {site}"),
            Way::Atomic => format!("a{accessor}.atomic({index}).fetch_or({MARK}); // {site}"),
        }
    }

    fn adaptor(&self, adaptor: &Adaptor) -> String {
        match adaptor {
            Adaptor::Reverse => ".rev()".to_owned(),
            Adaptor::StepBy(step, _) => format!(".step_by({})", self.of(step)),
            Adaptor::Skip(count) => format!(".skip({})", self.of(count)),
            Adaptor::Take(count) => format!(".take({})", self.of(count)),
        }
    }

    /// The work-item's own place.
    fn own(&self) -> &'static str {
        match self.shape.item {
            ItemKind::Id => "it",
            ItemKind::Item => "it.id()",
            ItemKind::Groups => "it.global_id()",
        }
    }

    fn index(&self, index: &Index) -> String {
        match index {
            Index::Own => self.own().to_owned(),
            Index::At(components) => match components.as_slice() {
                [only] => self.of(only),
                several => {
                    let parts: Vec<String> = several.iter().map(|component| self.of(component)).collect();
                    format!("[{}]", parts.join(", "))
                }
            },
        }
    }

    fn of(&self, expression: &Expression) -> String {
        match &expression.kind {
            Kind::Literal(bits) => literal(expression.scalar, *bits),
            Kind::Local(local) => format!("v{local}"),
            Kind::Constant(local) => format!("v{local}.get()"),
            Kind::Extent(accessor, dimension) => format!("a{accessor}.range()[{dimension}]"),
            Kind::Query(Query::Global, dimension) => format!("{}[{dimension}]", self.own()),
            Kind::Query(query, dimension) => format!("it.{}", self.query(*query, *dimension)),
            Kind::Unary(UnaryOperator::Not, value) => format!("!{}", self.of(value)),
            Kind::Unary(UnaryOperator::Negate, value) => format!("(-{})", self.of(value)),
            Kind::Binary(operator, pair, _) => {
                format!("({} {} {})", self.of(&pair[0]), token(*operator), self.of(&pair[1]))
            }
            Kind::Logic(operator, pair) => {
                let symbol = if *operator == LogicOperator::And { "&&" } else { "||" };
                format!("({} {symbol} {})", self.of(&pair[0]), self.of(&pair[1]))
            }
            Kind::Cast(value) => format!("({} as {})", self.of(value), expression.scalar.rust_name()),
            Kind::Method(name, operands) => {
                format!("{}.{name}({})", self.of(&operands[0]), self.list(&operands[1..]))
            }
            Kind::CheckedOr(name, parts) => {
                let [left, right, otherwise] = &**parts;
                format!("{}.{name}({}).unwrap_or({})", self.of(left), self.of(right), self.of(otherwise))
            }
            Kind::Select(parts) => {
                let [condition, yes, no] = &**parts;
                format!("(if {} {{ {} }} else {{ {} }})", self.of(condition), self.of(yes), self.of(no))
            }
            Kind::Load(accessor, index, site) => {
                let element = format!("a{accessor}[{}] /* {site} */", self.index(index));
                if self.roles.get(*accessor) == Some(&Role::Tile) {
                    format!("({element} & 0)")
                } else {
                    element
                }
            }
            Kind::Length(local) => format!("v{local}.len()"),
            Kind::OfSlice(slice, index, site) => format!("v{slice}[{}] /* {site} */", self.of(index)),
            Kind::Element(array, _, index, site) => format!("v{array}[{}] /* {site} */", self.of(index)),
            Kind::Call(function, accessors, arguments) => {
                let mut list: Vec<String> = accessors.iter().map(|accessor| format!("a{accessor}")).collect();
                list.extend(arguments.iter().map(|argument| self.of(argument)));
                format!("f{function}({})", list.join(", "))
            }
        }
    }

    fn list(&self, list: &[Expression]) -> String {
        list.iter().map(|expression| self.of(expression)).collect::<Vec<_>>().join(", ")
    }

    fn query(&self, query: Query, dimension: usize) -> String {
        let range = if self.shape.item == ItemKind::Item { "range" } else { "global_range" };
        let linear = if self.shape.item == ItemKind::Item { "linear_id" } else { "global_linear_id" };
        match query {
            Query::Global => format!("id()[{dimension}]"),
            Query::Local => format!("local_id()[{dimension}]"),
            Query::Group => format!("group_id()[{dimension}]"),
            Query::LocalRange => format!("local_range()[{dimension}]"),
            Query::GroupRange => format!("group_range()[{dimension}]"),
            Query::GlobalRange => format!("{range}()[{dimension}]"),
            Query::Linear => format!("{linear}()"),
            Query::LocalLinear => "local_linear_id()".to_owned(),
        }
    }
}

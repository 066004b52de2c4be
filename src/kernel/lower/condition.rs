//! Conditions that bind names: chains of `let` and `&&`, and patterns with guards.

use super::builder::Builder;
use super::ir::*;
use super::test::{Alternative, Cases, Name, both};
use super::*;
use crate::kernel::tree::{Expression, ExpressionKind, LogicOperator, Pattern};
use crate::kernel::types::Scalar;

/// A condition, and the names that are bound where it holds. Their values may be read wherever the condition may.
#[derive(Debug)]
pub(super) struct Tested {
    pub condition: Value,
    pub names: Vec<Name>,
}

/// One part of a chain of `&&`.
struct Link {
    /// What runs before it is tested.
    code: Code,
    condition: Value,
    names: Vec<Name>,
    /// The variables of those of its names that later parts of the chain may change, and what they begin with.
    setup: Vec<(VariableId, Value)>,
}

impl Builder<'_, '_> {
    /// Declares the names that a condition binds.
    pub fn bind_names(&mut self, names: Vec<Name>) {
        for Name { name, local, mutable, value } in names {
            let is_own = |variable: usize| self.variables[variable].late;
            let bound = match value.node {
                Node::Variable(variable) if !mutable && is_own(variable) => value,
                _ => self.bind_name(name, mutable, value),
            };
            self.bindings.insert(local, bound);
        }
    }

    /// The condition of an `if`, a `while` or a guard; `None` if it never ends normally.
    pub fn condition(&mut self, expression: &'static Expression) -> Result<Option<Tested>> {
        let parts = chain(expression);
        if let [only] = parts[..]
            && !has_let(only)
        {
            let condition = self.value(only)?;
            return Ok((!condition.is_never()).then_some(Tested { condition, names: Vec::new() }));
        }
        let mut links = Vec::with_capacity(parts.len());
        for (position, part) in parts.iter().enumerate() {
            let link = self.link(part, position + 1 == parts.len())?;
            let is_never = link.condition.is_never();
            links.push(link);
            if is_never {
                break;
            }
        }
        Ok(self.join(links))
    }

    fn link(&mut self, expression: &'static Expression, is_last: bool) -> Result<Link> {
        let (code, Tested { condition, mut names }) = self.scoped(|builder| builder.part(expression))?;
        let mut setup = Vec::new();
        for name in &mut names {
            if name.mutable && !is_last {
                let variable = self.late_name(name);
                self.variables[variable].mutable = true;
                setup.push((variable, name.value.clone()));
                name.value = self.read(variable);
            }
            self.bindings.insert(name.local, name.value.clone());
        }
        Ok(Link { code, condition, names, setup })
    }

    fn part(&mut self, expression: &'static Expression) -> Result<Tested> {
        let ExpressionKind::Let { pattern, value } = &expression.kind else {
            return Ok(Tested { condition: self.value(expression)?, names: Vec::new() });
        };
        let value = self.value(value)?;
        if value.is_never() {
            return Ok(Tested { condition: value, names: Vec::new() });
        }
        let value = self.repeatable_parts(value);
        self.tested(pattern, &value, None)
    }

    /// One condition of all links, each of which is evaluated only if those before it hold.
    fn join(&mut self, links: Vec<Link>) -> Option<Tested> {
        let mut all = Tested { condition: Value::bool(true), names: Vec::new() };
        let is_plain = |link: &Link| link.code.is_empty() && !link.condition.is_never();
        if !links.iter().skip(1).all(is_plain) || !links.iter().all(|link| link.setup.is_empty()) {
            return self.nested(links);
        }
        for link in links {
            self.code.extend(link.code);
            if link.condition.is_never() {
                return None;
            }
            all.condition = both(all.condition, link.condition);
            all.names.extend(link.names);
        }
        Some(all)
    }

    /// The links one inside of the other, and a variable that says whether all of them hold.
    fn nested(&mut self, links: Vec<Link>) -> Option<Tested> {
        let is_never_tested = links.first().is_some_and(|link| link.condition.is_never());
        let is_never = links.last().is_some_and(|link| link.condition.is_never());
        let holds = self.zeroed(Type::Scalar(Scalar::Bool));
        let (mut names, mut declared) = (Vec::new(), Vec::new());
        let mut code = if is_never { Code::new() } else { vec![store(holds, Value::bool(true))] };
        for link in links.into_iter().rev() {
            let mut set = link.setup;
            for name in link.names {
                names.push(self.kept_name(name, &mut set));
            }
            declared.extend(set.iter().map(|(variable, _)| *variable));
            let mut inner: Code = set.into_iter().map(|(variable, value)| store(variable, value)).collect();
            inner.extend(code);
            code = link.code;
            match link.condition {
                condition if condition.is_never() => {}
                condition if condition.is_true() => code.extend(inner),
                condition => code.push(Statement::If(condition, inner, Code::new())),
            }
        }
        self.declare_late(declared);
        self.code.extend(code);
        (!is_never_tested).then(|| Tested { condition: self.read(holds), names })
    }

    /// A name in a variable that outlives the code of its link, which is one of those that are set, or is added to them.
    fn kept_name(&mut self, name: Name, set: &mut Vec<(VariableId, Value)>) -> Name {
        let is_set = set.iter().any(|(variable, _)| name.value.node == Node::Variable(*variable));
        if is_set || !has_storage(&name.value.ty) {
            return name;
        }
        let variable = self.late_name(&name);
        set.push((variable, name.value));
        Name { value: self.read(variable), ..name }
    }

    /// A variable for a name, to be declared before what sets it.
    fn late_name(&mut self, name: &Name) -> VariableId {
        let variable = self.variable(name.name, name.value.ty.clone(), false);
        self.variables[variable].late = true;
        variable
    }

    fn declare_late(&mut self, variables: impl IntoIterator<Item = VariableId>) {
        self.code.extend(variables.into_iter().map(|variable| Statement::Declare(variable, None)));
    }

    /// Whether a value matches a pattern and the guard behind it. The value costs nothing to write twice.
    pub fn tested(
        &mut self,
        pattern: &'static Pattern,
        value: &Value,
        guard: Option<&'static Expression>,
    ) -> Result<Tested> {
        let mut ways = self.alternatives(pattern, value, Cases::Joined)?;
        let Some(guard) = guard else {
            if let [_] = ways[..] {
                let Alternative { condition, names } = ways.remove(0);
                return Ok(Tested { condition, names });
            }
            return self.first_of(ways, None);
        };
        if let [only] = &ways[..]
            && let Some(tested) = self.plainly_guarded(only, guard)?
        {
            return Ok(tested);
        }
        // Rust evaluates the guard once for each way in which the pattern matches.
        let ways = self.alternatives(pattern, value, Cases::Apart)?;
        self.first_of(ways, Some(guard))
    }

    /// A condition and its guard as one, if the guard is a mere value.
    fn plainly_guarded(&mut self, way: &Alternative, guard: &'static Expression) -> Result<Option<Tested>> {
        for name in &way.names {
            self.bindings.insert(name.local, name.value.clone());
        }
        let (code, tested) = self.scoped(|builder| builder.condition(guard))?;
        Ok(match tested {
            Some(guard) if code.is_empty() && !guard.condition.has_effect() => {
                let names = way.names.iter().cloned().chain(guard.names).collect();
                Some(Tested { condition: both(way.condition.clone(), guard.condition), names })
            }
            _ => None,
        })
    }

    /// Tries one way after the other, each with the guard; a variable says whether one of them held.
    fn first_of(&mut self, ways: Vec<Alternative>, guard: Option<&'static Expression>) -> Result<Tested> {
        let holds = self.zeroed(Type::Scalar(Scalar::Bool));
        let mut names: Vec<Name> = Vec::new();
        let mut code = Code::new();
        for (position, way) in ways.into_iter().enumerate() {
            let (inner, ()) = self.scoped(|builder| {
                builder.set_names(way.names, &mut names)?;
                builder.set_if(holds, guard, &mut names)
            })?;
            let is_open = if position == 0 { Value::bool(true) } else { Value::negated(self.read(holds)) };
            match both(is_open, way.condition) {
                condition if condition.is_true() => code.extend(inner),
                condition => code.push(Statement::If(condition, inner, Code::new())),
            }
        }
        self.declare_late(names.iter().filter_map(|name| match name.value.node {
            Node::Variable(variable) => Some(variable),
            _ => None,
        }));
        self.code.extend(code);
        Ok(Tested { condition: self.read(holds), names })
    }

    /// Sets a variable if the guard holds, or anyway if there is none.
    fn set_if(
        &mut self,
        holds: VariableId,
        guard: Option<&'static Expression>,
        known: &mut Vec<Name>,
    ) -> Result<()> {
        let set = store(holds, Value::bool(true));
        let Some(guard) = guard else {
            self.code.push(set);
            return Ok(());
        };
        let Some(Tested { condition, names }) = self.condition(guard)? else { return Ok(()) };
        let (mut inner, ()) = self.scoped(|builder| builder.set_names(names, known))?;
        inner.push(set);
        self.code.push(Statement::If(condition, inner, Code::new()));
        Ok(())
    }

    /// Sets the variables of names, which all the ways of a pattern share.
    fn set_names(&mut self, names: Vec<Name>, known: &mut Vec<Name>) -> Result<()> {
        for name in names {
            let shared =
                known.iter().find(|known| known.local == name.local).map(|known| known.value.clone());
            let place = match shared {
                Some(place) => place,
                None if has_storage(&name.value.ty) => {
                    let variable = self.late_name(&name);
                    self.read(variable)
                }
                None => name.value.clone(),
            };
            match place.node {
                Node::Variable(variable) => self.assign(variable, name.value.clone()),
                _ if place == name.value => {}
                _ => {
                    return Err(error(format!(
                        "`{}` in {} stands for one of several accessors or references, which only shows when the kernel \
                         runs; use an `if` for each",
                        name.name, self.file
                    )));
                }
            }
            self.bindings.insert(name.local, place.clone());
            if !known.iter().any(|known| known.local == name.local) {
                known.push(Name { value: place, ..name });
            }
        }
        Ok(())
    }
}

/// Whether values of a type can be kept in a variable.
fn has_storage(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::Unit
            | Type::Accessor { .. }
            | Type::Item(..)
            | Type::Specialized(_)
            | Type::Atomic(..)
            | Type::Slice(_)
            | Type::Function(_)
    )
}

fn store(variable: VariableId, value: Value) -> Statement {
    Statement::Store(Place { root: Root::Variable(variable), path: Vec::new() }, value)
}

/// The parts of a chain of `&&` that has a `let` in it; anything else is one part.
fn chain(expression: &'static Expression) -> Vec<&'static Expression> {
    match &expression.kind {
        ExpressionKind::Logic(LogicOperator::And, left, right) if has_let(left) || has_let(right) => {
            let mut links = chain(left);
            links.extend(chain(right));
            links
        }
        _ => vec![expression],
    }
}

fn has_let(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Let { .. } => true,
        ExpressionKind::Logic(LogicOperator::And, left, right) => has_let(left) || has_let(right),
        _ => false,
    }
}

//! Finds operations over a group that not every work-item of the group may reach, and says why.
//!
//! Reads the syntax alone, so that whatever else the language has is followed: names, scopes, branches, loops. Knows no
//! types, so it is conservative: ids, elements of memory and what is computed from them may differ between work-items, and so
//! may every variable that is assigned where the work-items have parted. What `falx::uniform` gives never differs. Never
//! judges a body that has other errors.
//!
//! Of a device function it works out what the work-items must agree on: which of the parameters decide who comes to its
//! operations. Whether a called function has such operations only the compiler knows, so what a call would break is noted.

mod cause;
mod flow;
mod function;
mod operations;
mod sequence;
#[cfg(test)]
mod tests;
mod value;

use crate::errors::Errors;
use cause::{Cause, Head, Origin, Parting, Written};
pub use function::{Agreement, Condition, agreement};
pub use operations::is_collective;
use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;

/// Reports every operation over a group in a kernel's body that not all work-items may reach; gives the calls that may break
/// what the called function asks for.
pub fn check(item: Option<&syn::Pat>, body: &syn::Expr, errors: &mut Errors) -> Vec<DoubtfulCall> {
    let parameter = item.map(|pattern| match pattern {
        syn::Pat::Ident(_) => (pattern, Value::of_kind(Kind::Item)),
        _ => {
            let cause = Cause::new(Origin::Id(Written(pattern)), Written(pattern));
            (pattern, Value::plain(Some(cause)))
        }
    });
    let Findings { errors: found, calls } = find(parameter.as_slice(), body);
    errors.append(found);
    calls.into_iter().filter(DoubtfulCall::is_doubtful).collect()
}

/// A call that hands on the work-item or a group, so that the work-items may meet in there.
pub struct DoubtfulCall {
    /// The function's path, without generic arguments.
    pub path: syn::Path,
    /// What to say if the work-items meet in there, since some of them may not come here.
    pub place: Option<String>,
    /// What to say of an argument if it decides who comes to where they meet, since it may differ.
    pub arguments: Vec<(usize, Span, String)>,
}

impl DoubtfulCall {
    fn is_doubtful(&self) -> bool {
        self.place.is_some() || !self.arguments.is_empty()
    }
}

/// What is found in a body.
#[derive(Default)]
struct Findings {
    errors: Errors,
    /// Every call that hands on the work-item or a group, in the order of the text.
    calls: Vec<DoubtfulCall>,
}

/// Follows a body until nothing new is learnt; what is found then counts.
fn find<'s>(parameters: &[(&'s syn::Pat, Value<'s>)], body: &'s syn::Expr) -> Findings {
    let mut walk = Walk::default();
    loop {
        (walk.has_changed, walk.findings) = (false, Findings::default());
        walk.pass(parameters, body);
        if !walk.has_changed {
            return walk.findings;
        }
    }
}

/// What a name or a value stands for, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Kind {
    /// A number, or what consists of numbers.
    #[default]
    Plain,
    /// The work-item.
    Item,
    /// The work-group.
    Group,
    /// The sub-group.
    SubGroup,
    /// What was captured, or local memory: perhaps an accessor, whose elements may differ.
    Memory,
}

impl Kind {
    /// Whether it is the work-item or a group, by which others can meet.
    fn is_of_group(self) -> bool {
        matches!(self, Kind::Item | Kind::Group | Kind::SubGroup)
    }
}

/// A value: what it is, and why it may differ between work-items.
#[derive(Clone, Copy, Default)]
struct Value<'s> {
    kind: Kind,
    cause: Option<Cause<'s>>,
    /// Whether it is a reference through which something can be changed.
    is_mutable: bool,
}

/// A variable of the kernel, numbered in the order of the text, so that every pass gives it the same number.
#[derive(Clone, Default)]
struct Variable<'s> {
    kind: Kind,
    cause: Option<Cause<'s>>,
    /// Whether a method may change it.
    is_mutable: bool,
}

/// A loop or labelled block around the current place.
struct Frame<'s> {
    number: usize,
    label: Option<&'s Ident>,
    is_loop: bool,
    /// Where some may have gone on to the next round.
    skipped: Option<Parting<'s>>,
}

/// What is known of a loop from earlier passes as well.
#[derive(Clone, Default)]
struct Leaving<'s> {
    /// Where some may have left it.
    left: Option<Parting<'s>>,
    /// Why its value may differ.
    value: Option<Cause<'s>>,
}

#[derive(Default)]
struct Walk<'s> {
    scopes: Vec<Vec<(String, usize)>>,
    variables: Vec<Variable<'s>>,
    n_variables: usize,
    leaving: Vec<Leaving<'s>>,
    n_loops: usize,
    frames: Vec<Frame<'s>>,
    /// Where the work-items of this place have parted.
    parting: Option<Parting<'s>>,
    /// Where some may have returned.
    returned: Option<Parting<'s>>,
    has_changed: bool,
    /// What this pass finds.
    findings: Findings,
}

impl<'s> Walk<'s> {
    fn pass(&mut self, parameters: &[(&'s syn::Pat, Value<'s>)], body: &'s syn::Expr) {
        (self.n_variables, self.n_loops) = (0, 0);
        (self.parting, self.returned) = (None, None);
        self.scopes = vec![Vec::new()];
        for (pattern, value) in parameters {
            self.bind_pattern(pattern, value);
        }
        self.value(body);
    }

    /// Where some work-items may have gone another way than those that are here.
    fn missing(&self) -> Option<Parting<'s>> {
        let known = self.parting.or(self.returned);
        let of_frame = |frame: &Frame<'s>| {
            let left = self.leaving.get(frame.number).and_then(|leaving| leaving.left);
            left.or(frame.skipped)
        };
        known.or_else(|| self.frames.iter().find_map(of_frame))
    }

    /// Reports an operation over the group unless all work-items come here.
    fn judge(&mut self, name: &Ident) {
        let missing = self.missing();
        if let Some(parting) = missing {
            self.findings.errors.at(name, parting.message(&name.to_string()));
        }
    }

    /// Notes a call of a function in which the work-items may meet.
    fn note_call(&mut self, path: &syn::Path, arguments: &[(&syn::Expr, Value<'s>)]) {
        let missing = self.missing();
        let Some(last) = path.segments.last() else { return };
        let name = last.ident.to_string();
        let place = missing.map(|parting| parting.message(&name));
        let differing = arguments.iter().enumerate().filter(|(_, (_, value))| value.kind == Kind::Plain);
        let arguments = differing.filter_map(|(position, (written, value))| {
            let message = value.cause.as_ref()?.message_of_argument(&name, Written(written));
            Some((position, written.span(), message))
        });
        let arguments = arguments.collect();
        let mut path = path.clone();
        path.segments.iter_mut().for_each(|segment| segment.arguments = syn::PathArguments::None);
        self.findings.calls.push(DoubtfulCall { path, place, arguments });
    }

    fn bind(&mut self, name: &syn::PatIdent, value: Value<'s>) {
        let number = self.n_variables;
        self.n_variables += 1;
        if self.variables.len() <= number {
            self.variables.resize(number + 1, Variable::default());
        }
        self.variables[number].kind = value.kind;
        self.variables[number].is_mutable = name.mutability.is_some() || value.is_mutable;
        self.spoil(number, value.cause);
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.ident.to_string(), number));
        }
    }

    /// Notes that a variable may differ.
    fn spoil(&mut self, variable: usize, cause: Option<Cause<'s>>) {
        let known = &mut self.variables[variable].cause;
        if known.is_none() && cause.is_some() {
            *known = cause;
            self.has_changed = true;
        }
    }

    fn variable(&self, name: &Ident) -> Option<usize> {
        let name = name.to_string();
        let mut names = self.scopes.iter().rev().flat_map(|scope| scope.iter().rev());
        names.find(|(known, _)| *known == name).map(|(_, number)| *number)
    }

    fn scoped<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Vec::new());
        let result = work(self);
        self.scopes.pop();
        result
    }

    /// Runs `work` where the work-items have parted if `cause` says so.
    fn parted<R>(
        &mut self,
        cause: Option<Cause<'s>>,
        place: &Place<'s>,
        work: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let outer = self.parting;
        if let (None, Some(cause)) = (outer, cause) {
            self.parting = Some(place.parting(cause));
        }
        let result = work(self);
        self.parting = outer;
        result
    }
}

/// A construct at which work-items may part.
struct Place<'s> {
    head: Head<'s>,
    /// The part that may differ.
    condition: &'s syn::Expr,
    /// Where it stands.
    start: Written<'s>,
}

impl<'s> Place<'s> {
    fn parting(&self, cause: Cause<'s>) -> Parting<'s> {
        let condition = match self.condition {
            syn::Expr::Let(condition) => &*condition.expr,
            condition => condition,
        };
        let condition = match self.head {
            // A sequence is no value; something in it is.
            Head::For(node) if std::ptr::eq(condition, &*node.expr) => cause.source(),
            _ => Written(condition),
        };
        Parting { head: self.head, condition, place: self.start, cause }
    }
}

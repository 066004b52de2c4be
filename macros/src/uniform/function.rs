//! What a device function asks of its callers, since the work-items of a group meet in it.
//!
//! Each parameter is in turn taken to differ between the work-items; what then goes wrong tells what it decides about.

use super::cause::{Cause, Origin, Written};
use super::{DoubtfulCall, Findings, Kind, Value, find};
use crate::errors::Errors;

/// What the work-items of a group must agree on to call a function.
#[derive(Default)]
pub struct Agreement {
    /// The parameters that decide who comes to the function's own operations, by their bits.
    pub parameters: u64,
    /// What the functions that it calls ask for.
    pub conditions: Vec<Condition>,
    /// The calls that are wrong if the called function has operations over the group.
    pub calls: Vec<DoubtfulCall>,
}

/// What a called function may ask for.
pub struct Condition {
    /// The called function.
    pub path: syn::Path,
    /// The parameters that decide who comes to the call, by their bits.
    pub place: u64,
    /// For its arguments, which parameters decide about them.
    pub arguments: Vec<(usize, u64)>,
}

/// Reports what is wrong in the body of a device function whatever its parameters are, and gives what depends on them.
pub fn agreement(parameters: &[&syn::PatType], body: &syn::Expr, errors: &mut Errors) -> Agreement {
    let kinds: Vec<Kind> = parameters.iter().map(|parameter| kind(&parameter.ty)).collect();
    if !kinds.iter().any(|kind| kind.is_of_group()) {
        return Agreement::default();
    }
    let Findings { errors: found, calls } = differing(parameters, &kinds, None, body);
    if !found.is_empty() {
        errors.append(found);
        return Agreement::default();
    }
    let conditions =
        calls.iter().map(|call| Condition { path: call.path.clone(), place: 0, arguments: Vec::new() });
    let mut agreement = Agreement { parameters: 0, conditions: conditions.collect(), calls };
    for position in (0..parameters.len().min(64)).filter(|position| kinds[*position] == Kind::Plain) {
        agreement.note(position, differing(parameters, &kinds, Some(position), body));
    }
    agreement.calls.retain(DoubtfulCall::is_doubtful);
    agreement
}

impl Agreement {
    /// Notes what goes wrong if the parameter at a position differs.
    fn note(&mut self, position: usize, findings: Findings) {
        let bit = 1 << position;
        if !findings.errors.is_empty() {
            self.parameters |= bit;
        }
        for (condition, call) in self.conditions.iter_mut().zip(findings.calls) {
            if call.place.is_some() {
                condition.place |= bit;
            }
            for (argument, ..) in call.arguments {
                match condition.arguments.iter_mut().find(|(known, _)| *known == argument) {
                    Some((_, parameters)) => *parameters |= bit,
                    None => condition.arguments.push((argument, bit)),
                }
            }
        }
    }
}

/// What is found if one of the parameters differs.
fn differing(
    parameters: &[&syn::PatType],
    kinds: &[Kind],
    differing: Option<usize>,
    body: &syn::Expr,
) -> Findings {
    let values = parameters.iter().zip(kinds).enumerate().map(|(position, (parameter, kind))| {
        let cause = Cause::new(Origin::Parameter(Written(&parameter.pat)), Written(*parameter));
        let cause = (differing == Some(position)).then_some(cause);
        let is_mutable = matches!(&*parameter.ty, syn::Type::Reference(ty) if ty.mutability.is_some());
        (&*parameter.pat, Value { kind: *kind, cause, is_mutable })
    });
    find(&values.collect::<Vec<_>>(), body)
}

/// What a parameter of a type is.
fn kind(ty: &syn::Type) -> Kind {
    match ty {
        syn::Type::Reference(reference) => kind(&reference.elem),
        syn::Type::Paren(inner) => kind(&inner.elem),
        syn::Type::Tuple(tuple) if tuple.elems.iter().any(|part| kind(part).is_of_group()) => Kind::Item,
        syn::Type::Path(path) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string());
            match name.as_deref() {
                Some("NdItem") => Kind::Item,
                Some("Group") => Kind::Group,
                Some("SubGroup") => Kind::SubGroup,
                Some("Read" | "Write" | "ReadWrite" | "Local" | "Accessor" | "LocalAccessor" | "Reducer") => {
                    Kind::Memory
                }
                _ => Kind::Plain,
            }
        }
        _ => Kind::Plain,
    }
}

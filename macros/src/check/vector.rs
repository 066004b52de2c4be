//! Paths of vectors: `F32x4::new(a, b, c, d)` and the other ways to make one.

use super::Checker;
use crate::model::{Expression, Kind};
use crate::spelling::spelling;
use quote::ToTokens;
use syn::spanned::Spanned;

/// What lanes are called in the names of vectors.
const LANES: &[&str] = &["Bool", "I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "F16", "F32", "F64"];

/// The functions that make vectors, and how many arguments they take.
const MAKERS: &[&str] = &["new", "splat", "from", "from_array", "from_bits"];

/// How many lanes the vector of this name has.
pub fn lanes_of(name: &str) -> Option<usize> {
    let (lane, lanes) = name.split_once('x')?;
    let known = LANES.contains(&lane) && ["2", "3", "4", "8", "16"].contains(&lanes);
    if known { lanes.parse().ok() } else { None }
}

impl Checker {
    /// A call of a function of a vector that makes one; `None` for every other call.
    pub(super) fn vector_maker(&mut self, call: &syn::ExprCall) -> Option<Kind> {
        let syn::Expr::Path(function) = &*call.func else { return None };
        let mut segments = function.path.segments.iter().rev();
        let (name, ty) = (&segments.next()?.ident, &segments.next()?.ident);
        let lanes = lanes_of(&ty.to_string())?;
        if !MAKERS.contains(&name.to_string().as_str()) || function.qself.is_some() {
            return None;
        }
        let arguments: Vec<Expression> = call.args.iter().map(|argument| self.expression(argument)).collect();
        let expected = if name == "new" { lanes } else { 1 };
        if arguments.len() != expected {
            let plural = if expected == 1 { "" } else { "s" };
            let path = spelling(function.to_token_stream());
            let message = format!("`{path}` takes {expected} argument{plural}, not {}", arguments.len());
            self.errors.at(name, message);
        }
        let witness = self.witness(function.span());
        Some(Kind::Vector(function.to_token_stream(), name.clone(), arguments, witness))
    }
}

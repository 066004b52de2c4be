//! Patterns.

use super::types::kept;
use super::{Builder, keep, local_name, magnitude, name};
use crate::program::{Pattern, Scalar};
use falx::__private::tree;

impl Builder {
    pub fn pattern(&mut self, pattern: &Pattern) -> tree::Pattern {
        use tree::Pattern as To;
        match pattern {
            Pattern::Wild => To::Wild,
            Pattern::Bind(local, ty) => self.bind(*local, ty, false),
            Pattern::Scalar(Scalar::Bool, bits) => To::Bool(*bits != 0),
            Pattern::Scalar(scalar, bits) => {
                let (magnitude, negative) = magnitude(*scalar, *bits);
                To::Integer { magnitude, negative }
            }
            Pattern::Range(scalar, low, high) => {
                let [low, high] = [low, high].map(|bits| self.pattern(&Pattern::Scalar(*scalar, *bits)));
                To::Range { low: Some(keep(low)), high: Some(keep(high)), inclusive: true }
            }
            Pattern::Or(cases) => To::Or(self.patterns(cases)),
            Pattern::At(local, _, inner) => {
                let inner = keep(self.pattern(inner));
                To::At { name: local_name(*local), local: *local, mutable: false, inner }
            }
            Pattern::Array(parts) => To::Array(self.patterns(parts)),
            Pattern::Tuple(parts) => To::Tuple { leading: self.patterns(parts), trailing: &[] },
            Pattern::Variant(of, number, parts) => {
                let leading = self.patterns(parts);
                let inner = match of.is_enum {
                    true => To::Tuple { leading, trailing: &[] },
                    false => {
                        let parts = parts.iter().map(|part| self.pattern(part));
                        let named: Vec<_> = (0..).map(|number| name("f", number)).zip(parts).collect();
                        To::Struct(named.leak())
                    }
                };
                To::Variant { name: kept(&of.variants[*number].name), inner: keep(inner) }
            }
        }
    }

    fn patterns(&mut self, patterns: &[Pattern]) -> &'static [tree::Pattern] {
        patterns.iter().map(|pattern| self.pattern(pattern)).collect::<Vec<_>>().leak()
    }
}

//! Control flow.

use super::{Builder, at, keep};
use crate::program::Kind;
use falx::__private::tree;

impl Builder {
    pub fn control(&mut self, kind: &Kind) -> tree::ExpressionKind {
        use tree::ExpressionKind as To;
        match kind {
            Kind::If(condition, then, otherwise) => To::If {
                condition: self.kept(condition),
                then: self.block(then),
                otherwise: otherwise.as_ref().map(|block| keep(at(To::Block(self.block(block))))),
            },
            Kind::Let(pattern, value) => To::Let { pattern: self.pattern(pattern), value: self.kept(value) },
            Kind::Block(block) => To::Block(self.block(block)),
            Kind::Labelled(id, block) => To::Labelled { id: *id, body: self.block(block) },
            Kind::Match(value, arms) => {
                let value = self.kept(value);
                let arms = arms.iter().map(|arm| tree::Arm {
                    pattern: self.pattern(&arm.pattern),
                    guard: arm.guard.as_ref().map(|guard| self.expression(guard)),
                    body: self.expression(&arm.body),
                });
                To::Match { value, arms: arms.collect::<Vec<_>>().leak() }
            }
            Kind::While(id, condition, body) => {
                To::While { id: *id, condition: self.kept(condition), body: self.block(body) }
            }
            Kind::Loop(id, body) => To::Loop { id: *id, body: self.block(body) },
            Kind::For { id, local, bounds, inclusive, body } => To::For {
                id: *id,
                pattern: self.bind(*local, &bounds[0].ty, false),
                start: self.kept(&bounds[0]),
                end: self.kept(&bounds[1]),
                inclusive: *inclusive,
                ty: self.of(&bounds[0].ty),
                body: self.block(body),
            },
            Kind::ForEach(id, pattern, sequence, body) => To::ForEach {
                id: *id,
                pattern: self.pattern(pattern),
                sequence: self.sequence(sequence),
                body: self.block(body),
            },
            Kind::Break(id, value) => To::Break(*id, value.as_ref().map(|value| self.kept(value))),
            Kind::Continue(id) => To::Continue(*id),
            Kind::Return(value) => To::Return(value.as_ref().map(|value| self.kept(value))),
            _ => To::Block(tree::Block { statements: &[], value: None }),
        }
    }
}

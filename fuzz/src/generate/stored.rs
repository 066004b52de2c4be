//! What buffers and local memory hold: mostly scalars; and vectors, arrays and structs, whose parts are touched by themselves.

use super::aggregate::{Part, parts_of};
use super::{Generator, Variable};
use crate::program::{Declaration, Expression, Index, Kind, POSITION_IN_GROUP, Scalar, Type, Variant};
use std::sync::Arc;

/// The types of elements that are no scalars. `launch` knows the same.
fn menu() -> Vec<Type> {
    use Scalar::*;
    let vector = Type::Vector;
    let array = |element: Scalar, length| Type::Array(Box::new(Type::Scalar(element)), length);
    let structure = |name: &str, fields: Vec<Type>| {
        let variants = vec![Variant { name: name.to_owned(), fields }];
        Type::Declared(Arc::new(Declaration { name: name.to_owned(), variants, is_enum: false }))
    };
    vec![
        vector(F32, 4),
        vector(F32, 3),
        vector(F32, 2),
        vector(I32, 2),
        vector(U8, 4),
        vector(F64, 2),
        vector(U16, 8),
        vector(I64, 3),
        vector(I8, 16),
        vector(F16, 4),
        array(U32, 3),
        array(F64, 2),
        array(I16, 4),
        array(U8, 3),
        structure("P0", vec![Type::Scalar(F32), Type::Scalar(I32)]),
        structure("P1", vec![Type::Scalar(U64), array(U16, 4)]),
        structure("P2", vec![Type::Scalar(I16), Type::Scalar(U8), Type::Scalar(I8)]),
        structure("P3", vec![vector(F32, 4), array(F32, 4)]),
    ]
}

impl Generator {
    /// A type that buffers can have. Structs among them are declared.
    pub fn stored_type(&mut self) -> Type {
        if !self.random.chance(35) {
            return Type::Scalar(self.scalar_that(|scalar| scalar != Scalar::Bool));
        }
        let ty = self.random.pick(&menu()).clone();
        if let Type::Declared(of) = &ty
            && !self.program.declarations.contains(of)
        {
            self.program.declarations.push(of.clone());
        }
        ty
    }

    /// An element of an accessor, or a part of one, of a type, if there is one that can be read.
    pub fn stored(&mut self, wanted: &Type, depth: usize) -> Option<Expression> {
        if self.uniform {
            return None;
        }
        let is_shared = self.tile_is_shared && !self.in_function;
        let tile = self.program.tile.clone().filter(|_| is_shared);
        let inputs = self.inputs.iter().map(|(_, element, _)| element.clone());
        let views = self.visible().filter(|variable| matches!(variable.ty, Type::View(..)));
        let views: Vec<Variable> = views.cloned().collect();
        let of_views = views.iter().filter_map(|variable| match &variable.ty {
            Type::View(element, _) => Some((**element).clone()),
            _ => None,
        });
        let outputs = self.outputs.iter().map(|(_, element)| element.clone());
        let elements: Vec<Type> = of_views.chain(outputs).chain(inputs).chain(tile).collect();
        let mut found = Vec::new();
        for (which, element) in elements.iter().enumerate() {
            let mut parts = vec![Part { steps: Vec::new(), ty: element.clone() }];
            parts_of(element, &mut Vec::new(), &mut parts);
            found.extend(parts.into_iter().filter(|part| part.ty == *wanted).map(|part| (which, part)));
        }
        if found.is_empty() {
            return None;
        }
        let (which, part) = found.swap_remove(self.random.below(found.len()));
        let whole = match which.checked_sub(views.len()) {
            None => self.element_of_view(&views[which], depth),
            Some(which) => self.element_of_accessor(which, depth),
        };
        Some(part.steps.into_iter().fold(whole, |base, step| self.step(base, step, depth)))
    }

    /// An element of one of the outputs, the inputs or local memory, in this order.
    fn element_of_accessor(&mut self, which: usize, depth: usize) -> Expression {
        let n_outputs = self.outputs.len();
        let (accessor, index, element) = match which.checked_sub(n_outputs) {
            None => (self.outputs[which].0, self.own_index(), self.outputs[which].1.clone()),
            Some(input) => match self.inputs.get(input).cloned() {
                Some((accessor, element, extent)) => (accessor, self.index_in(&extent, depth), element),
                None => {
                    let index = self.index_in(&[self.program.shape.group()], depth);
                    let element = self.program.tile.clone().unwrap_or(Type::Unit);
                    (self.program.inputs.len() + self.program.outputs.len(), index, element)
                }
            },
        };
        let site = self.site();
        Expression::new(Kind::Access(accessor, index, site), element)
    }

    fn index_in(&mut self, extent: &[usize], depth: usize) -> Index {
        let before = std::mem::replace(&mut self.without_statements, true);
        let index = extent.iter().map(|length| self.index(*length, depth)).collect();
        self.without_statements = before;
        Index::At(index)
    }

    /// A place, or sometimes a part of it, to be written alone.
    pub fn part_of_place(&mut self, place: Expression, depth: usize) -> Expression {
        let mut parts = Vec::new();
        parts_of(&place.ty, &mut Vec::new(), &mut parts);
        if parts.is_empty() || self.random.chance(50) {
            return place;
        }
        let part = parts.swap_remove(self.random.below(parts.len()));
        part.steps.into_iter().fold(place, |base, step| self.step(base, step, depth))
    }

    /// The work-item's own element of local memory.
    pub fn own_of_tile(&mut self) -> Option<Expression> {
        let element = self.program.tile.clone()?;
        let accessor = self.program.inputs.len() + self.program.outputs.len();
        let own = Expression::local(POSITION_IN_GROUP, Type::Scalar(Scalar::Usize));
        let site = self.site();
        Some(Expression::new(Kind::Access(accessor, Index::At(vec![own]), site), element))
    }
}

//! The numbers that are known of one launch.

use super::form::{Form, Symbol};
use super::knowledge::{Bounds, Knowledge};
use crate::kernel::argument::{Argument, LaunchShape, ShapeKind, Slice, ViewShape};
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::Query;
use crate::kernel::source::Content;
use crate::kernel::types::Scalar;
use smallvec::SmallVec;

/// Positions and counts of which the launch says nothing: all that work-groups chosen by falx may have.
const ANY_POSITION: Bounds = Bounds { least: 0, most: i64::MAX as i128 };

/// A launch, and the positions of one of its work-items.
pub(super) struct Known<'a> {
    arguments: &'a [Argument],
    shape: &'a LaunchShape,
    /// What questions about each component of a position give.
    answers: [[Answer; 5]; 3],
    /// The positions of which each work-item has its own combination, and how many values each takes.
    pub positions: SmallVec<[(Symbol, i128); 6]>,
}

/// What a question about a component of a position gives.
#[derive(Clone, Copy)]
enum Answer {
    /// Anything; not asked so far.
    Unknown,
    Symbol(Symbol),
    Number(i128),
    /// A position in a slice of the launch, by where that begins.
    After {
        first: i128,
        own: Symbol,
    },
    /// The id of a work-item by that of its group, the extent of groups and its position in one.
    Global {
        first: i128,
        group: Symbol,
        extent: i128,
        own: Symbol,
    },
}

impl<'a> Known<'a> {
    pub fn new(
        module: &Module,
        arguments: &'a [Argument],
        shape: &'a LaunchShape,
        slice: Slice,
        knowledge: &mut Knowledge,
    ) -> Self {
        let mut positions = SmallVec::new();
        let answers =
            [0, 1, 2].map(|component| answers(module, shape, slice, component, knowledge, &mut positions));
        Known { arguments, shape, answers, positions }
    }

    /// What a question about the work-item's position gives.
    pub fn query(&mut self, query: Query, knowledge: &mut Knowledge) -> Form {
        let (kind, component) = match query {
            Query::GlobalId(component) => (0, component),
            Query::LocalId(component) => (1, component),
            Query::GroupId(component) => (2, component),
            Query::LocalRange(component) => (3, component),
            Query::GroupRange(component) => (4, component),
        };
        let answer = &mut self.answers[component.min(2)][kind];
        let known = match *answer {
            Answer::Unknown => None,
            Answer::Symbol(symbol) => Some(Form::symbol(symbol)),
            Answer::Number(number) => Some(Form::number(number)),
            Answer::After { first, own } => Form::symbol(own).plus_number(first),
            Answer::Global { first, group, extent, own } => {
                let group = Form::symbol(group).times(extent).and_then(|group| group.plus_number(first));
                group.and_then(|group| group.plus(&Form::symbol(own)))
            }
        };
        known.unwrap_or_else(|| {
            let symbol = knowledge.fresh(ANY_POSITION);
            *answer = Answer::Symbol(symbol);
            Form::symbol(symbol)
        })
    }

    /// The extent of an argument that is an accessor.
    pub fn extent(&self, argument: usize, dimension: usize) -> Option<i128> {
        Some(*self.view(argument)?.extent.get(dimension)? as i128)
    }

    /// A number of the parameter struct.
    pub fn parameter(&self, content: Content, scalar: Scalar) -> Option<i128> {
        match content {
            Content::GlobalRange(dimension) => Some(*self.shape.global.get(dimension)? as i128),
            Content::Extent(argument, dimension) => self.extent(argument, dimension),
            Content::Value(argument) => match self.arguments.get(argument)? {
                Argument::Value(bytes) => number_of(bytes, scalar),
                _ => None,
            },
            Content::Stride(..) | Content::Base(_) | Content::PrintWords => None,
        }
    }

    fn view(&self, argument: usize) -> Option<&ViewShape> {
        match self.arguments.get(argument)? {
            Argument::Global { view, .. } | Argument::Local { view, .. } => Some(view),
            Argument::Value(_) | Argument::Constant(_) => None,
        }
    }
}

/// Global id, local id, group id, local range and group range in one component.
fn answers(
    module: &Module,
    shape: &LaunchShape,
    slice: Slice,
    component: usize,
    knowledge: &mut Knowledge,
    taken: &mut SmallVec<[(Symbol, i128); 6]>,
) -> [Answer; 5] {
    use Answer::*;
    let (kind, dimensions) = match shape.kind {
        ShapeKind::Single => (ShapeKind::Single, 1),
        kind @ (ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions)) => (kind, dimensions),
    };
    let position = (3 - dimensions.min(3)) + component;
    let (Some(&global), Some(&local)) = (shape.global.get(position), shape.local.get(position)) else {
        return [Unknown; 5];
    };
    let mut below = |extent: i128| {
        let symbol = knowledge.fresh(Bounds::new(0, (extent - 1).max(0)));
        taken.push((symbol, extent));
        symbol
    };
    let in_groups = |items: usize| items.div_ceil(local.max(1)) as i128;
    let Slice { first, end } =
        if position == shape.slowest() { slice } else { Slice { first: 0, end: global } };
    match kind {
        ShapeKind::NdRange(_) => {
            let (extent, groups, first_group) = (local.max(1) as i128, in_groups(global), in_groups(first));
            let (group, own) = (below(in_groups(end) - first_group), below(extent));
            let id = Global { first: first_group * extent, group, extent, own };
            let group = After { first: first_group, own: group };
            [id, Symbol(own), group, Number(extent), Number(groups)]
        }
        // Where work-items meet, those that pad the range take part.
        _ if module.kernel.has_barrier => [Unknown; 5],
        _ => {
            let own = below((end - first) as i128);
            [After { first: first as i128, own }, Unknown, Unknown, Unknown, Unknown]
        }
    }
}

/// An integer or `bool` by its bytes.
fn number_of(bytes: &[u8], scalar: Scalar) -> Option<i128> {
    let bits = match bytes.len() {
        1 => u64::from(bytes[0]),
        2 => u64::from(u16::from_ne_bytes(bytes.try_into().ok()?)),
        4 => u64::from(u32::from_ne_bytes(bytes.try_into().ok()?)),
        8 => u64::from_ne_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    integer(scalar, bits)
}

/// The integer or `bool` that some bits are.
pub(super) fn integer(scalar: Scalar, bits: u64) -> Option<i128> {
    if scalar.is_float() {
        return None;
    }
    let bits = bits & scalar.mask();
    let is_negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    Some(i128::from(bits) - if is_negative { 1i128 << scalar.bits() } else { 0 })
}

/// The numbers that a type has.
pub(super) fn limits(scalar: Scalar) -> Bounds {
    match scalar {
        Scalar::Bool => Bounds::new(0, 1),
        _ if scalar.is_signed() => {
            let half = 1i128 << (scalar.bits() - 1);
            Bounds::new(-half, half - 1)
        }
        _ => Bounds::new(0, i128::from(scalar.mask())),
    }
}

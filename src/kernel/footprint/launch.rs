//! The numbers that are known of one launch.

use super::form::{Form, Symbol};
use super::knowledge::{Bounds, Knowledge};
use super::number::Number;
use crate::kernel::argument::{Argument, LaunchShape, ShapeKind, Slice, ViewShape};
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::Query;
use crate::kernel::source::Content;
use crate::kernel::types::Scalar;
use smallvec::SmallVec;

/// Positions and counts of which the launch says nothing: all that work-groups chosen by falx may have.
const ANY_POSITION: Bounds = Bounds { least: Number::ZERO, most: Number::new(i64::MAX as i128) };

/// A launch, and the positions of one of its work-items.
pub(super) struct Known<'a> {
    arguments: &'a [Argument],
    shape: &'a LaunchShape,
    order: &'a Order,
    /// What questions about each component of a position give.
    answers: [[Answer; 5]; 3],
    /// The positions of which each work-item has its own combination, and how many values each takes.
    pub positions: SmallVec<[(Symbol, Number); 6]>,
}

/// Where each of a launch's numbers stands among those on which its footprint depends.
pub(super) struct Order {
    /// The first extent of each argument that is an accessor.
    extents: SmallVec<[usize; 8]>,
    /// The captured arguments whose values are among them, and where.
    values: SmallVec<[(usize, usize); 8]>,
}

impl Order {
    /// That of [`Footprint::numbers`](super::Footprint::numbers).
    pub fn new(arguments: &[Argument], reads: &[usize]) -> Self {
        let mut next = 6;
        let extents = arguments.iter().map(|argument| {
            let first = next;
            next += match argument {
                Argument::Global { view, .. } | Argument::Local { view, .. } => view.dimensions,
                Argument::Value(_) | Argument::Constant(_) => 0,
            };
            first
        });
        let extents = extents.collect();
        let is_value = |argument: &&usize| matches!(arguments.get(**argument), Some(Argument::Value(_)));
        let values =
            reads.iter().filter(is_value).zip(next..).map(|(argument, position)| (*argument, position));
        Order { extents, values: values.collect() }
    }
}

/// What a question about a component of a position gives.
#[derive(Clone, Copy)]
enum Answer {
    /// Anything; not asked so far.
    Unknown,
    Symbol(Symbol),
    Count(Number),
    /// A position in a slice of the launch, by where that begins.
    After {
        first: Number,
        own: Symbol,
    },
    /// The id of a work-item by that of its group, the extent of groups and its position in one.
    Global {
        first: Number,
        group: Symbol,
        extent: Number,
        own: Symbol,
    },
}

impl<'a> Known<'a> {
    pub fn new(
        module: &Module,
        (arguments, shape, slice): (&'a [Argument], &'a LaunchShape, Option<Slice>),
        order: &'a Order,
        knowledge: &mut Knowledge,
    ) -> Self {
        let mut positions = SmallVec::new();
        let answers =
            [0, 1, 2].map(|component| answers(module, shape, slice, component, knowledge, &mut positions));
        Known { arguments, shape, order, answers, positions }
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
            Answer::Count(number) => Some(Form::number(number)),
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
    pub fn extent(&self, argument: usize, dimension: usize) -> Option<Number> {
        let view = self.view(argument)?;
        let extent = view.extent[..view.dimensions].get(dimension)?;
        Some(Number::given(*extent as i128, self.order.extents.get(argument)? + dimension, Scalar::U64))
    }

    /// A number of the parameter struct.
    pub fn parameter(&self, content: Content, scalar: Scalar) -> Option<Number> {
        match content {
            Content::GlobalRange(dimension) => {
                let extent = *self.shape.global.get(dimension)?;
                Some(Number::given(extent as i128, dimension, Scalar::U64))
            }
            Content::Extent(argument, dimension) => self.extent(argument, dimension),
            Content::Value(argument) => match self.arguments.get(argument)? {
                Argument::Value(bytes) => {
                    let values = &self.order.values;
                    let position = values.iter().find(|(of, _)| *of == argument)?.1;
                    Some(Number::given(number_of(bytes, scalar)?, position, scalar))
                }
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
    slice: Option<Slice>,
    component: usize,
    knowledge: &mut Knowledge,
    taken: &mut SmallVec<[(Symbol, Number); 6]>,
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
    let global = Number::given(global as i128, position, Scalar::U64);
    let mut below = |extent: Number| {
        let symbol = knowledge.fresh(Bounds::new(0, (extent - 1).max(0)));
        taken.push((symbol, extent));
        symbol
    };
    // Launches as a whole are looked at more often, and alike in more.
    let slice = slice.filter(|_| position == shape.slowest());
    let first = Number::new(slice.map_or(0, |slice| slice.first as i128));
    let end = slice.map_or(global, |slice| Number::new(slice.end as i128));
    match kind {
        ShapeKind::NdRange(_) => {
            let extent = Number::given(local as i128, 3 + position, Scalar::U64).max(1);
            let in_groups = |items: Number| (items + extent - 1).floor(extent);
            let groups = in_groups(global);
            let (first_group, end_group) = match slice {
                None => (Number::ZERO, groups),
                Some(_) => (in_groups(first), in_groups(end)),
            };
            let (group, own) = (below(end_group - first_group), below(extent));
            let id = Global { first, group, extent, own };
            [id, Symbol(own), After { first: first_group, own: group }, Count(extent), Count(groups)]
        }
        // Where work-items meet, those that pad the range take part.
        _ if module.kernel.has_barrier => [Unknown; 5],
        _ => [After { first, own: below(end - first) }, Unknown, Unknown, Unknown, Unknown],
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
#[inline]
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

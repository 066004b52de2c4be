//! Places: variables, their parts, and elements of accessors.

use super::Found;
use super::evaluate::{Flow, Frame, Result};
use super::machine::Machine;
use super::operate;
use crate::program::{BinaryOperator, Expression, Index, Kind, Local, Role, Scalar, Site, Type, Value};

/// Something that can be assigned.
pub enum Target {
    /// A variable, and the way to a part of it.
    Variable(Local, Way),
    /// The same of an element of a buffer.
    Accessor(usize, Place, Way),
    /// The same of an element of local memory.
    Tile(Place, Way),
}

/// The way to a part of a value: indices and the numbers of fields. A field is always there, so that no check fails.
type Way = Vec<(u64, Site)>;

/// Some neighbours among the elements of an accessor.
#[derive(Clone, Copy)]
pub struct Window {
    /// The kernel's number of the accessor.
    pub accessor: usize,
    pub first: usize,
    pub length: u64,
}

/// An element of a buffer, or where there is none.
pub enum Place {
    At(usize),
    Outside(Site, Found),
}

impl Machine<'_> {
    pub fn target(&mut self, frame: &mut Frame, place: &Expression) -> Result<Target> {
        match &place.kind {
            Kind::Local(local) => Ok(Target::Variable(*local, Vec::new())),
            Kind::Element(pair, site) if let Some(window) = frame.window(&pair[0]) => {
                let index = self.scalar(frame, &pair[1])?;
                let place = match index < window.length {
                    true => Place::At(window.first + index as usize),
                    false => Place::Outside(*site, Found::Index(1, [index, 0], [window.length, 0])),
                };
                self.element_of(frame, window.accessor, place)
            }
            Kind::Element(pair, site) => {
                let whole = self.target(frame, &pair[0])?;
                Ok(whole.part(self.scalar(frame, &pair[1])?, *site))
            }
            Kind::Field(whole, position) => Ok(self.target(frame, whole)?.part(*position as u64, 0)),
            Kind::Access(accessor, index, site) => {
                let number = *frame.accessors.get(*accessor).ok_or(Flow::Refused)?;
                let (_, extent) = self.program.accessor(number).ok_or(Flow::Refused)?;
                let place = self.place(frame, index, &extent, *site)?;
                self.element_of(frame, number, place)
            }
            _ => Err(Flow::Refused),
        }
    }

    /// An element of accessor `number` of the kernel.
    fn element_of(&self, frame: &Frame, number: usize, place: Place) -> Result<Target> {
        match self.program.role(number) {
            Some(Role::Output(_)) if matches!(place, Place::At(at) if at != frame.item) => Err(Flow::Refused),
            Some(Role::Tile) => Ok(Target::Tile(place, Vec::new())),
            Some(Role::Input(_) | Role::Output(_)) => Ok(Target::Accessor(number, place, Vec::new())),
            Some(Role::Cells) | None => Err(Flow::Refused),
        }
    }

    /// Ends the work-item unless there is such a part of a variable.
    pub fn require(&mut self, frame: &Frame, target: &Target) -> Result<()> {
        let Target::Variable(local, path) = target else { return Err(Flow::Refused) };
        let mut value = frame.locals[usize::from(*local)].as_ref().ok_or(Flow::Refused)?;
        for (index, site) in path {
            let Value::List(parts) = value else { return Err(Flow::Refused) };
            match parts.get(*index as usize) {
                Some(part) => value = part,
                None => {
                    self.fail(*site, Found::Index(1, [*index, 0], [parts.len() as u64, 0]));
                    return Err(Flow::Ended);
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, frame: &mut Frame, index: &Index, extent: &[usize], site: Site) -> Result<Place> {
        let Index::At(components) = index else { return Ok(Place::At(frame.item)) };
        let indices = components.iter().map(|component| self.scalar(frame, component));
        let indices = indices.collect::<Result<Vec<_>>>()?;
        if indices.iter().zip(extent).any(|(index, length)| *index >= *length as u64) {
            let padded = |values: &[u64]| [values[0], values.get(1).copied().unwrap_or(0)];
            let extent: Vec<u64> = extent.iter().map(|length| *length as u64).collect();
            let found = Found::Index(indices.len(), padded(&indices), padded(&extent));
            return Ok(Place::Outside(site, found));
        }
        let linear =
            indices.iter().zip(extent).fold(0, |linear, (index, length)| linear * length + *index as usize);
        Ok(Place::At(linear))
    }

    pub fn load(&mut self, frame: &Frame, target: &Target, ty: &Type) -> Result<Value> {
        match target {
            Target::Variable(local, path) => {
                let value = frame.locals[usize::from(*local)].as_ref().ok_or(Flow::Refused)?;
                self.read_part(value, path, ty)
            }
            Target::Accessor(number, Place::At(at), path) => {
                let n_inputs = self.program.inputs.len();
                let elements = match self.program.inputs.get(*number) {
                    Some(input) => &input.contents,
                    None => &self.outputs[number - n_inputs],
                };
                let element = elements.get(*at).ok_or(Flow::Refused)?.clone();
                self.read_part(&element, path, ty)
            }
            Target::Tile(Place::At(at), path) => {
                let element = self.tile.read(*at, frame.item).ok_or(Flow::Refused)?;
                self.read_part(&element, path, ty)
            }
            Target::Accessor(_, Place::Outside(site, found), _)
            | Target::Tile(Place::Outside(site, found), _) => {
                self.fail(*site, *found);
                Ok(ty.zero())
            }
        }
    }

    pub fn store(&mut self, frame: &mut Frame, target: Target, value: Value) -> Result<()> {
        match target {
            Target::Variable(local, path) => {
                let slot = &mut frame.locals[usize::from(local)];
                if path.is_empty() {
                    *slot = Some(value);
                    return Ok(());
                }
                let written = write_part(slot.as_mut().ok_or(Flow::Refused)?, &path, value)?;
                self.note(written);
            }
            Target::Accessor(number, Place::At(at), path) => {
                let number = number - self.program.inputs.len();
                let written = write_part(&mut self.outputs[number][at], &path, value)?;
                self.note(written);
            }
            Target::Tile(Place::At(at), path) => {
                let slot = self.tile.write(at, frame.item).ok_or(Flow::Refused)?;
                if path.is_empty() {
                    *slot = Some(value);
                    return Ok(());
                }
                let written = write_part(slot.as_mut().ok_or(Flow::Refused)?, &path, value)?;
                self.note(written);
            }
            Target::Accessor(_, Place::Outside(site, found), _)
            | Target::Tile(Place::Outside(site, found), _) => {
                self.fail(site, found);
            }
        }
        Ok(())
    }

    /// A part of a value, or zero where there is none.
    fn read_part(&mut self, whole: &Value, path: &Way, ty: &Type) -> Result<Value> {
        let mut value = whole;
        for (index, site) in path {
            let Value::List(values) = value else { return Err(Flow::Refused) };
            match values.get(*index as usize) {
                Some(element) => value = element,
                None => {
                    self.fail(*site, Found::Index(1, [*index, 0], [values.len() as u64, 0]));
                    return Ok(ty.zero());
                }
            }
        }
        Ok(value.clone())
    }

    fn note(&mut self, written: Written) {
        if let Err((site, found)) = written {
            self.fail(site, found);
        }
    }

    /// An atomic operation, of which nobody uses what it gives.
    pub fn atomic(
        &mut self,
        frame: &mut Frame,
        method: &'static str,
        accessor: usize,
        pair: &[Expression; 2],
        site: Site,
    ) -> Result<Value> {
        let (index, value) = (self.scalar(frame, &pair[0])? as usize, self.scalar(frame, &pair[1])?);
        let number = *frame.accessors.get(accessor).ok_or(Flow::Refused)?;
        let (element, extent) = self.program.accessor(number).ok_or(Flow::Refused)?;
        let scalar = element.scalar().ok_or(Flow::Refused)?;
        if index >= extent[0] {
            self.fail(site, Found::Index(1, [index as u64, 0], [extent[0] as u64, 0]));
            return Ok(Value::Unit);
        }
        match self.program.role(number) {
            Some(Role::Cells) => {
                let cell = &mut self.cells[index];
                *cell = combined(method, scalar, *cell, value).ok_or(Flow::Refused)?;
            }
            Some(Role::Tile) => {
                let combine = |before| combined(method, scalar, before, value);
                self.tile.combine(index, commuting(method), combine).ok_or(Flow::Refused)?;
            }
            _ => return Err(Flow::Refused),
        }
        Ok(Value::Unit)
    }
}

impl Frame {
    /// What a variable stands for that is a slice of an accessor.
    pub fn window(&self, variable: &Expression) -> Option<Window> {
        let Kind::Local(local) = variable.kind else { return None };
        self.windows.iter().find(|(known, _)| *known == local).map(|(_, window)| *window)
    }
}

impl Target {
    /// A part of it.
    fn part(mut self, index: u64, site: Site) -> Target {
        let (Target::Variable(_, path) | Target::Accessor(_, _, path) | Target::Tile(_, path)) = &mut self;
        path.push((index, site));
        self
    }
}

/// Whether there was something to write to, or what a check found.
type Written = std::result::Result<(), (Site, Found)>;

fn write_part(whole: &mut Value, path: &Way, value: Value) -> Result<Written> {
    let mut place = whole;
    for (index, site) in path {
        let Value::List(values) = place else { return Err(Flow::Refused) };
        let found = Found::Index(1, [*index, 0], [values.len() as u64, 0]);
        match values.get_mut(*index as usize) {
            Some(part) => place = part,
            None => return Ok(Err((*site, found))),
        }
    }
    *place = value;
    Ok(Ok(()))
}

/// What an atomic operation leaves.
fn combined(method: &str, scalar: Scalar, before: u64, value: u64) -> Option<u64> {
    let operator = match method {
        "fetch_add" => BinaryOperator::Add,
        "fetch_sub" => BinaryOperator::Subtract,
        "fetch_and" => BinaryOperator::And,
        "fetch_or" => BinaryOperator::Or,
        "fetch_xor" => BinaryOperator::Xor,
        "fetch_min" => return operate::method("min", scalar, before, &[value]),
        "fetch_max" => return operate::method("max", scalar, before, &[value]),
        _ => return None,
    };
    operate::binary(operator, scalar, before, value)
}

/// The name that operations share of which the order does not matter.
fn commuting(method: &'static str) -> &'static str {
    if method == "fetch_sub" { "fetch_add" } else { method }
}

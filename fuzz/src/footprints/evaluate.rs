//! Runs every work-item of a program by brute force, and notes which index left its accessor or array.

use super::program::{
    Adaptor, BinaryOperator, Captured, Expression, Function, Index, Kind, Local, LogicOperator, LoopId, MARK,
    Program, Query, RESULT_SITE, Role, Scalar, Site, Statement, Way,
};
use crate::interpret::operate;

/// How many expressions a whole launch may evaluate.
const STEP_LIMIT: usize = 40_000;

/// What became of an index in all work-items.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Use {
    /// How often it was inside.
    pub inside: usize,
    /// The first time it was not, for each set of components that left.
    pub left: Vec<Leaving>,
}

/// An index out of range.
#[derive(Clone, PartialEq, Debug)]
pub struct Leaving {
    /// The work-item's position in the launch.
    pub item: usize,
    pub index: Vec<u64>,
    pub extent: Vec<usize>,
}

impl Leaving {
    /// The components that left, as bits.
    pub fn components(&self) -> u8 {
        let sides = self.index.iter().zip(&self.extent).enumerate();
        sides
            .filter(|(_, (index, side))| **index >= **side as u64)
            .fold(0, |bits, (component, _)| bits | 1 << component)
    }
}

/// The smallest box around the elements touched: in each dimension the first and the last.
pub type Hull = Option<Vec<(usize, usize)>>;

/// Which elements of an accessor were touched.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Touch {
    pub read: Hull,
    pub written: Hull,
}

/// What a launch does.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// By site.
    pub uses: Vec<Use>,
    /// By accessor; the last is of the results.
    pub touched: Vec<Touch>,
    /// The elements of every accessor that is an output.
    pub outputs: Vec<Vec<u64>>,
    /// What each work-item adds up to.
    pub results: Vec<u64>,
    /// Which work-items come to their end and store it.
    pub finished: Vec<bool>,
    /// The places of failed checks, divisions and assertions, without repetition.
    pub failures: Vec<Site>,
    /// The places of steps through so many positions that the sum of both is no number: who adds such a step to a position may come
    /// back to where it was.
    pub beyond: Vec<Site>,
}

/// What `program` does; `None` if it takes too long, or reads what was never given a value.
pub fn run(program: &Program) -> Option<Outcome> {
    let outputs = program.accessors.iter().map(|accessor| match accessor.role {
        Role::Output => vec![0; accessor.n_elements()],
        _ => Vec::new(),
    });
    let outcome = Outcome {
        uses: vec![Use::default(); program.n_sites as usize + 1],
        touched: vec![Touch::default(); program.accessors.len() + 1],
        outputs: outputs.collect(),
        results: vec![0; program.shape.n_items()],
        finished: vec![false; program.shape.n_items()],
        failures: Vec::new(),
        beyond: Vec::new(),
    };
    let mut machine = Machine { program, outcome, n_steps: 0, item: 0, place: Place::default() };
    for item in 0..program.shape.n_items() {
        machine.run_item(item)?;
    }
    Some(machine.outcome)
}

struct Machine<'p> {
    program: &'p Program,
    outcome: Outcome,
    n_steps: usize,
    item: usize,
    place: Place,
}

/// Where the work-item stands.
#[derive(Default)]
struct Place {
    global: Vec<u64>,
    local: Vec<u64>,
    group: Vec<u64>,
}

/// The variables of a running kernel or function.
struct Frame {
    locals: Vec<Option<u64>>,
    arrays: Vec<Vec<u64>>,
    slices: Vec<Option<Window>>,
    /// Which of the kernel's accessors each of its own is.
    accessors: Vec<usize>,
    sum: u32,
}

/// What a slice leads to.
#[derive(Clone, Copy)]
struct Window {
    accessor: usize,
    start: u64,
    length: u64,
}

impl Frame {
    fn new(n_locals: u16, accessors: Vec<usize>) -> Self {
        let n = usize::from(n_locals);
        let (locals, arrays, slices) = (vec![None; n], vec![Vec::new(); n], vec![None; n]);
        Frame { locals, arrays, slices, accessors, sum: 0 }
    }

    fn slice(&self, local: Local) -> Result<Window> {
        self.slices[usize::from(local)].ok_or(Flow::Refused)
    }

    fn set(&mut self, local: Local, bits: u64) {
        self.locals[usize::from(local)] = Some(bits);
    }
}

/// Why a statement is not followed by the next.
enum Flow {
    Break(LoopId),
    Continue(LoopId),
    Return(u64),
    /// An assertion failed.
    Ended,
    /// The program takes too long, or is not valid.
    Refused,
}

type Result<T> = std::result::Result<T, Flow>;

impl Machine<'_> {
    fn run_item(&mut self, item: usize) -> Option<()> {
        let program = self.program;
        self.item = item;
        self.place = Place::of(program, item);
        let mut frame = Frame::new(program.n_locals, (0..program.accessors.len()).collect());
        for capture in &program.captures {
            match &capture.value {
                Captured::Number(bits) | Captured::Specialized(bits) => frame.set(capture.local, *bits),
                Captured::Table(values) => {
                    frame.arrays[usize::from(capture.local)].clone_from(values);
                }
            }
        }
        match self.statements(&mut frame, &program.body) {
            Ok(()) => {
                self.outcome.uses[RESULT_SITE as usize].inside += 1;
                self.outcome.finished[item] = true;
                grow(&mut self.outcome.touched[program.accessors.len()].written, &self.place.global);
                self.outcome.results[item] = u64::from(frame.sum);
                Some(())
            }
            Err(Flow::Return(_) | Flow::Ended) => Some(()),
            Err(_) => None,
        }
    }

    fn fail(&mut self, site: Site) {
        if !self.outcome.failures.contains(&site) {
            self.outcome.failures.push(site);
        }
    }

    fn step(&mut self) -> Result<()> {
        self.n_steps += 1;
        if self.n_steps > STEP_LIMIT { Err(Flow::Refused) } else { Ok(()) }
    }

    fn statements(&mut self, frame: &mut Frame, statements: &[Statement]) -> Result<()> {
        statements.iter().try_for_each(|statement| self.statement(frame, statement))
    }

    fn statement(&mut self, frame: &mut Frame, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Let { local, value, .. } | Statement::Assign(local, value) => {
                let value = self.evaluate(frame, value)?;
                frame.set(*local, value);
            }
            Statement::Array { local, length, .. } => {
                frame.arrays[usize::from(*local)] = vec![0; *length];
            }
            Statement::Update(local, operator, value, site) => {
                let right = self.evaluate(frame, value)?;
                let left = frame.locals[usize::from(*local)].ok_or(Flow::Refused)?;
                let bits = self.binary(*operator, value.scalar, left, right, *site);
                frame.set(*local, bits);
            }
            Statement::Store { accessor, index, way, site } => {
                self.store(frame, *accessor, index, (*way, *site))?
            }
            Statement::StoreElement { array, length, index, value, site } => {
                let value = self.evaluate(frame, value)?;
                let index = self.evaluate(frame, index)?;
                if self.is_inside(*site, &[index], &[*length]) {
                    let elements = &mut frame.arrays[usize::from(*array)];
                    *elements.get_mut(index as usize).ok_or(Flow::Refused)? = value;
                }
            }
            Statement::Slice { local, accessor, bounds, site } => {
                self.slice(frame, *local, *accessor, bounds, *site)?;
            }
            Statement::Row { accessor, row, site, .. } => self.row(frame, *accessor, row, *site)?,
            Statement::Sum(value) => {
                let value = self.evaluate(frame, value)?;
                frame.sum = frame.sum.wrapping_add(value as u32);
            }
            Statement::If(condition, then, otherwise) => {
                let branch = if self.evaluate(frame, condition)? != 0 { then } else { otherwise };
                self.statements(frame, branch)?;
            }
            Statement::For { .. } => self.for_loop(frame, statement)?,
            Statement::While { id, condition, body } => {
                while self.evaluate(frame, condition)? != 0 && self.turn(frame, *id, body)? {}
            }
            Statement::Break(id) => return Err(Flow::Break(*id)),
            Statement::Continue(id) => return Err(Flow::Continue(*id)),
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(0), |value| self.evaluate(frame, value))?;
                return Err(Flow::Return(value));
            }
            Statement::Assert(condition, site) => {
                if self.evaluate(frame, condition)? == 0 {
                    self.fail(*site);
                    return Err(Flow::Ended);
                }
            }
            Statement::Barrier => {}
        }
        Ok(())
    }

    /// One turn of a loop; whether there may be another.
    fn turn(&mut self, frame: &mut Frame, id: LoopId, body: &[Statement]) -> Result<bool> {
        self.step()?;
        match self.statements(frame, body) {
            Ok(()) => Ok(true),
            Err(Flow::Continue(target)) if target == id => Ok(true),
            Err(Flow::Break(target)) if target == id => Ok(false),
            Err(other) => Err(other),
        }
    }

    fn for_loop(&mut self, frame: &mut Frame, statement: &Statement) -> Result<()> {
        let Statement::For { id, local, bounds, inclusive, adaptors, body } = statement else {
            return Err(Flow::Refused);
        };
        let scalar = bounds[0].scalar;
        let start = number(scalar, self.evaluate(frame, &bounds[0])?);
        let end = number(scalar, self.evaluate(frame, &bounds[1])?);
        let mut sequence =
            Sequence { first: start, stride: 1, count: (end - start + i128::from(*inclusive)).max(0) };
        let mut operands = Vec::new();
        for adaptor in adaptors {
            operands.push(match adaptor {
                Adaptor::Reverse => 0,
                Adaptor::StepBy(value, _) | Adaptor::Skip(value) | Adaptor::Take(value) => {
                    i128::from(self.evaluate(frame, value)?)
                }
            });
        }
        for (adaptor, operand) in adaptors.iter().zip(operands) {
            if let Adaptor::StepBy(_, site) = adaptor {
                if operand == 0 {
                    self.fail(*site);
                    return Err(Flow::Ended);
                }
                if operand + sequence.count > i128::from(u64::MAX) {
                    self.outcome.beyond.push(*site);
                }
            }
            sequence.adapt(adaptor, operand);
        }
        for position in 0..sequence.count {
            let value = sequence.first + sequence.stride * position;
            frame.set(*local, value as u64 & scalar.mask());
            if !self.turn(frame, *id, body)? {
                break;
            }
        }
        Ok(())
    }

    fn slice(
        &mut self,
        frame: &mut Frame,
        local: Local,
        accessor: usize,
        bounds: &[Expression; 2],
        site: Site,
    ) -> Result<()> {
        let (start, end) = (self.evaluate(frame, &bounds[0])?, self.evaluate(frame, &bounds[1])?);
        if start > end || end > self.program.accessors[accessor].extent[0] as u64 {
            self.fail(site);
            return Err(Flow::Ended);
        }
        let window = Window { accessor, start, length: end - start };
        frame.slices[usize::from(local)] = Some(window);
        Ok(())
    }

    /// Adds up a row, if there is such a row.
    fn row(&mut self, frame: &mut Frame, accessor: usize, row: &Expression, site: Site) -> Result<()> {
        let row = self.evaluate(frame, row)?;
        let program = self.program;
        let accessed = &program.accessors[accessor];
        if self.is_inside(site, &[row], &accessed.extent[..1]) {
            for column in 0..accessed.extent[1] as u64 {
                let index = [row, column];
                grow(&mut self.outcome.touched[accessor].read, &index);
                let element = accessed.contents.get(linear(&index, &accessed.extent)).copied().unwrap_or(0);
                frame.sum = frame.sum.wrapping_add(element as u32);
            }
        }
        Ok(())
    }

    fn store(
        &mut self,
        frame: &mut Frame,
        accessor: usize,
        index: &Index,
        (way, site): (Way, Site),
    ) -> Result<()> {
        let index = self.index(frame, index)?;
        let program = self.program;
        let extent = &program.accessors[accessor].extent;
        if self.is_inside(site, &index, extent) {
            let at = linear(&index, extent);
            grow(&mut self.outcome.touched[accessor].written, &index);
            if way != Way::Set {
                grow(&mut self.outcome.touched[accessor].read, &index);
            }
            if let Some(element) = self.outcome.outputs[accessor].get_mut(at) {
                *element = MARK;
            }
        }
        Ok(())
    }

    fn index(&mut self, frame: &mut Frame, index: &Index) -> Result<Vec<u64>> {
        match index {
            Index::Own => Ok(self.place.global.clone()),
            Index::At(components) => {
                components.iter().map(|component| self.evaluate(frame, component)).collect()
            }
        }
    }

    /// Whether an index is in range; notes it.
    fn is_inside(&mut self, site: Site, index: &[u64], extent: &[usize]) -> bool {
        let inside = index.iter().zip(extent).all(|(index, length)| *index < *length as u64);
        let item = self.item;
        let noted = &mut self.outcome.uses[site as usize];
        if inside {
            noted.inside += 1;
            return true;
        }
        let leaving = Leaving { item, index: index.to_vec(), extent: extent.to_vec() };
        if noted.left.iter().all(|known| known.components() != leaving.components()) {
            noted.left.push(leaving);
        }
        self.fail(site);
        false
    }

    fn evaluate(&mut self, frame: &mut Frame, expression: &Expression) -> Result<u64> {
        self.step()?;
        match &expression.kind {
            Kind::Literal(bits) => Ok(*bits),
            Kind::Local(local) | Kind::Constant(local) => {
                frame.locals[usize::from(*local)].ok_or(Flow::Refused)
            }
            Kind::Extent(accessor, dimension) => {
                let accessor = &self.program.accessors[frame.accessors[*accessor]];
                accessor.extent.get(*dimension).map(|extent| *extent as u64).ok_or(Flow::Refused)
            }
            Kind::Query(query, dimension) => self.query(*query, *dimension).ok_or(Flow::Refused),
            Kind::Unary(operator, value) => {
                Ok(operate::unary(*operator, value.scalar, self.evaluate(frame, value)?))
            }
            Kind::Binary(operator, pair, site) => {
                let (left, right) = (self.evaluate(frame, &pair[0])?, self.evaluate(frame, &pair[1])?);
                Ok(self.binary(*operator, pair[0].scalar, left, right, *site))
            }
            Kind::Logic(operator, pair) => {
                let left = self.evaluate(frame, &pair[0])?;
                let is_known = if *operator == LogicOperator::And { left == 0 } else { left == 1 };
                if is_known { Ok(left) } else { self.evaluate(frame, &pair[1]) }
            }
            Kind::Cast(value) => {
                Ok(operate::cast(value.scalar, expression.scalar, self.evaluate(frame, value)?))
            }
            Kind::Method(name, operands) => {
                let values = operands.iter().map(|operand| self.evaluate(frame, operand));
                let values = values.collect::<Result<Vec<_>>>()?;
                operate::method(name, operands[0].scalar, values[0], &values[1..]).ok_or(Flow::Refused)
            }
            Kind::CheckedOr(name, operands) => {
                let [left, right, otherwise] = &**operands;
                let (left_bits, right_bits) = (self.evaluate(frame, left)?, self.evaluate(frame, right)?);
                let otherwise = self.evaluate(frame, otherwise)?;
                Ok(checked(name, left.scalar, left_bits, right_bits).unwrap_or(otherwise))
            }
            Kind::Select(parts) => {
                let chosen = if self.evaluate(frame, &parts[0])? != 0 { &parts[1] } else { &parts[2] };
                self.evaluate(frame, chosen)
            }
            Kind::Load(accessor, index, site) => self.load(frame, *accessor, index, *site),
            Kind::Element(array, length, index, site) => {
                let index = self.evaluate(frame, index)?;
                let elements = &frame.arrays[usize::from(*array)];
                let element = elements.get(index as usize).copied();
                Ok(if self.is_inside(*site, &[index], &[*length]) {
                    element.ok_or(Flow::Refused)?
                } else {
                    0
                })
            }
            Kind::OfSlice(local, index, site) => self.of_slice(frame, *local, index, *site),
            Kind::Length(local) => Ok(frame.slice(*local)?.length),
            Kind::Call(function, accessors, arguments) => self.call(frame, *function, accessors, arguments),
        }
    }

    fn of_slice(&mut self, frame: &mut Frame, local: Local, index: &Expression, site: Site) -> Result<u64> {
        let window = frame.slice(local)?;
        let index = self.evaluate(frame, index)?;
        if !self.is_inside(site, &[index], &[window.length as usize]) {
            return Ok(0);
        }
        let at = window.start + index;
        grow(&mut self.outcome.touched[window.accessor].read, &[at]);
        self.program.accessors[window.accessor].contents.get(at as usize).copied().ok_or(Flow::Refused)
    }

    fn binary(&mut self, operator: BinaryOperator, scalar: Scalar, left: u64, right: u64, site: Site) -> u64 {
        operate::binary(operator, scalar, left, right).unwrap_or_else(|| {
            self.fail(site);
            0
        })
    }

    fn load(&mut self, frame: &mut Frame, accessor: usize, index: &Index, site: Site) -> Result<u64> {
        let index = self.index(frame, index)?;
        let number = frame.accessors[accessor];
        let program = self.program;
        let accessor = &program.accessors[number];
        if !self.is_inside(site, &index, &accessor.extent) {
            return Ok(0);
        }
        grow(&mut self.outcome.touched[number].read, &index);
        Ok(accessor.contents.get(linear(&index, &accessor.extent)).copied().unwrap_or(0))
    }

    fn call(
        &mut self,
        frame: &mut Frame,
        function: usize,
        accessors: &[usize],
        arguments: &[Expression],
    ) -> Result<u64> {
        let program = self.program;
        let function: &Function = program.functions.get(function).ok_or(Flow::Refused)?;
        let accessors = accessors.iter().map(|accessor| frame.accessors[*accessor]).collect();
        let mut inner = Frame::new(function.n_locals, accessors);
        for ((local, _), argument) in function.parameters.iter().zip(arguments) {
            let value = self.evaluate(frame, argument)?;
            inner.set(*local, value);
        }
        match self.statements(&mut inner, &function.body) {
            Ok(()) => self.evaluate(&mut inner, &function.value),
            Err(Flow::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    fn query(&self, query: Query, dimension: usize) -> Option<u64> {
        let shape = &self.program.shape;
        let of = |values: &[u64]| values.get(dimension).copied();
        let range = |values: &[usize]| values.get(dimension).map(|value| *value as u64);
        match query {
            Query::Global => of(&self.place.global),
            Query::Local => of(&self.place.local),
            Query::Group => of(&self.place.group),
            Query::GlobalRange => range(&shape.global),
            Query::LocalRange => range(&shape.local),
            Query::GroupRange => Some(range(&shape.global)? / range(&shape.local)?.max(1)),
            Query::Linear => Some(self.item as u64),
            Query::LocalLinear => Some(linear(&self.place.local, &shape.local) as u64),
        }
    }
}

impl Place {
    fn of(program: &Program, item: usize) -> Self {
        let shape = &program.shape;
        let mut global = vec![0; shape.global.len()];
        let mut rest = item;
        for (component, extent) in global.iter_mut().zip(&shape.global).rev() {
            *component = (rest % extent) as u64;
            rest /= extent;
        }
        let by = |operation: fn(u64, u64) -> u64| {
            global.iter().zip(&shape.local).map(|(id, local)| operation(*id, *local as u64)).collect()
        };
        let (local, group) = (by(|id, local| id % local), by(|id, local| id / local));
        Place { global, local, group }
    }
}

/// The values that a loop goes through.
struct Sequence {
    first: i128,
    stride: i128,
    count: i128,
}

impl Sequence {
    fn adapt(&mut self, adaptor: &Adaptor, operand: i128) {
        match adaptor {
            Adaptor::Reverse => {
                self.first += self.stride * (self.count - 1).max(0);
                self.stride = -self.stride;
            }
            Adaptor::StepBy(..) => {
                self.count = (self.count + operand - 1) / operand;
                self.stride *= operand;
            }
            Adaptor::Skip(_) => {
                let skipped = operand.min(self.count);
                self.first += self.stride * skipped;
                self.count -= skipped;
            }
            Adaptor::Take(_) => self.count = self.count.min(operand),
        }
    }
}

/// The value of an integer's bits.
pub fn number(scalar: Scalar, bits: u64) -> i128 {
    let is_negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    if is_negative { i128::from((bits | !scalar.mask()) as i64) } else { i128::from(bits) }
}

/// The result if it fits its type.
fn checked(name: &str, scalar: Scalar, left: u64, right: u64) -> Option<u64> {
    let (left, right) = (number(scalar, left), number(scalar, right));
    let exact = match name {
        "checked_add" => left + right,
        "checked_sub" => left - right,
        _ => left.checked_mul(right)?,
    };
    let bits = exact as u64 & scalar.mask();
    (number(scalar, bits) == exact).then_some(bits)
}

fn linear(index: &[u64], extent: &[usize]) -> usize {
    index.iter().zip(extent).fold(0, |linear, (index, length)| linear * length + *index as usize)
}

fn grow(hull: &mut Hull, index: &[u64]) {
    let points = index.iter().map(|component| *component as usize);
    match hull {
        None => *hull = Some(points.map(|point| (point, point)).collect()),
        Some(sides) => {
            for (side, point) in sides.iter_mut().zip(points) {
                *side = (side.0.min(point), side.1.max(point));
            }
        }
    }
}

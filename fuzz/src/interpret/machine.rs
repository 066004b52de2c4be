//! The work-items of a launch, side by side: statement by statement where all of them go the same way, as barriers demand.

use super::evaluate::{Flow, Frame};
use super::tile::Tile;
use super::{Failure, Found};
use crate::program::visit::has_barrier;
use crate::program::{
    Block, Expression, Kind, Local, LoopId, POSITION, POSITION_IN_GROUP, Program, Site, Statement, Value,
};

/// How many expressions a whole launch may evaluate.
pub const STEP_LIMIT: usize = 300_000;

/// How all work-items of a group go on.
#[derive(Clone, Copy, PartialEq)]
enum Course {
    On,
    Break(LoopId),
    Continue(LoopId),
}

/// A launch in progress.
pub struct Machine<'p> {
    pub program: &'p Program,
    pub outputs: Vec<Vec<Value>>,
    /// What work-items touch atomically.
    pub cells: Vec<u64>,
    /// The local memory of the group that runs.
    pub tile: Tile,
    /// The failure of each work-item that has one; once the launch is over those that may be reported.
    pub failures: Vec<Failure>,
    pub n_steps: usize,
    /// The work-item that runs.
    pub item: usize,
}

/// Runs all of it; `None` if it takes too long or is not a valid program.
pub fn run(program: &Program) -> Option<Machine<'_>> {
    let n_items = program.shape.n_items();
    let mut machine = Machine {
        program,
        outputs: program.outputs.iter().map(|element| vec![element.zero(); n_items]).collect(),
        cells: program.cells.as_ref().map(|cells| cells.contents.clone()).unwrap_or_default(),
        tile: Tile::default(),
        failures: Vec::new(),
        n_steps: 0,
        item: 0,
    };
    let shape = program.shape;
    for group in 0..n_items / shape.group() {
        machine.tile = Tile::new(shape.group());
        let items = (0..n_items).filter(|item| shape.in_group(*item).0 == group);
        let mut items: Vec<Frame> = items.map(|item| Frame::of_item(program, item)).collect();
        machine.together(&mut items, &program.body)?;
    }
    machine.finish();
    Some(machine)
}

impl Frame {
    fn of_item(program: &Program, item: usize) -> Frame {
        let mut locals = vec![None; usize::from(program.n_locals)];
        locals[usize::from(POSITION)] = Some(Value::Bits(item as u64));
        locals[usize::from(POSITION_IN_GROUP)] = Some(Value::Bits(program.shape.in_group(item).1 as u64));
        for (local, _, value) in &program.captures {
            locals[usize::from(*local)] = Some(value.clone());
        }
        let accessors = (0..program.n_accessors()).collect();
        Frame { locals, closures: Vec::new(), windows: Vec::new(), accessors, item, is_over: false }
    }
}

impl Machine<'_> {
    /// What the buffers hold in the end: the scalars of all elements.
    pub fn results(self) -> Vec<Vec<u64>> {
        let cells = self.program.cells.as_ref().map(|_| self.cells);
        let leaves = |values: Vec<Value>| values.iter().flat_map(Value::leaves).collect();
        self.outputs.into_iter().map(leaves).chain(cells).collect()
    }

    /// Runs statements that every work-item reaches, until they leave a loop together.
    fn together(&mut self, items: &mut [Frame], statements: &[Statement]) -> Option<Course> {
        for statement in statements {
            let course = self.together_one(items, statement)?;
            if course != Course::On {
                return Some(course);
            }
        }
        Some(Course::On)
    }

    fn together_one(&mut self, items: &mut [Frame], statement: &Statement) -> Option<Course> {
        match statement {
            Statement::Let {
                local,
                value: Some(Expression { kind: Kind::Group(group, operands, site), ty }),
                ..
            } => {
                let results = self.of_group(items, *group, operands, *site, ty)?;
                for (frame, result) in items.iter_mut().zip(results) {
                    frame.locals[usize::from(*local)] = Some(result);
                }
                Some(Course::On)
            }
            Statement::Expression(Expression { kind, .. }) if has_barrier(statement) => {
                self.parallel(items, kind)
            }
            _ => self.each_alike(items, statement),
        }
    }

    /// Runs a statement in every work-item, after which all of them go the same way.
    fn each_alike(&mut self, items: &mut [Frame], statement: &Statement) -> Option<Course> {
        let mut common = None;
        self.each(items, |machine, frame| {
            let course = match machine.statement(frame, statement) {
                Ok(()) => Course::On,
                Err(Flow::Return(_)) => {
                    frame.is_over = true;
                    return Some(());
                }
                // What others read of a work-item that has ended is left open.
                Err(Flow::Ended) if machine.program.tile.is_none() => {
                    frame.is_over = true;
                    return Some(());
                }
                Err(Flow::Break(id, Value::Unit)) => Course::Break(id),
                Err(Flow::Continue(id)) => Course::Continue(id),
                Err(_) => return None,
            };
            (*common.get_or_insert(course) == course).then_some(())
        })?;
        Some(common.unwrap_or(Course::On))
    }

    fn each(
        &mut self,
        items: &mut [Frame],
        mut run: impl FnMut(&mut Self, &mut Frame) -> Option<()>,
    ) -> Option<()> {
        for frame in items.iter_mut().filter(|frame| !frame.is_over) {
            self.item = frame.item;
            run(self, frame)?;
        }
        Some(())
    }

    /// A construct with barriers inside, whose conditions are the same for all work-items.
    fn parallel(&mut self, items: &mut [Frame], kind: &Kind) -> Option<Course> {
        match kind {
            Kind::Barrier => {
                self.tile.barrier();
                Some(Course::On)
            }
            Kind::If(condition, then, otherwise) => {
                let holds = self.uniform(items, condition)?;
                match otherwise {
                    _ if holds == 1 => self.together(items, &then.statements),
                    Some(Block { statements, .. }) => self.together(items, statements),
                    None => Some(Course::On),
                }
            }
            Kind::For { id, local, bounds, body, .. } => {
                let (start, end) = (self.uniform(items, &bounds[0])?, self.uniform(items, &bounds[1])?);
                for counter in start..end {
                    self.assign_all(items, *local, counter);
                    if let Some(after) = self.round_of_all(items, *id, body)? {
                        return Some(after);
                    }
                }
                Some(Course::On)
            }
            Kind::While(id, condition, body) => {
                while self.uniform(items, condition)? == 1 {
                    if let Some(after) = self.round_of_all(items, *id, body)? {
                        return Some(after);
                    }
                }
                Some(Course::On)
            }
            Kind::Loop(id, body) => loop {
                if let Some(after) = self.round_of_all(items, *id, body)? {
                    return Some(after);
                }
            },
            _ => None,
        }
    }

    /// One round of a loop with barriers; how it goes on behind the loop if it ends with this.
    fn round_of_all(&mut self, items: &mut [Frame], id: LoopId, body: &Block) -> Option<Option<Course>> {
        self.n_steps += 1;
        if self.n_steps > STEP_LIMIT {
            return None;
        }
        Some(match self.together(items, &body.statements)? {
            Course::On => None,
            Course::Continue(target) if target == id => None,
            Course::Break(target) if target == id => Some(Course::On),
            other => Some(other),
        })
    }

    /// A value of every work-item.
    pub fn values(&mut self, items: &mut [Frame], expression: &Expression) -> Option<Vec<Value>> {
        let mut found = Vec::new();
        self.each(items, |machine, frame| {
            found.push(machine.evaluate(frame, expression).ok()?);
            Some(())
        })?;
        Some(found)
    }

    fn assign_all(&self, items: &mut [Frame], local: Local, bits: u64) {
        for frame in items {
            frame.locals[usize::from(local)] = Some(Value::Bits(bits));
        }
    }

    /// A scalar that is the same in every work-item.
    fn uniform(&mut self, items: &mut [Frame], expression: &Expression) -> Option<u64> {
        let values = self.values(items, expression)?;
        let first = values.first()?;
        values.iter().all(|value| value == first).then(|| first.bits())?
    }

    /// Remembers a failed check, unless one of this work-item is known.
    pub fn fail(&mut self, site: Site, found: Found) {
        if self.failures.iter().all(|failure| failure.item != self.item) {
            self.failures.push(Failure { site, found, item: self.item });
        }
    }

    /// Of several failures of one group the first work-item's is reported.
    fn finish(&mut self) {
        self.failures.sort_by_key(|failure| failure.item);
        if self.program.shape.group() == self.program.shape.n_items() {
            self.failures.truncate(1);
        }
    }
}

//! Finds barriers that not every work-item of a group may reach.
//!
//! Conservative: what depends on an item's id, on memory, or on a variable assigned under such a condition may differ
//! between the work-items of a group, and no barrier may stand where such a condition decides.

use super::ir::*;
use super::*;

/// Checks every barrier of a module.
pub(super) fn check(module: &Module) -> Result<()> {
    for function in module.functions.iter().chain([&module.kernel]) {
        if function.has_barrier {
            Walk::new(module, function).run()?;
        }
    }
    Ok(())
}

/// Which variables of a function may differ between the work-items of a group.
pub(super) fn varying(module: &Module, function: &Function) -> Result<Vec<bool>> {
    let mut walk = Walk::new(module, function);
    walk.settle()?;
    Ok(walk.varying)
}

/// Where the work-items of a group may have parted, and where that was decided.
#[derive(Clone, Copy, Default)]
struct Parting(Option<Line>);

impl Parting {
    fn or(self, other: Parting) -> Parting {
        Parting(self.0.or(other.0))
    }
}

/// Whether a value may differ between the work-items of a group.
pub(super) fn differs(value: &Value, varying: &[bool]) -> bool {
    value.any(&mut |part| match &part.node {
        Node::Variable(variable) => varying[*variable],
        Node::Query(Query::GlobalId(_) | Query::LocalId(_)) => true,
        Node::Load(..) | Node::Atomic(..) | Node::Call(..) | Node::AtomicReference(..) => true,
        _ => false,
    })
}

struct Walk<'m> {
    module: &'m Module,
    function: &'m Function,
    /// Which variables may differ between work-items.
    varying: Vec<bool>,
    /// Since when some work-items may have returned.
    returned: Parting,
    /// Loops around, innermost last: number, whether some may have left it, whether some may have skipped on.
    loops: Vec<(usize, Parting, Parting)>,
    /// Where the current statement comes from, which may be a function that was lowered in the place of a call.
    line: Line,
    has_changed: bool,
    /// Whether varying variables are all known, so that barriers may be judged.
    judges: bool,
}

impl<'m> Walk<'m> {
    fn new(module: &'m Module, function: &'m Function) -> Self {
        let mut varying = vec![false; function.variables.len()];
        let is_kernel = std::ptr::eq(function, &module.kernel);
        for parameter in function.parameters.iter().filter(|_| !is_kernel) {
            if let Parameter::Variable(variable) = parameter {
                varying[*variable] = true;
            }
        }
        Walk {
            module,
            function,
            varying,
            returned: Parting::default(),
            loops: Vec::new(),
            line: Line { file: function.file, number: function.line },
            has_changed: true,
            judges: false,
        }
    }

    fn run(mut self) -> Result<()> {
        self.settle()?;
        self.judges = true;
        self.pass()
    }

    fn settle(&mut self) -> Result<()> {
        while self.has_changed {
            self.has_changed = false;
            self.pass()?;
        }
        Ok(())
    }

    fn pass(&mut self) -> Result<()> {
        self.returned = Parting::default();
        self.code(&self.function.body, Parting::default())
    }

    fn differs(&self, value: &Value) -> bool {
        differs(value, &self.varying)
    }

    /// Who may be missing here.
    fn missing(&self, parting: Parting) -> Parting {
        let loops =
            self.loops.iter().fold(Parting::default(), |all, (_, left, skipped)| all.or(*left).or(*skipped));
        parting.or(self.returned).or(loops)
    }

    fn assigned(&mut self, variable: VariableId, value: Option<&Value>, parting: Parting) {
        let differs = value.is_some_and(|value| self.differs(value)) || self.missing(parting).0.is_some();
        if differs && !self.varying[variable] {
            self.varying[variable] = true;
            self.has_changed = true;
        }
    }

    fn code(&mut self, code: &[Statement], parting: Parting) -> Result<()> {
        code.iter().try_for_each(|statement| self.statement(statement, parting))
    }

    fn statement(&mut self, statement: &Statement, parting: Parting) -> Result<()> {
        match statement {
            Statement::Line(line) => self.line = *line,
            Statement::Declare(variable, value) => {
                self.assigned(*variable, value.as_ref(), parting);
                return self.calls(value.as_ref(), parting);
            }
            Statement::Store(place, value) => {
                if let Root::Variable(variable) = place.root {
                    self.assigned(variable, Some(value), parting);
                    for index in place.path.iter().filter_map(Step::index) {
                        self.assigned(variable, Some(index), parting);
                    }
                }
                return self.calls(Some(value), parting);
            }
            Statement::Evaluate(value) => return self.calls(Some(value), parting),
            Statement::If(condition, then, otherwise) => {
                self.calls(Some(condition), parting)?;
                let inner = parting.or(self.parting_of(condition));
                self.code(then, inner)?;
                return self.code(otherwise, inner);
            }
            Statement::Loop { head, body, number, .. } => {
                return self.repetition(head, body, *number, parting);
            }
            Statement::Block { body, number, .. } => {
                self.loops.push((*number, Parting::default(), Parting::default()));
                self.code(body, parting)?;
                self.loops.pop();
            }
            Statement::Break(number, _) => self.escape(*number, parting, |frame| &mut frame.1),
            Statement::Continue(number, _) => self.escape(*number, parting, |frame| &mut frame.2),
            Statement::Return(_) => self.returned = self.returned.or(self.missing(parting)),
            Statement::Barrier => return self.judge(parting, "this barrier"),
            Statement::Collective(collective) => return self.collective(collective, parting),
            // Work-items that end go on to every barrier all the same: see `halt`.
            Statement::Fence
            | Statement::Trap { .. }
            | Statement::Print { .. }
            | Statement::LeaveIfHalted => {}
            Statement::UnlessHalted(code, _) => return self.code(code, parting),
        }
        Ok(())
    }

    /// What a whole work-group gets is the same for all of it.
    fn collective(&mut self, collective: &Collective, parting: Parting) -> Result<()> {
        let is_shared = collective.within == Within::Group
            && match &collective.operation {
                Operation::Reduce(_) => true,
                Operation::Gather(position) => !self.differs(position),
                Operation::Inclusive(_) | Operation::Exclusive(_) => false,
            };
        if !is_shared && !self.varying[collective.result] {
            self.varying[collective.result] = true;
            self.has_changed = true;
        }
        self.calls(Some(&collective.value), parting)?;
        self.judge(parting, "this operation over the group")
    }

    fn parting_of(&self, condition: &Value) -> Parting {
        Parting(self.differs(condition).then_some(self.line))
    }

    fn escape(
        &mut self,
        number: usize,
        parting: Parting,
        which: fn(&mut (usize, Parting, Parting)) -> &mut Parting,
    ) {
        let missing = self.missing(parting);
        if let Some(frame) = self.loops.iter_mut().find(|frame| frame.0 == number) {
            let place = which(frame);
            *place = place.or(missing);
        }
    }

    fn repetition(&mut self, head: &Head, body: &[Statement], number: usize, parting: Parting) -> Result<()> {
        let mut inner = parting;
        match head {
            Head::Forever => {}
            Head::While(condition) => {
                self.calls(Some(condition), parting)?;
                inner = parting.or(self.parting_of(condition));
            }
            Head::Count { variable, start, end, step, .. } => {
                for value in [start, end, step] {
                    self.assigned(*variable, Some(value), parting);
                    inner = inner.or(self.parting_of(value));
                }
            }
        }
        self.loops.push((number, Parting::default(), Parting::default()));
        // Judged only in the second round, when those who left in the first are missing.
        let judges = std::mem::replace(&mut self.judges, false);
        let line = self.line;
        self.code(body, inner)?;
        self.judges = judges;
        self.line = line;
        if let Some(frame) = self.loops.last_mut() {
            frame.2 = Parting::default();
        }
        self.code(body, inner)?;
        self.loops.pop();
        Ok(())
    }

    /// A call of a function with a barrier is as good as a barrier.
    fn calls(&self, value: Option<&Value>, parting: Parting) -> Result<()> {
        let Some(value) = value else { return Ok(()) };
        let mut called = None;
        value.any(&mut |part| {
            if let Node::Call(number, _) = part.node
                && self.module.functions[number].has_barrier
            {
                called = Some(number);
            }
            false
        });
        match called {
            Some(number) => {
                let name = &self.module.functions[number].name;
                self.judge(parting, &format!("the barrier in `{name}`, called here,"))
            }
            None => Ok(()),
        }
    }

    fn judge(&self, parting: Parting, what: &str) -> Result<()> {
        match self.missing(parting).0 {
            Some(Line { file, number }) if self.judges => Err(error(format!(
                "{}:{}: {what} may not be reached by every work-item of a group, because of the condition at \
                 {file}:{number}, which may differ between them; move the barrier out, or let the condition depend on \
                 captured scalars, ranges and constants only",
                self.line.file, self.line.number,
            ))),
            _ => Ok(()),
        }
    }
}

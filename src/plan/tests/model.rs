//! Random programs against a model that keeps the version of every single element in every memory.
//!
//! The model knows nothing of regions: it replays the steps in an arbitrary order that respects their wait lists, and
//! checks what each task finds.

mod pieces;
mod requests;

use super::lab::*;
use crate::geometry::Block;
use crate::plan::{
    Access, BufferId, BufferShape, Command, CommandKind, Plan, Planner, Step, StepId, StepKind, System,
    TaskId,
};
use crate::platform::{DeviceId, MemoryId};
use pieces::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use requests::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a task does to each element, as the table of combined requirements has it.
fn combined_uses(uses: &[(usize, Block, Access)]) -> BTreeMap<Element, Access> {
    let mut combined: BTreeMap<Element, Access> = BTreeMap::new();
    for (buffer, block, access) in uses {
        for element in elements(*buffer, block) {
            let entry = combined.entry(element).or_insert(*access);
            *entry = match (*entry, *access) {
                (Access::Discard, Access::Discard) => Access::Discard,
                (Access::Read, Access::Read) => Access::Read,
                (Access::Write | Access::Discard, Access::Write | Access::Discard) => Access::Write,
                _ => Access::ReadWrite,
            };
        }
    }
    combined
}

/// Whether the order of the parts of a request makes no difference.
fn commute(request: &Request, parts: &[Range<usize>]) -> bool {
    let uses: Vec<_> = parts.iter().map(|units| combined_uses(&request.part(units))).collect();
    let conflict = |one: &BTreeMap<Element, Access>, two: &BTreeMap<Element, Access>| {
        one.iter()
            .any(|(element, access)| two.get(element).is_some_and(|other| access.writes() || other.writes()))
    };
    (0..uses.len()).all(|one| (0..one).all(|two| !conflict(&uses[one], &uses[two])))
}

/// What one `Run` step of a planned command does.
struct PlannedPart {
    uses: BTreeMap<Element, Access>,
    /// What each use must find in one piece.
    blocks: Vec<(usize, Block)>,
}

impl PlannedPart {
    fn new(uses: &[(usize, Block, Access)]) -> Self {
        let blocks = uses.iter().map(|(buffer, block, _)| (*buffer, *block)).collect();
        PlannedPart { uses: combined_uses(uses), blocks }
    }
}

/// One planned command of a program.
struct Planned {
    memory: MemoryId,
    uses: BTreeMap<Element, Access>,
    /// By their steps.
    parts: BTreeMap<StepId, PlannedPart>,
    named: Option<TaskId>,
    plan: Plan,
}

/// What has memory on a device before anything is planned.
fn at_first() -> Vec<Piece> {
    vec![(1, Block::new([0; 3], EXTENTS[1]), MemoryId(1))]
}

/// A program as planned, with what the model knew when each command was submitted.
struct Program {
    buffers: Vec<BufferId>,
    planner: Planner,
    planned: Vec<Planned>,
    /// Where the current version of each element is, in the order of submission.
    current: BTreeMap<Element, BTreeSet<MemoryId>>,
    settled: StepId,
    /// What has memory on a device, and how many bytes that may be on each, if it is limited.
    held: Vec<Piece>,
    budget: Option<usize>,
}

impl Program {
    fn new(budget: Option<usize>) -> Self {
        let mut planner = Planner::new(System::new((1..MEMORIES).map(|m| (MemoryId(m), DeviceId(m)))));
        (1..MEMORIES).for_each(|memory| planner.set_budget(MemoryId(memory), budget));
        let mut current = BTreeMap::new();
        let mut buffers = Vec::new();
        for (position, extent) in EXTENTS.into_iter().enumerate() {
            let initialized_in = (position < 2).then_some(MemoryId(position as u16));
            let name = format!("b{position}");
            buffers.push(planner.register(BufferShape {
                extent,
                element_bytes: 4,
                initialized_in,
                imported_in: None,
                name,
            }));
            for element in elements(position, &Block::new([0; 3], extent)) {
                current.insert(element, initialized_in.into_iter().collect::<BTreeSet<_>>());
            }
        }
        Program {
            buffers,
            planner,
            planned: Vec::new(),
            current,
            settled: StepId(1),
            held: at_first(),
            budget,
        }
    }

    /// Submits a command, and says whether it was planned.
    fn submit(&mut self, request: &Request) -> Result<bool, TestCaseError> {
        if request.settle
            && let Some(last) = self.planned.last()
        {
            self.settled = StepId(last.plan.run.0 + 1);
            self.planner.settle(self.settled);
        }
        let named =
            request.after.and_then(|back| self.planned.iter().rev().nth(back - 1)).map(|p| p.plan.task);
        let memory = MemoryId(request.memory);
        let buffers = self.buffers.clone();
        let units = Units(request, &buffers);
        let mut command: Command = command(CommandKind::Launch, "k", memory, &units.of(&request.uses));
        command.after.extend(named);
        let uses = combined_uses(&request.uses);
        let reads_unwritten = uses.iter().any(|(element, access)| {
            matches!(access, Access::Read | Access::ReadWrite) && self.current[element].is_empty()
        });
        let is_wide = |uses: &[(usize, Block, Access)]| {
            memory != MemoryId::HOST && self.budget.is_some_and(|budget| least_bytes(uses) > budget)
        };
        let smallest: Vec<_> = (0..N_UNITS).map(|unit| unit..unit + 1).collect();
        let planned = self.planner.plan_divisible(&command, &units);
        match planned {
            Err(error) => {
                let fits_in_parts = request.parts.is_some()
                    && smallest.iter().all(|unit| !is_wide(&request.part(unit)))
                    && commute(request, &smallest);
                let is_wide = is_wide(&request.uses) && !fits_in_parts;
                prop_assert!(reads_unwritten || is_wide, "refused without reason: {}", error);
                Ok(false)
            }
            Ok((plan, parts)) => {
                prop_assert!(!reads_unwritten, "a read of unwritten elements was planned: {}", plan);
                prop_assert_eq!(!parts.is_empty(), is_wide(&request.uses));
                let parts: Vec<_> = parts.into_iter().map(|part| part.units).collect();
                prop_assert!(commute(request, &parts), "parts get into each other's way: {}", plan);
                let parts = self.check_parts(memory, request, &parts, &uses, &plan)?;
                self.planned.push(Planned { memory, uses, parts, named, plan });
                Ok(true)
            }
        }
    }

    /// Holds that each part of a command copies what it must, and says which steps do what.
    fn check_parts(
        &mut self,
        memory: MemoryId,
        request: &Request,
        parts: &[Range<usize>],
        uses: &BTreeMap<Element, Access>,
        plan: &Plan,
    ) -> Result<BTreeMap<StepId, PlannedPart>, TestCaseError> {
        let discarded =
            || uses.iter().filter(|(_, access)| **access == Access::Discard).map(|(element, _)| element);
        if !parts.is_empty() {
            discarded().for_each(|element| self.current.get_mut(element).expect("it exists").clear());
        }
        let ends = parts.iter().map(|units| units.end);
        prop_assert!(parts.is_empty() || ends.clone().next_back() == Some(N_UNITS));
        let starts: Vec<_> = parts.iter().map(|units| units.start).collect();
        prop_assert!(std::iter::once(0).chain(ends).take(parts.len()).eq(starts), "units are left out");
        let uses_of_parts: Vec<_> = match parts {
            [] => vec![request.uses.clone()],
            parts => parts.iter().map(|units| request.part(units)).collect(),
        };
        let mut steps = plan.steps.split_inclusive(|step| step.kind == StepKind::Run);
        let mut found = BTreeMap::new();
        for uses in &uses_of_parts {
            let steps = steps.next().unwrap_or_default();
            let part = Plan { steps: steps.into(), ..plan.clone() };
            let saved = self.check_releases(memory, uses, &part)?;
            let planned = PlannedPart::new(uses);
            self.check_copies(memory, &planned.uses, &part, saved)?;
            found.extend(steps.last().map(|run| (run.id, planned)));
        }
        prop_assert!(steps.next().is_none());
        prop_assert_eq!(found.last_key_value().map(|(run, _)| *run), Some(plan.run));
        if memory != MemoryId::HOST {
            prop_assert_eq!(self.planner.held(memory).held_bytes, held_bytes(&self.held, memory));
        }
        for element in discarded() {
            let places = self.current.get_mut(element).expect("it exists");
            if places.is_empty() {
                places.insert(MemoryId::HOST);
            }
        }
        Ok(found)
    }

    /// Holds that buffers give up memory only where they must, and says what must be copied before they do.
    fn check_releases(
        &mut self,
        memory: MemoryId,
        uses: &[(usize, Block, Access)],
        plan: &Plan,
    ) -> Result<BTreeSet<(Element, MemoryId)>, TestCaseError> {
        let mut saved = BTreeSet::new();
        let most_bytes = self.budget.unwrap_or(usize::MAX);
        let there_bytes = held_bytes(&self.held, memory);
        let mut left: Vec<Piece> = Vec::new();
        for step in &plan.steps {
            match step.kind {
                StepKind::Reserve { buffer, memory: place, piece } => {
                    let piece = (self.position(buffer), piece, place);
                    prop_assert_eq!(around(piece.0, &piece.1), piece.1, "it has gaps");
                    prop_assert!(!self.held.iter().any(|other| overlap(other, &piece)), "{}", plan);
                    self.held.push(piece);
                }
                StepKind::Release { buffer, memory: place, piece } => {
                    let piece = (self.position(buffer), piece, place);
                    let position = self.held.iter().position(|other| *other == piece);
                    prop_assert!(position.is_some_and(|position| self.held.remove(position) == piece));
                    saved.extend(self.leave(&piece));
                    left.push(piece);
                }
                _ => {}
            }
            prop_assert!(left.iter().all(|piece| piece.2 == memory), "{}", plan);
        }
        if memory == MemoryId::HOST {
            return Ok(saved);
        }
        let stood: Vec<Piece> = self.held.clone();
        for (buffer, block, _) in uses {
            stand(&mut self.held, *buffer, block, memory)?;
        }
        let new: Vec<Piece> = self.held[stood.len()..].to_vec();
        let reserved = plan.steps.iter().filter_map(|step| match step.kind {
            StepKind::Reserve { buffer, memory, piece } => Some((self.position(buffer), piece, memory)),
            _ => None,
        });
        let new: Vec<Piece> = new.into_iter().chain(reserved).collect();
        for piece in &left {
            let too_many = there_bytes + size_bytes(&new) > most_bytes;
            prop_assert!(too_many || new.iter().any(|new| overlap(new, piece)), "needless: {}", plan);
        }
        prop_assert!(held_bytes(&self.held, memory) <= most_bytes);
        Ok(saved)
    }

    /// Takes the memory of a piece away, and says what must be copied before.
    fn leave(&mut self, (buffer, block, memory): &Piece) -> BTreeSet<(Element, MemoryId)> {
        let mut saved = BTreeSet::new();
        for element in elements(*buffer, block) {
            let places = self.current.get_mut(&element).expect("the element exists");
            if places.remove(memory) && places.is_empty() {
                places.insert(MemoryId::HOST);
                saved.insert((element, MemoryId::HOST));
            }
        }
        saved
    }

    /// Holds that a plan copies and zeroes each element that needs it once, and no other, and updates `current`.
    fn check_copies(
        &mut self,
        memory: MemoryId,
        uses: &BTreeMap<Element, Access>,
        plan: &Plan,
        mut expected: BTreeSet<(Element, MemoryId)>,
    ) -> Result<(), TestCaseError> {
        let mut zeroed: BTreeSet<Element> = BTreeSet::new();
        for (&element, &access) in uses.iter().filter(|(_, access)| **access != Access::Discard) {
            let places = self.current.get_mut(&element).expect("the element exists");
            if places.is_empty() {
                if access == Access::Write {
                    zeroed.insert(element);
                }
                continue;
            }
            if places.contains(&memory) {
                continue;
            }
            expected.extend(
                [MemoryId::HOST, memory].into_iter().filter(|&to| places.insert(to)).map(|to| (element, to)),
            );
        }
        let mut copied = Vec::new();
        let mut zeroes = Vec::new();
        for step in &plan.steps {
            match step.kind {
                StepKind::Copy { buffer, from, to, block } => {
                    prop_assert!((from == MemoryId::HOST) != (to == MemoryId::HOST));
                    prop_assert_eq!(step.device.0, from.0.max(to.0));
                    copied.extend(elements(self.position(buffer), &block).map(|element| (element, to)));
                }
                StepKind::Zero { buffer, memory: place, block } => {
                    prop_assert_eq!(place, memory);
                    zeroes.extend(elements(self.position(buffer), &block));
                }
                StepKind::Reserve { .. } | StepKind::Release { .. } => {}
                StepKind::Run => {}
            }
        }
        prop_assert_eq!(copied.len(), expected.len(), "copied twice or needlessly: {}", plan);
        prop_assert_eq!(copied.into_iter().collect::<BTreeSet<_>>(), expected, "{}", plan);
        prop_assert_eq!(zeroes.len(), zeroed.len());
        prop_assert_eq!(zeroes.into_iter().collect::<BTreeSet<_>>(), zeroed);
        for (element, _) in uses.iter().filter(|(_, access)| access.writes()) {
            self.current.insert(*element, BTreeSet::from([memory]));
        }
        Ok(())
    }

    fn is_release(&self, id: StepId) -> bool {
        let steps = self.planned.iter().flat_map(|planned| &planned.plan.steps);
        steps.into_iter().any(|step| step.id == id && matches!(step.kind, StepKind::Release { .. }))
    }

    fn position(&self, buffer: BufferId) -> usize {
        self.buffers.iter().position(|&other| other == buffer).expect("the buffer exists")
    }

    /// Holds that a task waits, perhaps through others, for exactly those earlier ones that it must.
    fn check_order(&self) -> Result<(), TestCaseError> {
        let mut found: Vec<BTreeSet<usize>> = Vec::new();
        let mut wanted: Vec<BTreeSet<usize>> = Vec::new();
        let by_task: BTreeMap<TaskId, usize> = self
            .planned
            .iter()
            .enumerate()
            .map(|(position, planned)| (planned.plan.task, position))
            .collect();
        for (position, planned) in self.planned.iter().enumerate() {
            let direct = planned.plan.dependencies.iter().map(|task| by_task[task]);
            found.push(closure(direct, &found));
            let conflicting = (0..position).filter(|&earlier| must_wait(planned, &self.planned[earlier]));
            wanted.push(closure(conflicting, &wanted));
            let waits: BTreeSet<_> = planned.plan.dependencies.iter().collect();
            prop_assert_eq!(waits.len(), planned.plan.dependencies.len(), "a dependency is listed twice");
        }
        match self.budget {
            None => prop_assert_eq!(found, wanted),
            // Who makes a buffer leave uses it, too.
            Some(_) => {
                prop_assert!(found.iter().zip(&wanted).all(|(found, wanted)| found.is_superset(wanted)))
            }
        }
        Ok(())
    }

    /// Replays all steps in an order drawn from `choices` and holds that every task finds what it must.
    fn check_replay(&self, choices: &[usize]) -> Result<(), TestCaseError> {
        let mut versions: BTreeMap<(Element, MemoryId), u64> = BTreeMap::new();
        for (position, extent) in EXTENTS.into_iter().enumerate().take(2) {
            for element in elements(position, &Block::new([0; 3], extent)) {
                versions.insert((element, MemoryId(position as u16)), 0);
            }
        }
        // In each memory the version of an element: the task that wrote it, zero for initial bytes and for zeroes.
        let mut latest: BTreeMap<Element, u64> = BTreeMap::new();
        let mut wanted: BTreeMap<(TaskId, Element), u64> = BTreeMap::new();
        for planned in &self.planned {
            for (&element, access) in &planned.uses {
                wanted.insert((planned.plan.task, element), latest.get(&element).copied().unwrap_or(0));
                if access.writes() {
                    latest.insert(element, planned.plan.task.0);
                }
            }
        }
        let mut held = at_first();
        for (step, planned) in self.shuffled(choices)? {
            self.check_held(&mut held, step, planned)?;
            match step.kind {
                StepKind::Reserve { .. } => {}
                StepKind::Release { buffer, memory, piece } => {
                    let gone = elements(self.position(buffer), &piece);
                    gone.for_each(|element| _ = versions.remove(&(element, memory)));
                }
                StepKind::Zero { buffer, memory, block } => {
                    let touched = elements(self.position(buffer), &block);
                    versions.extend(touched.map(|element| ((element, memory), 0)));
                }
                StepKind::Copy { buffer, from, to, block } => {
                    for element in elements(self.position(buffer), &block) {
                        let version = versions.get(&(element, from)).copied();
                        prop_assert!(version.is_some(), "nothing to copy: {}", step);
                        versions.extend(version.map(|version| ((element, to), version)));
                    }
                }
                StepKind::Run => {
                    for (&element, &access) in &planned.parts[&step.id].uses {
                        let place = (element, planned.memory);
                        // Memory 2 starts as zeroes, which count as written when they are written in part.
                        let blank = (access == Access::Write && planned.memory == MemoryId(2)).then_some(0);
                        let version = versions.get(&place).copied().or(blank);
                        if access != Access::Discard {
                            let wanted = wanted[&(planned.plan.task, element)];
                            prop_assert_eq!(
                                version,
                                Some(wanted),
                                "task {:?} at {:?}",
                                planned.plan.task,
                                element
                            );
                        }
                        if access.writes() {
                            versions.insert(place, planned.plan.task.0);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Keeps account of what has memory on a device while a step is at work, and holds that it is never more than may be and
    /// that the step finds all that it touches of a buffer in one piece.
    fn check_held(&self, held: &mut Vec<Piece>, step: &Step, planned: &Planned) -> Result<(), TestCaseError> {
        let mut touched = Vec::new();
        match step.kind {
            StepKind::Reserve { buffer, memory, piece } => {
                let piece = (self.position(buffer), piece, memory);
                prop_assert!(!held.iter().any(|other| overlap(other, &piece)), "{} overlaps", step);
                held.push(piece);
            }
            StepKind::Release { buffer, memory, piece } => {
                let piece = (self.position(buffer), piece, memory);
                held.retain(|other| *other != piece);
            }
            StepKind::Zero { buffer, memory, block } => touched.push((self.position(buffer), block, memory)),
            StepKind::Copy { buffer, from, to, block } => {
                touched.extend([from, to].map(|memory| (self.position(buffer), block, memory)));
            }
            StepKind::Run => {
                let uses = planned.parts[&step.id].blocks.iter();
                touched.extend(uses.map(|(buffer, block)| (*buffer, *block, planned.memory)));
            }
        }
        for (buffer, block, memory) in touched.into_iter().filter(|(_, _, memory)| *memory != MemoryId::HOST)
        {
            stand(held, buffer, &block, memory)?;
        }
        for memory in (1..MEMORIES).map(MemoryId) {
            // What was there at first may be more.
            let first = at_first().into_iter().filter(|piece| piece.2 == memory && held.contains(piece));
            let most = self.budget.unwrap_or(usize::MAX).max(size_bytes(&first.collect::<Vec<_>>()));
            prop_assert!(held_bytes(held, memory) <= most, "too much in {} after {}", memory, step);
        }
        Ok(())
    }

    /// All steps in an order that respects their wait lists, with the task of each.
    fn shuffled(&self, choices: &[usize]) -> Result<Vec<(&Step, &Planned)>, TestCaseError> {
        let mut waiting: Vec<(&Step, &Planned)> = self
            .planned
            .iter()
            .flat_map(|planned| planned.plan.steps.iter().map(move |step| (step, planned)))
            .collect();
        // What was settled when a step was planned was complete before it, so it must not wait in vain.
        let known: BTreeSet<StepId> = waiting.iter().map(|(step, _)| step.id).collect();
        let mut complete: BTreeSet<StepId> = BTreeSet::new();
        let mut order = Vec::new();
        for round in 0.. {
            if waiting.is_empty() {
                break;
            }
            let ready: Vec<usize> = (0..waiting.len())
                .filter(|&at| waiting[at].0.after.iter().all(|step| complete.contains(step)))
                .collect();
            prop_assert!(!ready.is_empty(), "the steps wait in a circle");
            let chosen = ready[choices[round % choices.len()] % ready.len()];
            let (step, planned) = waiting.remove(chosen);
            prop_assert!(step.after.iter().all(|before| *before < step.id && known.contains(before)));
            complete.insert(step.id);
            order.push((step, planned));
        }
        Ok(order)
    }
}

fn closure(direct: impl Iterator<Item = usize>, before: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    for position in direct {
        all.insert(position);
        all.extend(&before[position]);
    }
    all
}

/// Whether `later` conflicts with `earlier` or names it.
fn must_wait(later: &Planned, earlier: &Planned) -> bool {
    let conflicts = later.uses.iter().any(|(element, access)| {
        earlier.uses.get(element).is_some_and(|before| access.writes() || before.writes())
    });
    conflicts || later.named == Some(earlier.plan.task)
}

/// How many random programs are tried by each test: `FALX_PROGRAMS` says so, as `scripts/test` does.
fn n_programs() -> u32 {
    std::env::var("FALX_PROGRAMS").ok().and_then(|number| number.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: n_programs(),
        rng_seed: RngSeed::Fixed(0x5eed),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_programs_move_what_they_must_and_see_current_bytes_in_any_order(
        requests in proptest::collection::vec(request(), 1..24),
        choices in proptest::collection::vec(any::<usize>(), 64),
        budget in budget(),
    ) {
        let mut program = Program::new(budget);
        for request in &requests {
            program.submit(&Request { settle: false, ..request.clone() })?;
        }
        program.check_order()?;
        program.check_replay(&choices)?;
        for (element, places) in &program.current {
            let block = Block::new(element.1, element.1.map(|index| index + 1));
            for memory in (0..MEMORIES).map(MemoryId) {
                let valid = program.planner.current_in(program.buffers[element.0], Some(memory), &block) == block.size();
                prop_assert_eq!(valid, places.contains(&memory));
            }
        }
    }

    #[test]
    fn settling_changes_no_copy_and_only_drops_what_is_complete(
        requests in proptest::collection::vec(request(), 1..40),
        budget in budget(),
    ) {
        let (mut settling, mut pending) = (Program::new(budget), Program::new(budget));
        for request in &requests {
            let planned = settling.submit(request)?;
            prop_assert_eq!(pending.submit(&Request { settle: false, ..request.clone() })?, planned);
            let last = settling.planned.last().zip(pending.planned.last());
            let Some((one, two)) = last.filter(|_| planned) else { continue };
            let mut expected = two.plan.clone();
            expected.dependencies.retain(|task| task.0 >= settling.settled.0);
            for (step, settled) in expected.steps.iter_mut().zip(&one.plan.steps) {
                // Who knows that some room is there already need not wait for more of it.
                let spares = |before: &StepId| pending.is_release(*before) && !settled.after.contains(before);
                step.after.retain(|before| *before >= settling.settled && !spares(before));
            }
            prop_assert_eq!(&one.plan, &expected);
        }
    }
}
